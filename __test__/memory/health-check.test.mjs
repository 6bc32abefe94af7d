// Health, liveness and readiness, with levels that a test sets, in real servers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import express from 'express';
import Fastify from 'fastify';

import { MB, fakeParts, warningsOf } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { createHealthCheck } = require('../../lib/memory/health/check.js');

/** A health check whose level and clock are set by hand. */
function faked(t, options) {
  const clock = { at: 0 };
  const { engine, parts } = fakeParts();
  const health = createHealthCheck({ profile: 'default', ...options }, parts, () => clock.at);
  t.after(() => health.close());
  const [watch] = engine.watches;
  return { health, engine, watch, clock };
}

/** The answer to a GET, or another method, of a server for `handler` on loopback. */
async function serving(t, handler) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address();
  return (path, { method = 'GET', headers = {} } = {}) => new Promise((settle, reject) => {
    get({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => { text += part; });
      response.on('end', () => settle({ status: response.statusCode, text, headers: response.headers }));
    }).on('error', reject);
  });
}

test('the health of memory and of other checks', async (t) => {
  const { health, engine, watch } = faked(t);
  health.registerCheck('cache', () => undefined);
  const remove = health.registerCheck('database', async ({ signal }) => ({ connections: 3, aborted: signal.aborted }));
  const statuses = [];
  for (const [level, percent] of [['healthy', 10], ['warning', 72], ['critical', 88], ['emergency', 97]]) {
    watch.change(level, percent);
    statuses.push((await health.performEnhancedHealthCheck()).status);
  }
  assert.deepEqual(statuses, ['healthy', 'degraded', 'unhealthy', 'unhealthy']);
  watch.change('healthy', 12.34);
  const { timestamp, metrics, checks } = await health.performEnhancedHealthCheck();
  assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000);
  const { status, usagePercentage, limitBytes, usageOf, platform } = metrics.memoryUsage;
  assert.deepEqual({ status, usagePercentage, limitBytes, usageOf, platform }, { status: 'healthy', usagePercentage: 12.3, limitBytes: 1000 * MB, usageOf: 'heap', platform: 'default' });
  assert.deepEqual([checks.database.status, checks.database.details, checks.database.error, checks.cache.details], ['healthy', { connections: 3, aborted: false }, null, null]);
  assert.deepEqual(engine.watches[0].options.thresholds, { warning: 70, critical: 85, emergency: 95 });
  remove();
  assert.deepEqual(Object.keys((await health.performEnhancedHealthCheck()).checks), ['cache']);
});

test('a check that throws, rejects or takes too long is unhealthy, and the others are told', async (t) => {
  const { health } = faked(t);
  let aborted;
  health.registerCheck('throws', () => { throw new Error('disk full'); });
  health.registerCheck('rejects', () => Promise.reject('refused'));
  health.registerCheck('hangs', ({ signal }) => new Promise(() => { signal.onabort = () => { aborted = signal.reason.message; }; }), { timeoutMs: 20 });
  health.registerCheck('fine', () => 1);
  const { status, checks } = await health.performEnhancedHealthCheck();
  assert.equal(status, 'unhealthy');
  assert.deepEqual(['throws', 'rejects', 'hangs', 'fine'].map((name) => [checks[name].status, checks[name].error]), [
    ['unhealthy', 'disk full'], ['unhealthy', 'refused'], ['unhealthy', 'it took longer than 20 ms'], ['healthy', null],
  ]);
  assert.equal(aborted, 'it took longer than 20 ms');
  assert.deepEqual((await health.ready()).failed, ['throws', 'rejects', 'hangs']);
});

test('a check runs once at a time, and not again while a run that took too long goes on', async (t) => {
  const { health } = faked(t);
  const runs = [];
  health.registerCheck('database', () => new Promise((settle) => { runs.push(settle); }), { timeoutMs: 50 });
  const first = Promise.all([health.ready(), health.ready(), health.performEnhancedHealthCheck()]);
  await new Promise(setImmediate);
  assert.equal(runs.length, 1);
  await first;
  assert.equal((await health.ready()).checks.database.error, 'the run before has not ended');
  assert.equal(runs.length, 1);
  runs[0]();
  await new Promise(setImmediate);
  const next = health.ready();
  await new Promise(setImmediate);
  assert.equal(runs.length, 2);
  runs[1]();
  assert.equal((await next).ok, true);
});

test('ready follows the level; live fails only when an emergency does not end', async (t) => {
  const { health, watch, clock } = faked(t, { restartAfterMs: 30_000 });
  const state = async () => [(await health.ready()).ok, health.live().ok];
  watch.change('warning', 75);
  assert.deepEqual(await state(), [true, true]);
  watch.change('critical', 88);
  clock.at = 1_000_000;
  assert.deepEqual([await state(), (await health.ready()).failed], [[false, true], ['memory']]);
  watch.change('emergency', 96);
  clock.at += 29_999;
  assert.deepEqual(await state(), [false, true]);
  clock.at += 1;
  assert.deepEqual([await state(), health.live().emergencyMs], [[false, false], 30_000]);
  watch.change('critical', 90);
  assert.deepEqual(await state(), [false, true]);
  watch.change('emergency', 96);
  assert.deepEqual(await state(), [false, true], 'an emergency begins anew');
  watch.change('healthy', 20);
  assert.deepEqual(await state(), [true, true]);
});

test('a failed check is no reason to restart; what readiness and liveness depend on can be set', async (t) => {
  const { health, watch, clock } = faked(t, { restartAfterMs: null, unreadyAt: 'emergency' });
  watch.change('critical', 90);
  assert.equal((await health.ready()).ok, true);
  watch.change('emergency', 96);
  clock.at = 1e9;
  assert.deepEqual([(await health.ready()).ok, health.live().ok], [false, true]);
  watch.change('healthy', 20);
  health.registerCheck('database', () => { throw new Error('down'); });
  assert.deepEqual([(await health.ready()).ok, health.live().ok], [false, true]);
});

test('a failure inside of the toolkit is no reason to restart', async (t) => {
  const { health, watch, clock } = faked(t);
  watch.change('emergency', 97);
  clock.at = 100_000;
  assert.equal(health.live().ok, false);
  Object.defineProperty(watch, 'level', { get() { throw new Error('broken inside'); } });
  const warnings = await warningsOf(async () => {
    assert.deepEqual([health.live().ok, (await health.ready()).ok, (await health.performEnhancedHealthCheck()).status], [true, true, 'healthy']);
  });
  assert.deepEqual(warnings.map(({ message }) => message), ['The level of memory failed: broken inside']);
});

test('a bare server: words and statuses, nothing else', async (t) => {
  const { health, watch, clock } = faked(t);
  const ask = await serving(t, health.handler);
  const words = async () => Promise.all(['/livez', '/readyz', '/healthz'].map(async (path) => {
    const { status, text } = await ask(path);
    return `${status} ${text.trim()}`;
  }));
  assert.deepEqual(await words(), ['200 ok', '200 ok', '200 healthy']);
  watch.change('warning', 72);
  assert.deepEqual(await words(), ['200 ok', '200 ok', '200 degraded']);
  watch.change('emergency', 97);
  clock.at = 60_000;
  assert.deepEqual(await words(), ['503 not live', '503 not ready', '503 unhealthy']);
  const { headers } = await ask('/healthz');
  assert.deepEqual([headers['content-type'], headers['cache-control']], ['text/plain; charset=utf-8', 'no-store']);
  const head = await ask('/livez', { method: 'HEAD' });
  assert.deepEqual([head.status, head.text, head.headers['content-length']], [503, '', '9']);
  assert.deepEqual([(await ask('/other')).status, (await ask('/livez/')).status, (await ask('/constructor')).status], [404, 404, 404]);
  const post = await ask('/livez', { method: 'POST' });
  assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
});

test('what cannot be answered is 503, or goes to the error handler', async (t) => {
  const { health, engine } = faked(t);
  const [bare, app] = [await serving(t, health.handler), await serving(t, express().use(health.handler).use((error, request, response, next) => {
    response.status(500).send(error.message + next.length);
  }))];
  engine.read = () => { throw new Error('broken inside'); };
  assert.deepEqual([await bare('/healthz'), await app('/healthz')].map(({ status, text }) => [status, text]), [[503, 'failed\n'], [500, 'broken inside1']]);
});

test('verbose names the checks; only who is authorized learns figures and reasons', async (t) => {
  const authorize = async (request) => {
    if (request.headers.authorization === 'broken') throw new Error('no directory');
    return request.headers.authorization === 'let me in' || request.headers.authorization;
  };
  const { health, watch } = faked(t, { authorize });
  health.registerCheck('database', () => { throw new Error('connect 10.0.0.7\n[+]forged ok'); });
  watch.change('critical', 88.25);
  const ask = await serving(t, health.handler);
  const text = async (path, authorization) => (await ask(path, { headers: authorization ? { authorization } : {} })).text;
  const stranger = '[-]memory failed: reason withheld\n[-]database failed: reason withheld\n';
  assert.equal(await text('/readyz?verbose'), `${stranger}not ready\n`);
  assert.equal(await text('/healthz?x=1&verbose=1', 'wrong'), `${stranger}unhealthy\n`);
  assert.equal(await text('/livez?verbose'), '[+]memory ok\nok\n');
  const warnings = await warningsOf(async () => assert.equal(await text('/readyz?verbose', 'broken'), `${stranger}not ready\n`));
  assert.deepEqual(warnings.map(({ code }) => code), ['PGTAP_MEMORY_LISTENER']);
  assert.equal(await text('/healthz?verbose', 'let me in'), '[-]memory failed: critical, 88.3 % of 1000 MB (heap)\n[-]database failed: connect 10.0.0.7 [+]forged ok\nunhealthy\n');
  watch.change('emergency', 97);
  assert.equal(await text('/livez?verbose', 'let me in'), '[+]memory ok: emergency for 0 s\nok\n');
  assert.equal(await text('/readyz', 'let me in'), 'not ready\n');
});

test('in Express, under a path of its own, other requests go on', async (t) => {
  const { health, watch } = faked(t);
  const app = express();
  app.use('/health', health.handler);
  app.use((request, response) => response.status(200).send(`passed ${request.originalUrl}`));
  const ask = await serving(t, app);
  watch.change('critical', 90);
  assert.deepEqual([await ask('/health/readyz'), await ask('/health/livez')].map(({ status, text }) => [status, text]), [[503, 'not ready\n'], [200, 'ok\n']]);
  assert.equal((await ask('/health/other')).text, 'passed /health/other');
  assert.equal((await ask('/readyz')).text, 'passed /readyz');
  assert.equal((await ask('/health/livez', { method: 'POST' })).text, 'passed /health/livez');
});

test('in Fastify, which hands the answer over', async (t) => {
  const { health, watch } = faked(t);
  const fastify = Fastify();
  fastify.get('/livez', (request, reply) => {
    reply.hijack();
    return health.handler(request.raw, reply.raw);
  });
  t.after(() => fastify.close());
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  watch.change('critical', 90);
  const response = await fetch(`http://127.0.0.1:${fastify.server.address().port}/livez?verbose`, { headers: { connection: 'close' } });
  assert.deepEqual([response.status, await response.text()], [200, '[+]memory ok\nok\n']);
});

test('after close it refuses, answers 503, and has stopped watching', async (t) => {
  const { health, watch } = faked(t);
  const ask = await serving(t, health.handler);
  const onTheWay = health.ready();
  health.close();
  health.close();
  await assert.rejects(onTheWay, { code: 'ERR_PGTAP_CLOSED' });
  assert.equal(watch.stopped, true);
  assert.throws(() => health.live(), { code: 'ERR_PGTAP_CLOSED' });
  await assert.rejects(health.ready(), { code: 'ERR_PGTAP_CLOSED' });
  await assert.rejects(health.performEnhancedHealthCheck(), { code: 'ERR_PGTAP_CLOSED' });
  assert.throws(() => health.registerCheck('a', () => {}), { code: 'ERR_PGTAP_CLOSED' });
  for (const path of ['/livez', '/readyz', '/healthz']) assert.deepEqual([(await ask(path)).status, (await ask(path)).text], [503, 'closed\n']);
  const app = await serving(t, express().use(health.handler));
  assert.equal((await app('/readyz')).status, 503);
});

test('wrong arguments', (t) => {
  const { health } = faked(t);
  const wrong = [
    [() => createHealthCheck({ unreadyAt: 'warning' }), /option "unreadyAt"/], [() => createHealthCheck({ restartAfterMs: -1 }), /option "restartAfterMs"/],
    [() => createHealthCheck({ authorize: true }), /a function for option "authorize"/], [() => createHealthCheck(3), /the options/],
    [() => health.registerCheck('', () => {}), /for name/], [() => health.registerCheck('a'), /a function for fn/],
    [() => health.registerCheck('memory', () => {}), /a name that no check has yet/], [() => health.registerCheck('a', () => {}, { timeoutMs: 0 }), /option "timeoutMs"/],
  ];
  for (const [call, message] of wrong) {
    assert.throws(call, (error) => /^ERR_PGTAP_INVALID_/.test(error.code) && message.test(error.message) && /health-check\.test/.test(error.stack.split('\n')[1]), `${message}`);
  }
  health.registerCheck('a', () => {});
  assert.throws(() => health.registerCheck('a', () => {}), /a name that no check has yet/);
});

test('with the real engine', async () => {
  const health = createHealthCheck();
  const { metrics, status } = await health.performEnhancedHealthCheck();
  assert.ok(['healthy', 'degraded', 'unhealthy'].includes(status));
  assert.ok(metrics.memoryUsage.heapUsed > MB && metrics.memoryUsage.usagePercentage > 0, JSON.stringify(metrics));
  assert.equal(health.live().ok, true);
  health.close();
});
