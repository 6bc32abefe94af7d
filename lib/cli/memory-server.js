'use strict';

const { Failure, USAGE } = require('./failure.js');
const { parsePlain, plain } = require('./plain.js');

/** Where the endpoints are when the address says nothing. */
const BASE_PATH = '/api/memory';
/** Milliseconds until the headers of an answer: a forced collection may take seconds. */
const LONGEST_MS = 30_000;
const LONGEST_TEXT = 300;

/** The beginning of the addresses of the endpoints, without a slash at its end. */
function baseOf(url) {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (!/^https?:$/.test(base?.protocol)) throw new Failure(`${plain(url)} is no address of a server, as http://localhost:3000.`, USAGE);
  if (base.username || base.password) {
    throw new Failure('Give no password in the address: --token, or PGTAP_MEMORY_TOKEN, is sent as a bearer.', USAGE);
  }
  const path = base.pathname.replace(/\/+$/, '');
  return `${base.origin}${path || BASE_PATH}`;
}

/** The error that the text of an answer tells of: `{ code, message }`, each null when it is not told. */
function errorOf(text) {
  try {
    const { code, message } = parsePlain(text).error;
    return { code: typeof code === 'string' ? code : null, message: typeof message === 'string' ? message.slice(0, LONGEST_TEXT) : null };
  } catch {
    return { code: null, message: null };
  }
}

const HINTS = {
  401: '\nGive its token with --token or PGTAP_MEMORY_TOKEN.',
  403: '\nGive a token that it accepts with --token or PGTAP_MEMORY_TOKEN.',
  404: '\nIs the router of pgtap-scanner/memory/http mounted there? Its path belongs to the address: http://localhost:3000/api/memory',
};

/** The endpoints of a running server. */
class MemoryServer {
  #headers;

  constructor(url, { token = process.env.PGTAP_MEMORY_TOKEN } = {}) {
    this.base = baseOf(url);
    // eslint-disable-next-line no-control-regex
    if (token && /[^\x21-\x7e]/.test(token)) throw new Failure('The token holds a space or another character that no token has.', USAGE);
    this.#headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  /** The answer of an endpoint, whatever its status; a failure when there is none. */
  async open(path, { method = 'GET', accept = 'application/json', signal } = {}) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`nothing within ${LONGEST_MS / 1000} s`)), LONGEST_MS);
    const headers = { ...this.#headers, accept, ...(method === 'POST' && { 'content-type': 'application/json' }) };
    try {
      const signals = signal ? [signal, late.signal] : [late.signal];
      const body = method === 'POST' ? '{}' : undefined;
      // Whoever is elsewhere is not given the token.
      return await fetch(`${this.base}/${path}`, { method, headers, body, redirect: 'error', signal: AbortSignal.any(signals) });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Failure(`No answer from ${this.base}: ${error.cause?.message || error.cause?.code || error.message}\nDoes the server run?`, USAGE);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The failure that an answer stands for. */
  async refusal(response, path) {
    const { message } = errorOf(await response.text());
    const said = message === null ? '' : `\nIt says: ${message}`;
    return new Failure(`${this.base}/${path} answered ${response.status}.${said}${HINTS[response.status] ?? ''}`, USAGE);
  }

  /** The JSON of an answer; a failure for any other answer. */
  async value(response, path) {
    if (!response.ok) throw await this.refusal(response, path);
    try {
      return parsePlain(await response.text());
    } catch {
      throw new Failure(`${this.base}/${path} answered no JSON.${HINTS[404]}`, USAGE);
    }
  }

  /** What an endpoint answers, which has these fields, at least. */
  async get(path, fields, signal) {
    const found = await this.value(await this.open(path, { signal }), path);
    const isWhole = fields.every((name) => typeof found?.[name] === 'object' && found[name] !== null);
    if (isWhole) return found;
    const what = `something else than pgtap-scanner/memory/http does: ${fields.join(', ')} were expected`;
    throw new Failure(`${this.base}/${path} answered ${what}.`, USAGE);
  }
}

/** The options of every command that can ask a server. */
function addServerOptions(command) {
  return command
    .option('--url <url>', 'ask a server that runs, by the address of its endpoints; /api/memory is added where it has no path')
    .option('--token <token>', 'sent to the server as a bearer; PGTAP_MEMORY_TOKEN is not seen by other users of the machine');
}

module.exports = { MemoryServer, addServerOptions, errorOf };
