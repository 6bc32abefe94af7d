// Requests that are refused while memory is short, and headers that tell of it: Express over an engine that the test drives.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { MB, fakeParts, sample, warningsOf } from './fake-parts.mjs';
import { listening, until } from './http-servers.mjs';

const require = createRequire(import.meta.url);
const express = require('express');
const { engine } = require('../../lib/memory/engine.js');
const { exemption, isPlainPath } = require('../../lib/memory/middleware/exempt-paths.js');
const { memoryMonitoringOn } = require('../../lib/memory/middleware/memory-monitoring.js');

const THRESHOLDS = { warning: 80, critical: 90, emergency: 95 };
const LEVELS = ['healthy', 'warning', 'critical', 'emergency'];

/** The middleware over a fake engine: `change` sets its level and percentage. */
function driven(random) {
  const { engine, parts } = fakeParts();
  const monitoring = memoryMonitoringOn(parts, random);
  return { engine, monitoring, change: (to, percent) => engine.watches.forEach((watch) => watch.change(to, percent)) };
}

/** An Express app that counts what reaches its handlers. */
function counting(...middleware) {
  const app = express();
  const reached = [];
  app.use(...middleware);
  app.use((request, response) => {
    reached.push(`${request.method} ${request.originalUrl}`);
    response.json({ ok: true });
  });
  return { app, reached };
}

/** Environment variables for the time of a call. */
function withEnvironment(variables, call) {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return call();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

test('a refused request: 503, Retry-After, a body without figures, and no handler', async (t) => {
  const { monitoring, change } = driven();
  const { app, reached } = counting(monitoring.handleMemoryPressure({ thresholds: THRESHOLDS }));
  const { ask } = await listening(t, app);
  assert.equal((await ask('/orders')).status, 200);
  change('emergency', 97.3);
  const { status, headers, body } = await ask('/orders');
  assert.equal(status, 503);
  assert.equal(headers['retry-after'], '10');
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(headers['cache-control'], 'no-store');
  assert.deepEqual(JSON.parse(body), { statusCode: 503, error: 'Service Unavailable', message: 'Try again in 10 seconds' });
  assert.doesNotMatch(body, /97|MB|memory/i);
  assert.deepEqual(reached, ['GET /orders']);
});

for (const at of ['warning', 'critical', 'emergency']) {
  test(`at: '${at}' refuses at this level and above`, async (t) => {
    const { monitoring, change } = driven();
    const middleware = monitoring.handleMemoryPressure({ at, thresholds: THRESHOLDS });
    const { ask } = await listening(t, counting(middleware).app);
    for (const [rank, level] of LEVELS.entries()) {
      change(level, 50);
      assert.equal((await ask('/')).status, rank >= LEVELS.indexOf(at) ? 503 : 200, level);
    }
    change('healthy', 50);
    assert.equal((await ask('/')).status, 200, 'let in again');
    assert.equal(middleware.shedCount, LEVELS.length - LEVELS.indexOf(at));
  });
}

test('HEAD has no body, a body that comes is not waited for, and the connection goes on', async (t) => {
  const { monitoring, change } = driven();
  const { app, reached } = counting(monitoring.handleMemoryPressure({ retryAfter: 0 }), express.json());
  const { ask, connections } = await listening(t, app);
  change('emergency', 99);
  const head = await ask('/', { method: 'HEAD' });
  assert.deepEqual([head.status, head.body, head.headers['retry-after']], [503, '', '0']);
  const posted = await ask('/', { method: 'POST', body: `{"text":"${'x'.repeat(300_000)}"}`, headers: { 'content-type': 'application/json' } });
  assert.deepEqual([posted.status, posted.headers.connection], [503, 'keep-alive']);
  change('healthy', 10);
  assert.equal((await ask('/', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status, 200);
  assert.deepEqual(reached, ['POST /']);
  assert.equal(connections(), 1);
});

test('exempt paths by whole segments, also where the middleware is mounted below one', async (t) => {
  const { monitoring, change } = driven();
  const app = express();
  const pressure = monitoring.handleMemoryPressure();
  app.use('/api', pressure);
  app.use(pressure);
  app.use((request, response) => response.end());
  const { ask } = await listening(t, app);
  change('emergency', 99);
  const statuses = {};
  for (const path of ['/health', '/health/', '/health?deep=1', '/health/live', '/api/memory', '/api/memory/gc?x', '/healthcheck-evil', '/api/memoryless',
    '/', '/api', '/orders?next=/health', '/orders/health']) statuses[path] = (await ask(path)).status;
  assert.deepEqual(Object.keys(statuses).filter((path) => statuses[path] === 200), ['/health', '/health/', '/health?deep=1', '/health/live', '/api/memory', '/api/memory/gc?x']);
  assert.equal(statuses['/orders/health'], 503);
});

test('what others may read as another path is not exempt', () => {
  const isExempt = exemption(['/health', '/api/memory']);
  const tricks = ['//health', '/health//x', '/health/../orders', '/health/..', '/health/.', '/health/./x', '/health/%2e%2e/orders', '/health/%2E%2e%2forders',
    '/health%2f..%2forders', '/health/..%2forders', '/%68ealth', '/health\\..\\orders', '/health/\\../orders', '/health/%5c..', '/HEALTH', '/healthz', '/health.json',
    '/health;x', '/health#/../orders', 'http://127.0.0.1/health', 'http://127.0.0.1/health/x', 'health', '', '/', '*', '/api//memory', '/api/memory%00', '/health/ x', '/health/\u00e4',
    '/orders?/health', '/orders?x=/../health', '/health/x#/..'];
  assert.deepEqual(tricks.filter(isExempt), []);
  assert.deepEqual(['/health', '/health/', '/health?', '/health/?a//b', '/health/a.b/c-d_e~f', '/health/...', '/api/memory/leak-detection'].map(isExempt), Array(7).fill(true));
  assert.equal(exemption([])('/health'), false);
  assert.deepEqual(['/', '/a/', 'a', '/a//b', '/a/../b', '/a?b', '/a%20b', '/a b', ''].filter(isPlainPath), []);
});

test('probabilistic: the part that is refused grows between the two thresholds', async (t) => {
  let at = 0;
  const evenly = () => (at++ % 20) / 20;
  const { monitoring, change } = driven(evenly);
  const { ask } = await listening(t, counting(monitoring.handleMemoryPressure({ mode: 'probabilistic', thresholds: THRESHOLDS })).app);
  const refused = async () => {
    let count = 0;
    for (let i = 0; i < 20; i += 1) count += (await ask('/')).status === 503 ? 1 : 0;
    return count;
  };
  const cases = [
    ['healthy', 99, 0], ['warning', 94, 0], ['critical', 90, 0], ['critical', 91, 4], ['critical', 92.5, 10], ['critical', 94.75, 19],
    ['emergency', 95, 20], ['emergency', 120, 20], ['emergency', 92.5, 10], ['critical', 86, 0],
  ];
  for (const [level, percent, expected] of cases) {
    change(level, percent);
    assert.equal(await refused(), expected, `${level} at ${percent} %`);
  }
});

test("probabilistic at 'critical' begins at warning, and samples move it between levels", async (t) => {
  const { engine, monitoring, change } = driven(() => 0.5);
  const { ask } = await listening(t, counting(monitoring.handleMemoryPressure({ mode: 'probabilistic', at: 'critical', thresholds: THRESHOLDS })).app);
  const seen = [];
  change('warning', 80);
  for (const percent of [84, 86, 84]) {
    engine.watches[0].feed(percent);
    seen.push((await ask('/')).status);
  }
  engine.watches[0].feed(99, { blocked: true, percent: null });
  seen.push((await ask('/')).status);
  assert.deepEqual(seen, [200, 503, 200, 200], 'a sample that does not know leaves it as it is');
});

test('onShed is told of each, and what it does wrong disturbs nobody', async (t) => {
  const { monitoring, change } = driven();
  const told = [];
  const faults = [() => {}, () => { throw new Error('bad'); }, async () => { throw new Error('worse'); }];
  const middleware = monitoring.handleMemoryPressure({
    onShed: (pressure, { method, url }) => {
      told.push({ ...pressure, method, url });
      return faults[told.length - 1]();
    },
  });
  const { ask } = await listening(t, counting(middleware).app);
  change('emergency', 98);
  const warnings = await warningsOf(async () => {
    for (const path of ['/a', '/b', '/c']) assert.equal((await ask(path)).status, 503);
    await ask('/health');
  });
  assert.deepEqual(told, ['/a', '/b', '/c'].map((url) => ({ level: 'emergency', percent: 98, method: 'GET', url })));
  assert.deepEqual(warnings, [{ code: 'PGTAP_MEMORY_LISTENER', message: 'onShed failed: bad' }]);
});

test('a level that the engine knows and has not told yet', async (t) => {
  const { engine, monitoring } = driven();
  const { ask } = await listening(t, counting(monitoring.handleMemoryPressure()).app);
  assert.equal((await ask('/')).status, 200);
  // As after a time in which JavaScript stood still.
  engine.watches[0].level = 'emergency';
  await new Promise((settle) => setTimeout(settle, 60));
  assert.equal((await ask('/')).status, 503);
});

test('when the engine fails requests are let in, and it is told once', async (t) => {
  const { memoryMonitoring } = require('../../lib/memory/middleware/index.js');
  const warnings = [];
  const onWarning = ({ code }) => warnings.push(code);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const thresholds = { warning: 1e-6, critical: 2e-6, emergency: 3e-6 };
  const pressure = memoryMonitoring.handleMemoryPressure({ thresholds });
  const headers = memoryMonitoring.addMemoryHeaders({ thresholds, enabled: true });
  const { ask } = await listening(t, counting(headers, pressure).app);
  const status = async () => (await ask('/')).status;
  await until(async () => await status() === 503, 'memory is an emergency');
  assert.throws(() => engine().native.__panic(), { code: 'ERR_PGTAP_INTERNAL' });
  await until(async () => await status() === 200, 'requests are let in');
  assert.equal((await ask('/')).headers['x-memory-status'], 'healthy');
  await until(() => warnings.length > 0, 'it is told');
  headers.close();
  pressure.close();
  assert.deepEqual(warnings, ['PGTAP_MEMORY_STOPPED']);
});

test('what was answered before is left alone', async (t) => {
  const { monitoring, change } = driven();
  const app = express();
  app.use((request, response, next) => {
    response.write('already');
    next();
  }, monitoring.addMemoryHeaders({ enabled: true }), monitoring.handleMemoryPressure(), (request, response) => response.end(' begun'));
  const { ask } = await listening(t, app);
  change('emergency', 99);
  const { status, body, headers } = await ask('/');
  assert.deepEqual([status, body, headers['x-memory-status']], [200, 'already begun', undefined]);
});

test('close() stops the watch and lets everybody in', async (t) => {
  const { engine, monitoring, change } = driven();
  const headers = monitoring.addMemoryHeaders({ enabled: true });
  const pressure = monitoring.handleMemoryPressure();
  const { ask } = await listening(t, counting(headers, pressure).app);
  change('emergency', 99);
  assert.equal((await ask('/')).status, 503);
  for (const middleware of [headers, pressure, headers, pressure]) middleware.close();
  const answer = await ask('/');
  assert.deepEqual([answer.status, answer.headers['x-memory-status']], [200, undefined]);
  assert.deepEqual(engine.watches.map(({ stopped }) => stopped), [true, true]);
  assert.equal(engine.watches.reduce((sum, watch) => sum + watch.listenerCount('sample') + watch.listenerCount('level'), 0), 0);
});

test('headers tell of the last sample, of the limit that is nearest', async (t) => {
  const { engine, monitoring, change } = driven();
  engine.percent = 24.567;
  const { app } = counting(monitoring.addMemoryHeaders());
  const { ask } = await listening(t, app);
  const told = async () => {
    const { headers } = await ask('/');
    return ['x-memory-usage', 'x-memory-percent', 'x-memory-status'].map((name) => headers[name]);
  };
  assert.deepEqual(await told(), ['245.67', '24.6', 'healthy'], 'before the first event');
  engine.watches[0].feed(48);
  assert.deepEqual(await told(), ['480.00', '48.0', 'healthy']);
  change('critical', 91);
  assert.deepEqual(await told(), ['910.00', '91.0', 'critical']);
  engine.watches[0].feed(92, { percent: null });
  assert.deepEqual(await told(), ['910.00', '91.0', 'critical']);
  engine.watches[0].emit('level', { from: 'critical', to: 'emergency', sample: sample(97) });
  assert.deepEqual(await told(), ['970.00', '97.0', 'emergency'], 'a level does not wait for a sample');
  const reads = engine.reads.length;
  for (let i = 0; i < 5; i += 1) await ask('/');
  assert.equal(engine.reads.length, reads, 'a request reads nothing');
});

test('without any sample that knows, only the status', async (t) => {
  const { engine, monitoring } = driven();
  engine.more = { percent: null };
  const { ask } = await listening(t, counting(monitoring.addMemoryHeaders({ enabled: true })).app);
  const { headers } = await ask('/');
  assert.deepEqual([headers['x-memory-usage'], headers['x-memory-percent'], headers['x-memory-status']], [undefined, undefined, 'healthy']);
});

test('no headers in production unless asked', async (t) => {
  const { engine, monitoring } = driven();
  const made = withEnvironment({ NODE_ENV: 'production' }, () => [undefined, true, false].map((enabled) => monitoring.addMemoryHeaders({ enabled })));
  assert.equal(engine.watches.length, 1, 'what sets none watches nothing');
  for (const [at, middleware] of made.entries()) {
    const { ask } = await listening(t, counting(middleware).app);
    assert.equal((await ask('/')).headers['x-memory-status'], at === 1 ? 'healthy' : undefined);
    middleware.close();
  }
});

test('nothing that a client sends gets into a header', async (t) => {
  const { monitoring, change } = driven();
  const { ask } = await listening(t, counting(monitoring.addMemoryHeaders({ enabled: true }), monitoring.handleMemoryPressure()).app);
  const usual = Object.keys((await ask('/')).headers);
  change('emergency', 99);
  const { headers, status } = await ask('/%0d%0aX-Evil:%201?a=%0d%0aSet-Cookie:%20b', { headers: { 'X-Memory-Status': 'healthy', 'Retry-After': '0' } });
  assert.deepEqual([status, headers['x-memory-status'], headers['retry-after']], [503, 'emergency', '10']);
  assert.deepEqual(Object.keys(headers).filter((name) => !usual.includes(name)), ['retry-after', 'cache-control']);
});

test('the watch: thresholds, limit and interval, from options, the environment and the profile', () => {
  const watched = (options, variables = {}) => withEnvironment({ NODE_ENV: 'test', ...variables }, () => {
    const { engine, monitoring } = driven();
    monitoring.handleMemoryPressure(options);
    return engine.watches[0].options;
  });
  assert.deepEqual(watched(), { intervalMs: 500, thresholds: THRESHOLDS, basis: 'effective' });
  assert.deepEqual(watched({ thresholds: null, limitMB: null }), watched());
  assert.deepEqual(watched({ thresholds: { warning: 1, critical: 2, emergency: 3 }, limitMB: 1.5, intervalMs: 10 }), {
    intervalMs: 10, thresholds: { warning: 1, critical: 2, emergency: 3 }, basis: 'effective', limitBytes: 1.5 * MB,
  });
  assert.deepEqual(watched({}, { RENDER: 'true' }), { intervalMs: 500, thresholds: { warning: 60, critical: 75, emergency: 90 }, basis: 'effective', limitBytes: 512 * MB });
  assert.deepEqual(watched({}, { NODE_ENV: 'production' }).thresholds, { warning: 70, critical: 85, emergency: 95 });
  const variables = { MEMORY_WARNING_THRESHOLD: '50', MEMORY_CRITICAL_THRESHOLD: '60', MEMORY_EMERGENCY_THRESHOLD: '70' };
  assert.deepEqual(watched({}, variables).thresholds, { warning: 50, critical: 60, emergency: 70 });
});

test('wrong options', () => {
  const { engine, monitoring } = driven();
  const { handleMemoryPressure, addMemoryHeaders } = monitoring;
  const wrong = [
    ['at', 'healthy', RangeError], ['at', 4, TypeError], ['retryAfter', -1, RangeError], ['retryAfter', 1.5, RangeError], ['retryAfter', '10\r\nX: y', TypeError],
    ['retryAfter', 86401, RangeError], ['exempt', '/health', TypeError], ['exempt', [/health/], TypeError], ['exempt', ['health'], RangeError], ['exempt', ['/'], RangeError],
    ['exempt', ['/a/'], RangeError], ['exempt', ['/a?b'], RangeError], ['exempt', ['/a/../b'], RangeError], ['mode', 'random', RangeError], ['onShed', 'log', TypeError],
    ['thresholds', { warning: 50, critical: 60 }, RangeError], ['thresholds', { warning: 60, critical: 50, emergency: 70 }, RangeError], ['thresholds', 50, TypeError],
    ['limitMB', 0, RangeError], ['intervalMs', 9, RangeError], ['intervalMs', '1s', TypeError],
  ];
  for (const [name, value, Kind] of wrong) {
    assert.throws(() => handleMemoryPressure({ [name]: value }), (error) => {
      assert.ok(error instanceof Kind, `${name}: ${error}`);
      assert.equal(error.code, 'ERR_PGTAP_INVALID_OPTION');
      assert.match(error.message, new RegExp(`option "${name}`));
      assert.doesNotMatch(error.stack.split('\n')[1], /lib.memory/, 'the stack begins at the caller');
      return true;
    });
  }
  assert.throws(() => handleMemoryPressure({ mode: 'probabilistic', at: 'warning' }), (error) => (
    error instanceof RangeError && error.code === 'ERR_PGTAP_INVALID_OPTION' && !/lib.memory/.test(error.stack.split('\n')[1])));
  assert.throws(() => handleMemoryPressure(7), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  assert.throws(() => addMemoryHeaders({ enabled: 'yes' }), { code: 'ERR_PGTAP_INVALID_OPTION' });
  assert.equal(engine.watches.length, 0, 'nothing was opened');
});

test('a watch keeps no process alive', () => {
  const path = require.resolve('../../lib/memory/middleware/index.js');
  const code = `const { memoryMonitoring: m } = require(${JSON.stringify(path)}); m.handleMemoryPressure(); m.addMemoryHeaders(); m.monitorRequestMemory(); console.log('made')`;
  assert.equal(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8', timeout: 60_000 }), 'made\n');
});
