// The plugin in a real Fastify, alone and beside @fastify/under-pressure.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';

import { fakeParts, warningsOf } from './fake-parts.mjs';
import { connected, resultsFromNow, turns, until } from './http-servers.mjs';

const require = createRequire(import.meta.url);
const fastify = require('fastify');
const underPressure = require('@fastify/under-pressure');
const { fastifyMemoryOn } = require('../../lib/memory/fastify/plugin.js');
const { MemoryManagerService, memoryTracker, operations, trackOperationSync } = require('../../lib/memory/index.js');

/** A server with the plugin over a fake engine. */
async function served(t, options, routes = () => {}, register = (app, plugin) => app.register(plugin, options)) {
  const { engine, parts } = fakeParts();
  const app = fastify();
  t.after(() => app.close());
  await register(app, fastifyMemoryOn(parts));
  app.get('/things/:id', async (request) => ({ memory: request.raw.memory ?? null }));
  routes(app);
  await app.ready();
  const results = await resultsFromNow(t, operations);
  return { app, engine, names: () => results.map(({ name }) => name), change: (to, percent) => engine.watches[0].change(to, percent) };
}

test('headers, the memory of requests, and refusal over a real connection', async (t) => {
  const { app, change, names } = await served(t, {});
  await app.listen({ port: 0, host: '127.0.0.1' });
  const origin = `http://127.0.0.1:${app.server.address().port}`;
  const response = await fetch(`${origin}/things/5`);
  assert.deepEqual(['usage', 'percent', 'status'].map((name) => response.headers.get(`x-memory-${name}`)), ['100.00', '10.0', 'healthy']);
  assert.equal((await response.json()).memory.confidence, 'exclusive');
  change('emergency', 97);
  const refused = await fetch(`${origin}/things/5`);
  assert.deepEqual([refused.status, refused.headers.get('retry-after'), refused.headers.get('cache-control')], [503, '10', 'no-store']);
  assert.deepEqual(await refused.json(), { statusCode: 503, error: 'Service Unavailable', message: 'Try again in 10 seconds' });
  const head = await fetch(`${origin}/things/5`, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [503, '']);
  const posted = await fetch(`${origin}/things/5`, { method: 'POST', body: 'x'.repeat(300_000) });
  assert.equal(posted.status, 503);
  assert.deepEqual([app.memoryPressure.level, app.memoryPressure.percent, app.memoryPressure.shedCount], ['emergency', 97, 3]);
  change('healthy', 20);
  assert.equal((await fetch(`${origin}/things/5`)).status, 200);
  await turns();
  assert.deepEqual(names(), ['GET /things/:id', 'GET /things/:id']);
});

test('top consumers are routes, with prefixes; a route that is not there has no name of its own', async (t) => {
  memoryTracker.reset();
  const { app } = await served(t, { requests: { slowMB: 100 } }, (server) => {
    server.register(async (inner) => inner.get('/users/:user', async () => {
      trackOperationSync('query', () => {});
      return {};
    }), { prefix: '/api/:tenant' });
    server.get('/fails', async () => { throw new Error('the handler failed'); });
  });
  for (const path of ['/api/a/users/1', '/api/b/users/2', '/things/7', '/nothing/1', '/nothing/2', '/fails']) await app.inject(path);
  await turns();
  const counts = memoryTracker.getTopConsumers().map(({ operation, callCount, coverage }) => [operation, callCount, coverage]).sort();
  assert.deepEqual(counts, [['GET (no route)', 2, 1], ['GET /api/:tenant/users/:user', 2, 1], ['GET /fails', 1, 1], ['GET /things/:id', 1, 1], ['query', 2, operations.nesting === 'async' ? 1 : counts.at(-1)[2]]]);
  assert.equal(operations.running, 0);
});

test("a name of the program's is asked with Fastify's request", async (t) => {
  const { app, names } = await served(t, { requests: { name: (request) => `thing ${request.params.id}` } });
  await app.inject('/things/5');
  await turns();
  assert.deepEqual(names(), ['thing 5']);
});

test('exempt paths and probabilistic refusal as in the middleware', async (t) => {
  const { app, change } = await served(t, { thresholds: { warning: 80, critical: 90, emergency: 95 }, pressure: { mode: 'probabilistic', exempt: ['/things/1'] } });
  const status = async (path) => (await app.inject(path)).statusCode;
  change('critical', 90);
  assert.equal(await status('/things/2'), 200);
  change('emergency', 95);
  assert.deepEqual([await status('/things/1'), await status('/things/2'), await status('/things/1%2f..')], [200, 503, 503]);
});

for (const first of ['fastifyMemory', 'under-pressure']) {
  test(`beside @fastify/under-pressure, ${first} first`, async (t) => {
    const { app, change, names } = await served(t, {}, undefined, async (server, plugin) => {
      const pressure = () => server.register(underPressure, { maxRssBytes: 1e12, exposeStatusRoute: '/status', retryAfter: 77 });
      if (first === 'under-pressure') await pressure();
      await server.register(plugin);
      if (first === 'fastifyMemory') await pressure();
    });
    assert.equal(typeof app.memoryUsage().heapUsed, 'number');
    assert.equal(app.isUnderPressure(), false);
    assert.equal(app.memoryPressure.level, 'healthy');
    assert.equal((await app.inject('/things/1')).statusCode, 200);
    assert.deepEqual((await app.inject('/status')).json(), { status: 'ok' });
    change('emergency', 99);
    const refused = await app.inject('/things/1');
    assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [503, '10'], 'ours');
    await turns();
    assert.deepEqual(names(), ['GET /things/:id', 'GET /status']);
  });
}

test('under-pressure may refuse what we let in', async (t) => {
  const { app, names } = await served(t, {}, undefined, async (server, plugin) => {
    await server.register(plugin);
    await server.register(underPressure, { maxRssBytes: 1, sampleInterval: 10, retryAfter: 77 });
  });
  await until(() => app.isUnderPressure(), 'it is under pressure');
  const refused = await app.inject('/things/1');
  assert.deepEqual([refused.statusCode, refused.headers['retry-after'], refused.headers['x-memory-status']], [503, '77', 'healthy']);
  await turns();
  assert.deepEqual([names(), operations.running], [['GET /things/:id'], 0]);
});

test('it belongs to whom it is registered with, and decorates two names', async (t) => {
  const before = Object.keys(fastify());
  let within;
  const { app } = await served(t, {}, (server) => server.register(async (inner) => { within = inner.memoryPressure; }));
  assert.deepEqual(Object.keys(app).filter((name) => !before.includes(name)), ['memoryManager', 'memoryPressure']);
  assert.equal(app.memoryManager, MemoryManagerService.getInstance());
  assert.equal(within, app.memoryPressure);
  assert.match(app.printPlugins(), /pgtap-scanner-memory/);
  assert.ok(app.hasPlugin('pgtap-scanner-memory'));
  assert.deepEqual([app.hasRequestDecorator('memory'), app.hasReplyDecorator('memory')], [false, false]);
});

test('in a plugin of its own it covers only that', async (t) => {
  const { app, change } = await served(t, {}, undefined, (server, plugin) => server.register(async (inner) => {
    inner.register(plugin);
    inner.get('/inner', async () => 'inner');
  }));
  change('emergency', 99);
  assert.deepEqual([(await app.inject('/inner')).statusCode, (await app.inject('/things/1')).statusCode], [503, 200]);
});

test('close ends the watch', async (t) => {
  const { app, engine } = await served(t, {});
  assert.equal(engine.watches[0].stopped, false);
  await app.close();
  assert.equal(engine.watches[0].stopped, true);
});

test('wrong options and a second registration reject, and open nothing', async (t) => {
  const { engine, parts } = fakeParts();
  const plugin = fastifyMemoryOn(parts);
  const app = fastify();
  t.after(() => app.close());
  for (const options of [{ pressure: { at: 'x' } }, { thresholds: 5 }, { requests: 'all' }, { pressure: { mode: 'probabilistic', at: 'warning' } }]) {
    const server = fastify();
    await assert.rejects(async () => {
      await server.register(plugin, options);
      await server.ready();
    }, { code: 'ERR_PGTAP_INVALID_OPTION' }, JSON.stringify(options));
  }
  assert.equal(engine.watches.length, 0);
  const own = { prefix: '/x', logLevel: 'warn', logSerializers: {} };
  assert.deepEqual(await warningsOf(() => app.register(plugin, own)), [], "Fastify's own options are not ours");
  await assert.rejects(async () => app.register(plugin), { code: 'FST_ERR_DEC_ALREADY_PRESENT' });
  assert.equal(engine.watches.length, 1);
});

test('streams, hijacked replies and aborted requests end once', async (t) => {
  const { Readable } = await import('node:stream');
  const { app, names } = await served(t, {}, (server) => {
    server.get('/stream', (request, reply) => reply.send(Readable.from((async function* chunks() {
      for (let i = 0; i < 3; i += 1) {
        yield 'x';
        await later(1);
      }
    })())));
    server.get('/hijacked', (request, reply) => {
      reply.hijack();
      reply.raw.end('own');
    });
    server.get('/never', () => new Promise(() => {}));
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address();
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/stream`)).text(), 'xxx');
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/hijacked`)).text(), 'own');
  const socket = await connected(t, port, 'GET /never HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => operations.running === 1, 'it runs');
  socket.destroy();
  await until(() => names().length === 3, 'it ended');
  assert.deepEqual([names(), operations.running], [['GET /stream', 'GET /hijacked', 'GET /never'], 0]);
});
