// `pgtap-scanner memory` asking a server: the real endpoints, and servers that are none or go away.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { createMemoryRouter } = require('../../lib/memory/http/index.js');
const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url));
const TOKEN = 's3cret';

/** A server on a port of its own, gone when the test ends; its address. */
async function serve(t, handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  return `http://127.0.0.1:${server.address().port}`;
}

function realServer(t, options) {
  const router = createMemoryRouter({ authorize: ({ headers }) => headers.authorization === `Bearer ${TOKEN}`, logger: { log() {} }, ...options });
  t.after(() => router.close());
  return serve(t, router);
}

/** The program, started; `said` has what it printed so far. */
function start(args, env = {}) {
  const child = spawn(process.execPath, [MAIN, 'memory', ...args], { env: { ...process.env, ...env } });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => { said.out += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { said.err += text; });
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })));
  return { child, said, ended };
}

const run = (args, env) => start(args, env).ended;

async function until(holds) {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 600, 'it does not come');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('status of a server, in words and as JSON', async (t) => {
  const url = await realServer(t);
  const { code, out, err } = await run(['status', '--url', url]);
  assert.deepEqual([code, err], [0, '']);
  for (const word of ['Level        healthy', 'Heap ', 'Resident', 'Trend', 'Collections', 'Advice       Memory usage is stable']) assert.ok(out.includes(word), word);
  const found = JSON.parse((await run(['status', '--url', `${url}/api/memory/`, '--json'])).out);
  assert.deepEqual([found.status, typeof found.currentUsage.heapUsed], ['healthy', 'number']);
});

test('a server in distress is no good status', async (t) => {
  const health = JSON.parse((await run(['status', '--url', await realServer(t), '--json'])).out);
  for (const [status, expected] of [['warning', 0], ['critical', 1], ['emergency', 1]]) {
    const url = await serve(t, (_, response) => response.end(JSON.stringify({ ...health, status })));
    assert.equal((await run(['status', '--url', url])).code, expected, status);
  }
});

test('gc: with the token it collects, then it has to rest; without it is refused', async (t) => {
  const url = await realServer(t);
  const refused = await run(['gc', '--url', url]);
  assert.deepEqual([refused.code, refused.out], [2, '']);
  assert.match(refused.err, /gc answered 403\.\nIt says: .*authorize.*\nGive a token that it accepts/);
  const first = await run(['gc', '--url', url], { PGTAP_MEMORY_TOKEN: TOKEN });
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /^Collected: .* freed, the program stood still for \d+\.\d ms\.\n$/);
  const second = await run(['gc', '--url', url, '--token', TOKEN]);
  assert.equal(second.code, 1);
  assert.match(second.out, /^Not collected \(too_many_requests\): This action may run again in \d+ s\n$/);
});

test('gc: a server that declines says why', async (t) => {
  const url = await serve(t, (request, response) => {
    assert.deepEqual([request.method, request.url, request.headers['content-type']], ['POST', '/memory/gc', 'application/json']);
    response.end(JSON.stringify({ success: false, freedBytes: 0, durationMs: 0, skipped: 'pause', detail: 'a pause of 900 ms\u001b[31m is predicted' }));
  });
  const { code, out } = await run(['gc', '--url', `${url}/memory`]);
  assert.deepEqual([code, out], [1, 'Not collected (pause): a pause of 900 ms\\x1b[31m is predicted\n']);
});

test('report of a server, in words, as JSON, and in a file', async (t) => {
  const url = await realServer(t);
  const { code, out } = await run(['report', '--url', url]);
  assert.equal(code, 0);
  for (const pattern of [/^Current:$/m, /^ {2}Heap used: \d+\.\d\dMB$/m, /^Top memory consumers: none$/m, /^Recommendations:\n {2}- Memory usage is stable$/m]) assert.match(out, pattern);
  const file = join(tmpdir(), `pgtap-report-${process.pid}.json`);
  t.after(() => rmSync(file, { force: true }));
  assert.deepEqual(await run(['report', '--url', url, '--json', '-o', file]), { code: 0, out: '', err: '' });
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).status, 'healthy');
});

const STRANGERS = {
  'no JSON': [(response) => response.end('<html>'), /answered no JSON\./],
  'other JSON': [(response) => response.end('{"status":"ok"}'), /answered something else than pgtap-scanner\/memory\/http does: currentUsage/],
  'JSON that is no object': [(response) => response.end('null'), /answered something else/],
  'not found': [(response) => { response.statusCode = 404; response.end('no'); }, /answered 404\.\nIs the router/],
  'an error that is no object': [(response) => { response.statusCode = 500; response.end('{"error":"secret"}'); }, /answered 500\.\n$/],
};

test('servers that are something else end it with 2 and a message', async (t) => {
  for (const [what, [answer, pattern]] of Object.entries(STRANGERS)) {
    const url = await serve(t, (_, response) => answer(response));
    const { code, out, err } = await run(['status', '--url', url]);
    assert.deepEqual([code, out], [2, ''], what);
    assert.match(err, pattern, what);
    assert.doesNotMatch(err, /\n\s+at /, what);
  }
});

test('a token is not sent on to where a server points', async (t) => {
  const heard = [];
  const elsewhere = await serve(t, (request, response) => { heard.push(request.headers.authorization); response.end('{}'); });
  const url = await serve(t, (_, response) => response.writeHead(307, { location: elsewhere }).end());
  for (const name of ['status', 'gc']) {
    const { code, err } = await run([name, '--url', url, '--token', TOKEN]);
    assert.equal(code, 2);
    assert.match(err, /No answer from .*redirect/);
  }
  assert.deepEqual(heard, []);
});

test('no text of a server reaches the terminal as it is', async (t) => {
  const health = JSON.parse((await run(['status', '--url', await realServer(t), '--json'])).out);
  const hostile = { ...health, status: '\x1b[31mred', gcStats: { ...health.gcStats, totalCollections: '\x1b]0;title\x07' }, recommendations: ['\x1b[2J'] };
  const url = await serve(t, (_, response) => response.end(JSON.stringify(hostile)));
  const { code, out } = await run(['status', '--url', url], { FORCE_COLOR: '1' });
  assert.equal(code, 0);
  assert.ok(!out.includes('\x1b') && out.includes('\\x1b[31mred') && out.includes('\\x1b]0;title'), JSON.stringify(out));
});

const ADDRESSES = {
  'no server there': ['http://127.0.0.1:9', /No answer from http:\/\/127\.0\.0\.1:9\/api\/memory: .*\nDoes the server run\?/],
  'no address': ['localhost:3000', /localhost:3000 is no address of a server/],
  'another protocol': ['file:///etc/passwd', /is no address/],
  'a password in it': ['http://user:pass@localhost', /Give no password in the address/],
};

test('addresses that are wrong', async () => {
  for (const [what, [url, pattern]] of Object.entries(ADDRESSES)) {
    const { code, err } = await run(['status', '--url', url]);
    assert.equal(code, 2, what);
    assert.match(err, pattern, what);
    assert.ok(!err.includes('pass@'), what);
  }
  assert.match((await run(['status', '--url', 'http://localhost:3000', '--token', 'a b'])).err, /token holds a space/);
});

const lines = (text) => text.split('\n').slice(0, -1).map((line) => JSON.parse(line));

test('monitor follows the stream of a server', async (t) => {
  const url = await realServer(t);
  const { child, said, ended } = start(['monitor', '--url', url, '--json', '--interval', '100']);
  await until(() => lines(said.out).filter(({ type }) => type === 'sample').length >= 3);
  child.kill('SIGINT');
  const { code, out } = await ended;
  assert.equal(code, 130);
  const [first] = lines(out).filter(({ type }) => type === 'sample');
  assert.ok(first.heapUsedBytes > 0 && first.level === 'healthy');
  const { type, samples, peaks } = lines(out).at(-1);
  assert.deepEqual([type, samples >= 3, peaks.Heap > 0], ['end', true, true]);
});

test('monitor asks again and again where there is no stream', async (t) => {
  const url = await realServer(t, { enable: ['reads'] });
  const { child, said, ended } = start(['monitor', '--url', url, '--interval', '100']);
  await until(() => said.out.split('\n').length > 3);
  child.kill('SIGINT');
  assert.equal((await ended).code, 130);
  assert.match(said.out, /^\d\d:\d\d:\d\d healthy \d+\.\d % of .*, resident .* MB, heap .* MB, external .* MB, \d+ collections? \(\d+ minor, \d+ major\)$/m);
});

test('monitor --once ends with the first sample', async (t) => {
  const { code, out } = await run(['monitor', '--url', await realServer(t), '--once', '--json']);
  assert.equal(code, 0);
  assert.deepEqual(lines(out).map(({ type }) => type), ['totals', 'sample']);
});

test('monitor goes on when the server is away for a while', async (t) => {
  let router = createMemoryRouter();
  const url = await serve(t, (request, response) => (router ? router(request, response) : response.destroy()));
  t.after(() => router?.close());
  const { child, said, ended } = start(['monitor', '--url', url, '--interval', '100']);
  await until(() => said.out.includes('resident'));
  const gone = router;
  router = null;
  gone.close();
  await until(() => said.out.includes('no answer: '));
  router = createMemoryRouter();
  await until(() => said.out.includes('the server answers again'));
  child.kill('SIGINT');
  assert.equal((await ended).code, 130);
});

test('monitor ends with 2 when a server never answered, or sends something else', async (t) => {
  assert.equal((await run(['monitor', '--url', 'http://127.0.0.1:9'])).code, 2);
  const url = await serve(t, (_, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('event: sample\ndata: {\n\n'));
  const { code, err } = await run(['monitor', '--url', url]);
  assert.equal(code, 2);
  assert.match(err, /The stream is none of pgtap-scanner\/memory\/http/);
  const refusing = await serve(t, (_, response) => { response.statusCode = 403; response.end('{"error":{"message":"not you"}}'); });
  assert.match((await run(['monitor', '--url', refusing])).err, /stream answered 403\.\nIt says: not you/);
});
