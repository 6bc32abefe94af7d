'use strict';

const { checkActor, checkReader } = require('./guard.js');
const { readBody } = require('./body.js');
const { send } = require('./handler.js');
const { RefusalLog } = require('./refusal-log.js');
const { Refusal, SAFE_HEADERS, json } = require('./refusal.js');
const { ROUTES } = require('./routes.js');
const { Turns } = require('./turns.js');

/** Streams that may be open at a time. */
const MOST_STREAMS = 16;

const NO_ROUTE = 'No such route, or it is not enabled: see the option "enable" of createMemoryRouter';
/** Statuses of refusals that nobody needs to know of: crawlers cause them all the time. */
const MISTAKES = [404, 405];
const METHODS = { read: ['GET', 'HEAD'], page: ['GET', 'HEAD'], stream: ['GET'], action: ['POST'] };

/**
 * What a request asks for, whichever framework it came through.
 *
 * @typedef {object} Asked
 * @property {import('node:http').IncomingMessage} raw
 * @property {object} request what `authorize` is given: the framework's own
 * @property {string} basePath where the routes begin, as the client sees it
 * @property {string} path below that
 */

/**
 * An answer: a status, headers and a body; or `open(request, response)`, which writes one as long as it likes.
 *
 * @typedef {{ status: number, headers: Record<string, string>, body?: string, open?: Function }} Answer
 */

/** Answers requests; knows no framework. */
class MemoryRouter {
  #options;
  #sources;
  #log;
  #turns;
  #routes;
  #streams = new Set();
  #closed = false;

  /** @param {object} options complete @param {object} sources as in sources.js */
  constructor(options, sources) {
    this.#options = options;
    this.#sources = { ...sources, options };
    this.#log = new RefusalLog(options.logger, sources.now);
    this.#turns = new Turns(options.actionIntervalMs, sources.now);
    const served = ROUTES.filter(({ group, needs }) => options.enable.includes(group) && (!needs || options[needs] !== null));
    this.#routes = new Map(served.map((route) => [route.path, route]));
  }

  get basePath() {
    return this.#options.basePath;
  }

  /** Never rejects. @param {Asked} asked @returns {Promise<Answer>} */
  async answer(asked) {
    const route = this.#routes.get(asked.path);
    try {
      return await this.#serve(route, asked);
    } catch (error) {
      return this.#refuse(route, asked, error);
    }
  }

  /** Ends every stream; no request is answered any more but with 503. */
  close() {
    this.#closed = true;
    for (const end of this.#streams) end();
    this.#streams.clear();
  }

  #checkOpen() {
    if (this.#closed) throw new Refusal(503, 'closed', 'The memory router was closed');
  }

  async #serve(route, asked) {
    this.#checkOpen();
    if (!route) throw new Refusal(404, 'not_found', NO_ROUTE);
    const { method } = asked.raw;
    const methods = [...METHODS[route.kind], 'OPTIONS'];
    const Allow = methods.join(', ');
    if (!methods.includes(method)) throw new Refusal(405, 'method_not_allowed', `Allowed: ${Allow}`, { Allow });
    if (method === 'OPTIONS') return { status: 204, headers: { ...SAFE_HEADERS, Allow }, body: '' };
    if (route.kind === 'action') return this.#act(route, asked);
    await checkReader(asked, this.#options);
    if (route.kind === 'stream') return { status: 200, headers: SAFE_HEADERS, open: (...to) => this.#open(route, asked, to) };
    return this.#read(route, asked);
  }

  async #act({ path, fields, answer }, asked) {
    await checkActor(asked, this.#options);
    const body = await readBody(asked.raw, fields, this.#sources.bodyTimeoutMs);
    return json(await this.#turns.take(path, () => answer(this.#sources, body)));
  }

  async #read({ kind, answer }, { raw, basePath }) {
    const found = await answer({ ...this.#sources, query: queryOf(raw.url), basePath, routes: this.#routes });
    if (kind === 'read') return json(found);
    return { status: 200, headers: { ...SAFE_HEADERS, ...found.headers }, body: found.body };
  }

  /** Opens a stream, or refuses: only now it is known how many there are. */
  #open(route, asked, [request, response]) {
    try {
      this.#checkOpen();
      if (this.#streams.size >= MOST_STREAMS) throw new Refusal(503, 'busy', `${MOST_STREAMS} streams are open already`);
      const end = route.open(request, response, this.#sources);
      this.#streams.add(end);
      response.once('close', () => this.#streams.delete(end));
    } catch (error) {
      const answer = this.#refuse(route, asked, error);
      if (response.headersSent) response.destroy();
      else send(answer, request, response);
    }
  }

  #refuse(route, { raw }, error) {
    const name = route?.path.slice(1) ?? 'a path that is not served';
    const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal', "The answer could not be made; the program's log says why");
    if (refusal !== error) this.#log.failed(name, error);
    else if (!MISTAKES.includes(refusal.status)) this.#log.refused(name, refusal, raw.socket?.remoteAddress);
    // What was not read is not waited for, and never read.
    if (raw.method === 'POST' && !raw.complete && raw.httpVersionMajor === 1) refusal.headers = { ...refusal.headers, Connection: 'close' };
    return refusal.toAnswer();
  }
}

const queryOf = (url) => new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');

module.exports = { MemoryRouter };
