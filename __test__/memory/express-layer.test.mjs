// All of it as one layer of a real Express.
import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { fakeParts } from './fake-parts.mjs';
import { listening, resultsFromNow, turns, until } from './http-servers.mjs';

const require = createRequire(import.meta.url);
const express = require('express');
const { memoryMonitoringOn } = require('../../lib/memory/middleware/memory-monitoring.js');
const { withMemoryMonitoringOn } = require('../../lib/memory/middleware/node-http.js');
const { operations, trackOperationSync } = require('../../lib/memory/index.js');

/** An app behind the layer, with what drives its engine. */
async function layered(t, options, ...before) {
  const { engine, parts } = fakeParts();
  const layer = memoryMonitoringOn(parts)(options);
  const app = express();
  for (const middleware of before) app.use(middleware);
  app.use(layer);
  const users = express.Router();
  users.get('/:id', (request, response) => {
    trackOperationSync('query', () => {});
    if (!response.headersSent) response.json(request.memory ?? null);
  });
  app.use('/users', users);
  app.get('/health', (request, response) => response.json(request.memory ?? null));
  app.use((error, request, response, next) => (response.headersSent ? next(error) : response.status(500).end()));
  const results = await resultsFromNow(t, operations);
  return { app, layer, engine, names: () => results.map(({ name, confidence }) => [name, confidence]), change: (to, percent) => engine.watches[0].change(to, percent), ...await listening(t, app) };
}

test('headers, memory of requests and refusal, on one watch', async (t) => {
  const { ask, engine, layer, change, names } = await layered(t, {});
  const { status, headers, body } = await ask('/users/5');
  assert.deepEqual([status, headers['x-memory-usage'], headers['x-memory-percent'], headers['x-memory-status']], [200, '100.00', '10.0', 'healthy']);
  assert.equal(JSON.parse(body).confidence, 'exclusive');
  change('emergency', 97);
  const refused = await ask('/users/5');
  assert.deepEqual([refused.status, refused.headers['retry-after'], refused.headers['x-memory-status'], layer.shedCount], [503, '10', 'emergency', 1]);
  const health = await ask('/health');
  assert.deepEqual([health.status, JSON.parse(health.body).confidence], [200, 'unmeasured']);
  change('healthy', 20);
  assert.equal((await ask('/users/6')).status, 200);
  await turns();
  assert.deepEqual(names(), [['query', 'exclusive'], ['GET /users/:id', 'exclusive'], ['query', 'exclusive'], ['GET /users/:id', 'exclusive']]);
  assert.equal(engine.watches.length, 1);
  layer.close();
  layer.close();
  const after = await ask('/users/7');
  assert.deepEqual([after.status, after.headers['x-memory-status'], JSON.parse(after.body).confidence, engine.watches[0].stopped], [200, undefined, 'unmeasured', true]);
});

test('each part may be left out or has options of its own', async (t) => {
  const asked = async (options) => {
    const { ask, change, layer } = await layered(t, options);
    change('critical', 91);
    const { status, headers, body } = await ask('/users/1');
    return [status, headers['x-memory-status'], status === 200 ? JSON.parse(body)?.confidence : layer.shedCount];
  };
  assert.deepEqual(await asked({ headers: false }), [200, undefined, 'exclusive']);
  assert.deepEqual(await asked({ requests: false }), [200, 'critical', undefined]);
  assert.deepEqual(await asked({ pressure: { at: 'critical' } }), [503, 'critical', 1]);
  assert.deepEqual(await asked({ pressure: false, requests: { sampleRate: 0 } }), [200, 'critical', 'unmeasured']);
});

test('what was answered already is let through, and is not refused', async (t) => {
  const { ask, layer, change, names } = await layered(t, {}, (request, response, next) => {
    response.end('early');
    next();
  });
  change('emergency', 99);
  const { status, body } = await ask('/users/5');
  await turns();
  assert.deepEqual([status, body, layer.shedCount, names()[0]], [200, 'early', 0, ['query', 'exclusive']], 'its route was reached');
});

test('errors of the routes reach the error handler', async (t) => {
  const app = express();
  app.use(memoryMonitoringOn(fakeParts().parts)(), () => { throw new Error('the handler failed'); });
  app.use((error, request, response, next) => (error ? response.status(500).end(error.message) : next()));
  const { ask } = await listening(t, app);
  const { status, body } = await ask('/');
  assert.deepEqual([status, body], [500, 'the handler failed']);
  await until(() => operations.running === 0, 'it ended');
});

test('beside the three layers it counts once', async (t) => {
  const { parts } = fakeParts();
  const monitoring = memoryMonitoringOn(parts);
  const { ask, names } = await layered(t, {}, monitoring.monitorRequestMemory());
  await ask('/users/5');
  await turns();
  assert.deepEqual(names().map(([name]) => name), ['query', 'GET /users/:id']);
});

test('of an app that is mounted in another, and beside another library, they say that they are not measured', async (t) => {
  const unmeasured = memoryMonitoringOn(fakeParts().parts)({ requests: { sampleRate: 0 } });
  const told = (request, response) => response.json([request.memory.confidence, Object.hasOwn(request, 'memory')]);
  const inner = express();
  inner.get('/inside', unmeasured, told);
  const outer = express();
  outer.use('/mounted', inner);
  outer.get('/both', (request, response, next) => {
    request.memory = 'of another library';
    next();
  }, unmeasured, told);
  outer.get('/outside', unmeasured, told);
  const { ask } = await listening(t, outer);
  const answers = [];
  for (const path of ['/mounted/inside', '/both', '/outside', '/mounted/inside', '/both']) answers.push(JSON.parse((await ask(path)).body));
  assert.deepEqual(answers, [['unmeasured', false], ['unmeasured', true], ['unmeasured', false], ['unmeasured', false], ['unmeasured', true]]);
  assert.equal(express.request.memory, undefined, 'other apps are left alone');
});

test('around a whole app of Express it knows the routes, too', async (t) => {
  const { parts } = fakeParts();
  const app = express();
  app.get('/users/:id', (request, response) => response.json(request.memory));
  const results = await resultsFromNow(t, operations);
  const { ask } = await listening(t, http.createServer(withMemoryMonitoringOn(parts)(app)));
  const { headers, body } = await ask('/users/5');
  await turns();
  assert.deepEqual([headers['x-memory-status'], JSON.parse(body).confidence, results.map(({ name }) => name)], ['healthy', 'exclusive', ['GET /users/:id']]);
});

test('wrong options open nothing', () => {
  const { engine, parts } = fakeParts();
  const memoryMonitoring = memoryMonitoringOn(parts);
  const wrong = [{ headers: 'yes' }, { pressure: null }, { requests: { sampleRate: 'some' } }, { requests: { sampleRate: 2 } }, { pressure: { mode: 'probabilistic', at: 'warning' } },
    { limitMB: -1 }];
  for (const options of wrong) assert.throws(() => memoryMonitoring(options), { code: 'ERR_PGTAP_INVALID_OPTION' }, JSON.stringify(options));
  assert.equal(engine.watches.length, 0);
});
