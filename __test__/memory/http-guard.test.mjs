// Who may read and act, how often, and what is logged of those who may not; without a server.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';

import { warningsOf } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { createMemoryRouter } = require('../../lib/memory/http/index.js');
const { readBody } = require('../../lib/memory/http/body.js');
const { checkActor, checkReader } = require('../../lib/memory/http/guard.js');
const { locate } = require('../../lib/memory/http/handler.js');
const { shownScript } = require('../../lib/memory/http/heap-analysis.js');
const { isLocal } = require('../../lib/memory/http/loopback.js');
const { RefusalLog } = require('../../lib/memory/http/refusal-log.js');
const { Refusal } = require('../../lib/memory/http/refusal.js');
const { Turns } = require('../../lib/memory/http/turns.js');

const requestOf = (headers, remoteAddress) => ({ headers: { host: 'localhost:3000', ...headers }, socket: { remoteAddress } });
const asked = (headers = {}, address = '127.0.0.1') => ({ raw: requestOf(headers, address), request: requestOf(headers, address) });

/** The code that something is refused with, or 'allowed'. */
const outcome = async (promise) => {
  try {
    await promise;
    return 'allowed';
  } catch (error) {
    if (error instanceof Refusal) return `${error.status} ${error.code}`;
    throw error;
  }
};

test('this machine: the address', () => {
  for (const address of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1']) assert.equal(isLocal(requestOf({}, address)), true, address);
  for (const address of ['10.0.0.1', '0.0.0.0', '::', '::ffff:10.0.0.1', '1127.0.0.1', '127.0.0.1.example', '128.0.0.1', '2001:db8::1', '', undefined]) {
    assert.equal(isLocal(requestOf({}, address)), false, String(address));
  }
  assert.equal(isLocal({ headers: { host: 'localhost' } }), false, 'no socket');
});

test('this machine: the name that was asked for', () => {
  for (const host of ['localhost', 'LOCALHOST:80', 'app.localhost:3000', '127.0.0.1', '127.0.0.1:8080', '[::1]:3000', '[::1]']) {
    assert.equal(isLocal(requestOf({ host }, '::1')), true, host);
  }
  for (const host of ['evil.example', 'localhost.evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost:80@evil.example', '', 'localhost:', ' localhost', '[::2]', '10.0.0.1']) {
    assert.equal(isLocal(requestOf({ host }, '::1')), false, host);
  }
  assert.equal(isLocal(requestOf({ host: undefined, ':authority': 'localhost:1' }, '::1')), true);
});

test('this machine: not through a proxy', () => {
  const proxies = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded', 'x-real-ip', 'x-client-ip',
    'x-cluster-client-ip', 'true-client-ip', 'cf-connecting-ip', 'fastly-client-ip', 'x-envoy-external-address', 'x-original-for', 'x-amzn-trace-id'];
  for (const name of proxies) assert.equal(isLocal(requestOf({ [name]: '127.0.0.1' }, '::1')), false, name);
  for (const name of ['accept', 'x-request-id', 'x-viability', 'user-agent', 'cookie', 'x-forward']) assert.equal(isLocal(requestOf({ [name]: 'x' }, '::1')), true, name);
});

test('readers: this machine, or whom authorize allows', async () => {
  const reader = (options, ...of) => outcome(checkReader(asked(...of), { authorize: null, loopback: true, ...options }));
  assert.equal(await reader({}), 'allowed');
  assert.equal(await reader({ loopback: false }), '403 forbidden');
  assert.equal(await reader({}, {}, '10.0.0.1'), '403 forbidden');
  assert.equal(await reader({ authorize: () => true }, {}, '10.0.0.1'), 'allowed');
  assert.equal(await reader({ authorize: async () => true }, {}, '10.0.0.1'), 'allowed');
  assert.equal(await reader({}, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }), '403 forbidden');
  assert.equal(await reader({}, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }), 'allowed', 'a link');
  assert.equal(await reader({}, { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }), 'allowed');
});

test('only true is a yes', async () => {
  for (const answer of [undefined, null, 1, 'true', {}, Promise.resolve(1), Promise.resolve(undefined)]) {
    const found = await outcome(checkReader(asked({}, '10.0.0.1'), { authorize: () => answer, loopback: true }));
    assert.equal(found, '403 forbidden', String(answer));
  }
});

test('an authorize that throws or rejects is a no, and is reported once', async () => {
  for (const authorize of [() => { throw new Error('no database'); }, async () => { throw new Error('no database'); }]) {
    const warnings = await warningsOf(async () => {
      for (let i = 0; i < 3; i += 1) assert.equal(await outcome(checkReader(asked({}, '10.0.0.1'), { authorize, loopback: true })), '403 forbidden');
    });
    assert.deepEqual(warnings, [{ code: 'PGTAP_MEMORY_LISTENER', message: 'authorize() of the memory router failed: no database' }]);
  }
});

test('actors: authorised, from no page of another site, with JSON', async () => {
  const json = { 'content-type': 'application/json' };
  const actor = (headers, authorize = () => true) => outcome(checkActor(asked({ ...json, ...headers }), { authorize }));
  assert.equal(await actor({}), 'allowed');
  assert.equal(await actor({}, null), '403 forbidden', 'also on this machine');
  assert.equal(await actor({}, () => false), '403 forbidden');
  for (const site of ['cross-site', 'same-site', 'anything']) assert.equal(await actor({ 'sec-fetch-site': site }), '403 cross_site', site);
  for (const site of ['same-origin', 'none']) assert.equal(await actor({ 'sec-fetch-site': site, origin: 'https://a.example' }), 'allowed', site);
  for (const origin of ['null', '', 'https://evil.example', 'http://localhost:3001', 'http://localhost', 'http://localhost:3000.evil.example', 'file://']) {
    assert.equal(await actor({ origin }), '403 cross_site', origin);
  }
  for (const [origin, host] of [['http://localhost:3000', 'localhost:3000'], ['https://a.example', 'A.example'], ['http://[::1]:80', '[::1]']]) {
    assert.equal(await actor({ origin, host }), 'allowed', origin);
  }
  for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/json ; x=y']) assert.equal(await actor({ 'content-type': type }), 'allowed', type);
  for (const type of ['text/plain', 'application/jsonx', 'application/json-patch+json', 'text/plain; application/json', '']) {
    assert.equal(await actor({ 'content-type': type }), '415 unsupported_media_type', type);
  }
  let called = 0;
  await actor({ origin: 'https://evil.example' }, () => { called += 1; return true; });
  assert.equal(called, 0, 'authorize hears nothing of pages of other sites');
});

test('an action has its turn: one at a time, and not soon again', async () => {
  let at = 1000;
  const turns = new Turns(30_000, () => at);
  let finish;
  const first = turns.take('a', () => new Promise((resolve) => { finish = resolve; }));
  assert.equal(await outcome(turns.take('a', () => 1)), '409 busy');
  assert.equal(await turns.take('b', () => 'of its own'), 'of its own');
  finish('done');
  assert.equal(await first, 'done');
  const early = await turns.take('a', () => 1).catch((error) => error);
  assert.deepEqual([early.status, early.headers], [429, { 'Retry-After': '30' }]);
  at += 29_001;
  const late = await turns.take('a', () => 1).catch((error) => error);
  assert.deepEqual([late.status, late.headers], [429, { 'Retry-After': '1' }]);
  at += 999;
  await assert.rejects(turns.take('a', async () => { throw new Error('failed'); }), /failed/);
  assert.equal(await outcome(turns.take('a', () => 1)), '429 too_many_requests', 'one that failed had its turn');
  at += 30_000;
  assert.equal(await turns.take('a', () => 'again'), 'again');
});

test('refusals are logged once a minute for each kind', () => {
  let at = 0;
  const lines = [];
  const log = new RefusalLog({ log: (line) => lines.push(line) }, () => at);
  const no = new Refusal(403, 'forbidden', 'x');
  for (let i = 0; i < 1000; i += 1) log.refused('snapshot', no, '10.0.0.1');
  log.refused('gc', no, undefined);
  log.refused('snapshot', new Refusal(429, 'too_many_requests', 'x'), '10.0.0.1');
  assert.deepEqual(lines, [
    '[memory] refused snapshot from 10.0.0.1: 403 forbidden',
    '[memory] refused gc from an unknown address: 403 forbidden',
    '[memory] refused snapshot from 10.0.0.1: 429 too_many_requests',
  ]);
  at = 60_000;
  log.refused('snapshot', no, '10.0.0.2');
  assert.equal(lines[3], '[memory] refused snapshot from 10.0.0.2: 403 forbidden (and 999 since the last line)');
  at = 120_000;
  log.refused('snapshot', no, '10.0.0.2');
  assert.equal(lines[4], '[memory] refused snapshot from 10.0.0.2: 403 forbidden');
});

test('a logger that throws is reported and does no harm', async () => {
  const logger = { log() { throw new Error('disk full'); } };
  const warnings = await warningsOf(() => new RefusalLog(logger, () => 0).refused('gc', new Refusal(403, 'forbidden', 'x'), '::1'));
  assert.deepEqual(warnings.map(({ message }) => message), ['log() of the logger failed: disk full']);
});

test('a body that comes late is not waited for, and leaves nothing behind', async () => {
  const stream = Object.assign(new PassThrough(), { headers: {} });
  const listeners = () => ['data', 'end', 'error', 'close'].map((event) => stream.listenerCount(event));
  const before = listeners();
  const reading = outcome(readBody(stream, {}, 1));
  stream.write('{');
  assert.notDeepEqual(listeners(), before);
  assert.equal(await reading, '408 body_timeout');
  assert.equal(stream.isPaused(), true);
  assert.deepEqual(listeners(), before);
});

test('paths are compared as they were sent', () => {
  const at = (url, mount = '') => locate('/api/memory', mount, url)?.path ?? null;
  assert.deepEqual(['/api/memory/health?x=/api/memory/gc', '/api/memory', '/api/memory/', '/api/memory?a'].map((url) => at(url)), ['/health', '', '/', '']);
  for (const url of ['/api/memoryx', '/API/memory/health', '//api/memory/health', '/api//memory/health', '/api/%6demory/health', 'http://a/api/memory/health', '*', '', '/', '/x/api/memory/health']) {
    assert.equal(at(url), null, url);
  }
  assert.deepEqual([at('/health', '/api/memory'), at('/health', '/v1/api/memory'), at('/health', '/v1'), at('/health', '/xapi/memory')], ['/health', '/health', null, null]);
});

test('scripts are named without the folders above', () => {
  assert.equal(shownScript('node:internal/fs'), 'node:internal/fs');
  assert.equal(shownScript(''), '');
  assert.equal(shownScript('file:///home/somebody/app/node_modules/pg/lib/client.js'), 'pg/lib/client.js');
  assert.equal(shownScript('/home/somebody/app/node_modules/.pnpm/a/node_modules/a/i.js'), 'a/i.js');
  assert.equal(shownScript(`${process.cwd()}/lib/x.js`), 'lib/x.js');
  assert.equal(shownScript('/etc/secret/place/x.js'), 'x.js');
});

test('wrong options', () => {
  const wrong = (options) => {
    try {
      createMemoryRouter(options);
    } catch (error) {
      assert.ok(error.stack.split('\n')[1].includes('http-guard.test.mjs'), error.stack);
      return `${error.name} ${error.code}: ${error.message}`;
    }
    return 'allowed';
  };
  const code = 'ERR_PGTAP_INVALID_OPTION';
  assert.equal(wrong({ authorize: true }), `TypeError ${code}: Expected a function for option "authorize" but received true of type boolean`);
  for (const basePath of ['', '/', 'api', '/api/', '/a//b', '/a/../b', '/a b', '/%61', '/a?b', '/:id']) assert.match(wrong({ basePath }), /^RangeError .*option "basePath"/, basePath);
  assert.match(wrong({ basePath: 1 }), /^TypeError/);
  assert.match(wrong({ enable: 'reads' }), /^TypeError .*an array of 'reads', 'actions', 'snapshot', 'dashboard', or null/);
  assert.match(wrong({ enable: ['heapdump'] }), /^RangeError/);
  assert.match(wrong({ loopback: 'yes' }), /^TypeError/);
  assert.match(wrong({ snapshotDir: '' }), /^RangeError/);
  assert.match(wrong({ actionIntervalMs: -1 }), /^RangeError/);
  assert.match(wrong({ prometheus: {} }), /^TypeError .*a registry of prom-client/);
  assert.match(wrong({ logger: {} }), /^TypeError/);
  assert.match(wrong(null), /^TypeError ERR_PGTAP_INVALID_ARGUMENT/);
  for (const right of [undefined, {}, { basePath: '/a/b-c_d.e~f' }, { enable: [] }, { enable: null }, { actionIntervalMs: 0 }, { prometheus: null }]) {
    createMemoryRouter(right).close();
  }
});
