// Requests that are not measured: nothing is hung on them, and those that are measured still know that they run.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';

import { fakeParts } from './fake-parts.mjs';
import { connected, http2Session, listening, resultsFromNow, turns, until } from './http-servers.mjs';

const require = createRequire(import.meta.url);
const fastify = require('fastify');
const { fastifyMemoryOn } = require('../../lib/memory/fastify/plugin.js');
const { withMemoryMonitoringOn } = require('../../lib/memory/middleware/node-http.js');
const { operations, trackOperation, trackOperationSync, triggerGarbageCollection } = require('../../lib/memory/index.js');

/** Of more that run at once the first tell their ends themselves. */
const MOST = 128;

/** A listener that measures requests when `measures.next` says so, and no others. */
function listenerOf(handler, options) {
  const measures = { next: false };
  const parts = fakeParts().parts;
  const listener = withMemoryMonitoringOn(parts, () => (measures.next ? 0 : 0.9))(handler, { headers: false, pressure: false, requests: { sampleRate: 0.5, ...options } });
  return { measures, listener };
}

/** A server over it, and what operations were told. */
async function served(t, handler, options) {
  const { measures, listener } = listenerOf(handler, options);
  return { measures, results: await resultsFromNow(t, operations), ...await listening(t, listener) };
}

const listenersOf = (emitter) => Object.fromEntries(emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]));
const allListeners = (request, response) => [request, response, request.socket].map(listenersOf);

test('nothing listens to one that is not measured', async (t) => {
  const found = [];
  const look = (request, response) => {
    found.push(allListeners(request, response));
    response.end();
  };
  const plain = await listening(t, look);
  await plain.ask('/');
  const { ask, measures } = await served(t, look);
  await ask('/');
  measures.next = true;
  await ask('/');
  const [without, unmeasured, measured] = found;
  assert.deepEqual(unmeasured, without);
  assert.notDeepEqual(measured, without, 'it would show');
});

test('those that are open make one beside them shared, whether they tell their ends themselves or not', async (t) => {
  const held = [];
  const begun = [];
  const listeners = (response) => response.listenerCount('close');
  const { ask, port, measures, results } = await served(t, (request, response) => {
    if (request.url !== '/hold') return response.end();
    held.push(response);
    begun.push(listeners(response));
  });
  for (let at = 0; at < MOST; at += 1) await connected(t, port, 'GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => held.length === MOST, 'they are open');
  await connected(t, port, 'GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => held.length === MOST + 1, 'another is open');
  assert.equal(listeners(held[0]), begun[0] + 1, 'the first one was as many as are looked at ago');
  assert.equal(listeners(held[MOST]), begun[MOST], 'the last one is looked at');
  measures.next = true;
  await ask('/');
  for (const response of held) response.end();
  await until(() => operations.running === 0, 'they ended');
  await ask('/');
  await turns();
  assert.deepEqual(results.map(({ overlapped }) => overlapped), [MOST + 1, 0]);
});

test('one that begins beside a measured one is counted, also when it ended before', async (t) => {
  const held = [];
  const { ask, port, measures, results } = await served(t, (request, response) => {
    if (request.url === '/hold') held.push(response);
    else response.end();
  });
  measures.next = true;
  await connected(t, port, 'GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => held.length === 1, 'it is open');
  measures.next = false;
  for (let i = 0; i < 40; i += 1) await ask('/');
  held[0].end();
  await until(() => results.length === 1, 'it ended');
  assert.equal(results[0].overlapped, 40);
  assert.equal(operations.running, 0);
});

for (const isLong of [false, true]) {
  test(`they end when aborted, also when sent at once on one connection; ${isLong ? 'after a second' : 'at once'}`, async (t) => {
    let open = 0;
    const { port } = await served(t, (request, response) => {
      open += 1;
      if (request.url === '/half') response.write('half');
    });
    const texts = ['GET /never HTTP/1.1\r\nHost: x\r\n\r\n', 'GET /half HTTP/1.1\r\nHost: x\r\n\r\n', 'POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\npart',
      'GET /first HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3)];
    for (const text of texts) {
      open = 0;
      const expected = text.split('Host').length - 1;
      const socket = await connected(t, port, text);
      await until(() => open === expected, 'all are open');
      if (isLong) await later(1_100);
      assert.equal(operations.running, expected);
      socket.destroy();
      await until(() => operations.running === 0, 'all ended');
    }
  });
}

test('HTTP/2: they end when they were sent and when they were given up', async (t) => {
  const { listener } = listenerOf((request, response) => { if (request.url === '/') response.end('sent'); });
  const session = await http2Session(t, listener);
  const sent = session.request({ ':path': '/' });
  let body = '';
  for await (const chunk of sent) body += chunk;
  assert.equal(body, 'sent');
  await until(() => operations.running === 0, 'it ended');
  const never = session.request({ ':path': '/never' });
  await until(() => operations.running === 1, 'it runs');
  never.close();
  await until(() => operations.running === 0, 'it ended, too');
});

test('Fastify: over a connection and injected', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  await app.register(fastifyMemoryOn(fakeParts().parts), { requests: { sampleRate: 0 } });
  let running;
  app.get('/', async (request) => {
    running = operations.running;
    return request.raw.memory;
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const unmeasured = { startBytes: null, deltaBytes: null, confidence: 'unmeasured', overlapped: null };
  assert.deepEqual((await app.inject('/')).json(), unmeasured);
  assert.equal(running, 1);
  await until(() => operations.running === 0, 'it ended');
  assert.deepEqual(await (await fetch(`http://127.0.0.1:${app.server.address().port}/`)).json(), unmeasured);
  assert.equal(running, 1);
  await until(() => operations.running === 0, 'it ended, too');
});

test('the last one is let go of when nobody asks how many run', async (t) => {
  let request;
  const { port } = await served(t, (given, response) => {
    request = new WeakRef(given);
    response.end();
  });
  await connected(t, port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await until(() => request !== undefined && triggerGarbageCollection() && request.deref() === undefined, 'it was collected');
});

for (const [als, confidences] of [['auto', ['exclusive', 'shared']], [true, ['exclusive', 'exclusive']], [false, ['shared', 'shared']]]) {
  test(`als: ${als}: operations of one that is not measured are ${confidences} before and after an await`, async (t) => {
    const before = operations.nesting;
    t.after(() => { operations.nesting = before; });
    operations.nesting = 'async';
    const { ask, results } = await served(t, async (request, response) => {
      trackOperationSync('before', () => {});
      await later(1);
      await trackOperation('after', () => later(1));
      response.end();
    }, { als });
    await ask('/');
    await turns();
    assert.deepEqual(results.map(({ name, confidence }) => [name, confidence]), [['before', confidences[0]], ['after', confidences[1]]]);
  });
}

test('one that an operation causes is its own part', async (t) => {
  const { listener } = listenerOf((request, response) => response.end());
  const results = await resultsFromNow(t, operations);
  const response = { destroyed: false, end() { this.destroyed = true; } };
  trackOperationSync('outer', () => listener({ url: '/', socket: { destroyed: false } }, response));
  await turns();
  assert.deepEqual(results.map(({ name, confidence }) => [name, confidence]), [['outer', 'exclusive']]);
  assert.equal(operations.running, 0);
});
