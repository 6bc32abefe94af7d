// The whole of it around bare servers of Node's: http, and http2 by its compatibility API.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';

import { fakeParts } from './fake-parts.mjs';
import { connected, http2Session, listening, resultsFromNow, turns, until } from './http-servers.mjs';

const require = createRequire(import.meta.url);
const { withMemoryMonitoringOn } = require('../../lib/memory/middleware/node-http.js');
const { memoryTracker, operations } = require('../../lib/memory/index.js');

function driven() {
  const { engine, parts } = fakeParts();
  return { engine, withMemoryMonitoring: withMemoryMonitoringOn(parts), change: (to, percent) => engine.watches[0].change(to, percent) };
}

test('headers, memory of requests and refusal, on one watch', async (t) => {
  memoryTracker.reset();
  const { engine, withMemoryMonitoring, change } = driven();
  const listener = withMemoryMonitoring((request, response) => response.end(request.memory?.confidence));
  const { ask } = await listening(t, listener);
  const { status, headers, body } = await ask('/users/1');
  assert.deepEqual([status, headers['x-memory-usage'], headers['x-memory-percent'], headers['x-memory-status'], body], [200, '100.00', '10.0', 'healthy', 'exclusive']);
  change('emergency', 97);
  const refused = await ask('/users/1');
  assert.deepEqual([refused.status, refused.headers['retry-after'], refused.headers['x-memory-status']], [503, '10', 'emergency']);
  assert.equal((await ask('/health')).status, 200);
  assert.equal(listener.shedCount, 1);
  assert.equal(engine.watches.length, 1);
  await turns();
  assert.deepEqual(memoryTracker.getTopConsumers().map(({ operation, callCount }) => [operation, callCount]), [['GET (no route)', 1]], 'neither refused nor exempt');
  listener.close();
  listener.close();
  const after = await ask('/users/1');
  assert.deepEqual([after.status, after.headers['x-memory-status'], after.body], [200, undefined, '']);
  assert.equal(engine.watches[0].stopped, true);
});

test('each part may be left out, or has options of its own', async (t) => {
  const results = await resultsFromNow(t, operations);
  const statusOf = async (options) => {
    const { withMemoryMonitoring, change } = driven();
    const listener = withMemoryMonitoring((request, response) => response.end(String(request.memory === undefined)), options);
    const { ask } = await listening(t, listener);
    change('critical', 91);
    const { status, headers, body } = await ask('/a/1');
    return [status, headers['x-memory-status'], status === 200 ? body : listener.shedCount];
  };
  assert.deepEqual(await statusOf({ headers: false, requests: false }), [200, undefined, 'true']);
  assert.deepEqual(await statusOf({ headers: true, pressure: { at: 'critical' }, requests: false }), [503, 'critical', 1]);
  assert.deepEqual(await statusOf({ headers: { enabled: false }, pressure: { at: 'critical', exempt: ['/a'] } }), [200, undefined, 'false']);
  assert.deepEqual(await statusOf({ pressure: false, requests: { name: ({ url }) => url.split('/')[1] } }), [200, 'critical', 'false']);
  await turns();
  assert.deepEqual(results.map(({ name }) => name), ['GET (no route)', 'a']);
});

test('the handler has its `this`, and what it answers is answered', async (t) => {
  const { withMemoryMonitoring } = driven();
  let self;
  const listener = withMemoryMonitoring(async function handler(request, response) {
    self = this;
    response.end();
    return 'answered';
  });
  const answers = [];
  const server = http.createServer(function listen(request, response) { answers.push(listener.call(this, request, response)); });
  const { ask } = await listening(t, server);
  await ask('/');
  assert.equal(self, server);
  assert.deepEqual(await Promise.all(answers), ['answered']);
});

test('streams and aborted requests end once', async (t) => {
  const { withMemoryMonitoring } = driven();
  const results = await resultsFromNow(t, operations);
  const { ask, port } = await listening(t, withMemoryMonitoring(async (request, response) => {
    if (request.url === '/never') return;
    for (let i = 0; i < 3; i += 1) {
      response.write('x');
      await later(1);
    }
    response.end();
  }));
  assert.equal((await ask('/stream')).body, 'xxx');
  const socket = await connected(t, port, 'GET /never HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => operations.running === 1, 'it runs');
  socket.destroy();
  await until(() => results.length === 2, 'it ended');
  assert.equal(operations.running, 0);
});

test('http2', async (t) => {
  const { withMemoryMonitoring, change } = driven();
  const results = await resultsFromNow(t, operations);
  const session = await http2Session(t, withMemoryMonitoring((request, response) => {
    if (request.url === '/never') return;
    response.end(request.memory.confidence);
  }));
  const ask = async (path) => {
    const stream = session.request({ ':path': path });
    const [headers] = await once(stream, 'response');
    let body = '';
    for await (const chunk of stream) body += chunk;
    return { headers, body };
  };
  const { headers, body } = await ask('/');
  assert.deepEqual([headers[':status'], headers['x-memory-status'], body], [200, 'healthy', 'exclusive']);
  const never = session.request({ ':path': '/never' });
  await until(() => operations.running === 1, 'it runs');
  never.close();
  await until(() => results.length === 2, 'it ended');
  change('emergency', 99);
  const refused = await ask('/');
  assert.deepEqual([refused.headers[':status'], refused.headers['retry-after'], JSON.parse(refused.body).statusCode], [503, '10', 503]);
  assert.equal(operations.running, 0);
});

test('wrong arguments', () => {
  const { engine, withMemoryMonitoring } = driven();
  const handler = () => {};
  assert.throws(() => withMemoryMonitoring(), { code: 'ERR_PGTAP_INVALID_ARGUMENT', name: 'TypeError', message: /^Expected a function for handler/ });
  const wrong = [{ headers: 'yes' }, { pressure: null }, { requests: [] }, { headers: { enabled: 1 } }, { requests: { slowMB: -1 } }, { pressure: { at: 'x' } },
    { pressure: { mode: 'probabilistic', at: 'warning' } }, { thresholds: {} }, { limitMB: -1 }, { intervalMs: 0 }];
  for (const options of wrong) assert.throws(() => withMemoryMonitoring(handler, options), { code: 'ERR_PGTAP_INVALID_OPTION' }, JSON.stringify(options));
  assert.equal(engine.watches.length, 0);
});
