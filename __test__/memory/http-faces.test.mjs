// The memory endpoints in real servers: node:http, Express and Fastify, wherever the router is mounted.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createServer2, connect as connect2 } from 'node:http2';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import express from 'express';
import fastify from 'fastify';

import { FACES, JSON_TYPE, KEY, authorize, bare, routerOf, serve } from './http-servers.mjs';

const require = createRequire(import.meta.url);

for (const face of FACES) {
  test(`${face.name}: answers, refuses, and reads bodies`, async (t) => {
    const { router, logged } = routerOf({ authorize, actionIntervalMs: 0 });
    const { ask, act } = await serve(t, face, router);

    const health = await ask('GET', '/health');
    assert.equal(health.status, 200);
    assert.equal(health.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(health.headers.get('cache-control'), 'no-store');
    assert.equal(health.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(health.headers.get('content-length'), String(Buffer.byteLength(health.text)));
    assert.ok(health.json.currentUsage.heapUsed > 0);
    assert.equal((await ask('GET', '/top-consumers?limit=3')).status, 200);

    const head = await ask('HEAD', '/health');
    assert.deepEqual([head.status, head.text], [200, '']);
    assert.ok(Number(head.headers.get('content-length')) > 0);

    const options = await ask('OPTIONS', '/gc');
    assert.deepEqual([options.status, options.headers.get('allow'), options.text], [204, 'POST, OPTIONS', '']);
    const wrong = await ask('DELETE', '/health');
    assert.deepEqual([wrong.status, wrong.headers.get('allow'), wrong.json.error.code], [405, 'GET, HEAD, OPTIONS', 'method_not_allowed']);
    const missing = await ask('GET', '/nothing');
    assert.deepEqual([missing.status, missing.json.error.code], [404, 'not_found']);
    assert.equal((await ask('GET', '')).json.error.code, 'not_found');

    assert.equal((await ask('POST', '/gc')).json.error.code, 'forbidden');
    assert.equal((await ask('POST', '/gc', { headers: KEY })).json.type, 'force_gc', 'without a body');
    assert.equal((await act('/gc', '{}')).json.type, 'force_gc');
    assert.equal((await act('/gc', '{"force":true}')).json.error.code, 'bad_request');
    assert.equal((await act('/gc', `{"a":"${'x'.repeat(5000)}"}`)).json.error.code, 'body_too_large');
    for (const type of ['text/plain', 'no type at all', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      const answer = await ask('POST', '/gc', { headers: { ...KEY, 'content-type': type }, body: '{}' });
      assert.deepEqual([answer.status, answer.json.error.code], [415, 'unsupported_media_type'], type);
    }
    assert.ok(logged.every((line) => line.startsWith('[memory] refused ')), logged.join('\n'));
  });
}

test('what is not below the base path is left to the next handler', async (t) => {
  const { router } = routerOf();
  const app = express();
  app.use('/api/memory', router);
  app.use(router);
  app.use('/v1', express.Router().use(router).get('/health', (request, response) => response.send('mine')));
  app.get(['/health', '/api/memoryless/health', '/status'], (request, response) => response.send('mine'));
  const server = createServer(app);
  const { port } = await listen(t, server);
  for (const path of ['/health', '/status', '/api/memoryless/health', '/v1/health']) {
    assert.equal(await (await fetch(`http://127.0.0.1:${port}${path}`)).text(), 'mine', path);
  }
});

async function listen(t, server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => {
    server.closeAllConnections?.();
    server.close(resolve);
  }));
  return server.address();
}

test("Fastify's application keeps its parsers, error handler and hooks", async (t) => {
  const { router } = routerOf({ authorize: (request) => request.user === 'admin', actionIntervalMs: 0 });
  const app = fastify();
  t.after(() => app.close());
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (request, body, done) => done(null, `parsed ${body}`));
  app.setErrorHandler((error, request, reply) => reply.code(418).send({ mine: error.message }));
  const seen = [];
  app.addHook('onRequest', async (request) => { request.user = request.headers['x-user']; });
  app.addHook('onSend', async (request, reply) => { seen.push(reply.statusCode); });
  await app.register(router.fastify);
  app.post('/echo', async ({ body }) => ({ body }));
  app.get('/fails', async () => { throw new Error('no'); });

  assert.deepEqual((await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } })).json(), { body: { a: 1 } });
  const text = await app.inject({ method: 'POST', url: '/echo', payload: 'x', headers: { 'content-type': 'text/plain' } });
  assert.deepEqual(text.json(), { body: 'parsed x' });
  assert.deepEqual((await app.inject('/fails')).json(), { mine: 'no' });
  const collect = (user) => app.inject({ method: 'POST', url: '/api/memory/gc', payload: {}, headers: { 'x-user': user } });
  assert.equal((await collect('admin')).statusCode, 200, "authorize is given Fastify's request");
  assert.equal((await collect('guest')).statusCode, 403);
  assert.deepEqual(seen, [200, 200, 418, 200, 403], 'its hooks see the answers');
});

test("Express's authorize is given Express's request", async (t) => {
  const { router } = routerOf({ authorize: (request) => request.user === 'admin', loopback: false });
  const app = express();
  app.use((request, response, next) => {
    request.user = request.get('x-user');
    next();
  }, router);
  const { port } = await listen(t, createServer(app));
  const ask = async (user) => (await fetch(`http://127.0.0.1:${port}/api/memory/health`, { headers: { 'x-user': user } })).status;
  assert.deepEqual([await ask('admin'), await ask('guest')], [200, 403]);
});

test('bodies that Express parsed as text or bytes are read, and limited', async (t) => {
  for (const parser of [express.text({ type: '*/*' }), express.raw({ type: '*/*' })]) {
    const { router } = routerOf({ authorize, actionIntervalMs: 0 });
    const app = express();
    app.use(parser, router);
    const { port } = await listen(t, createServer(app));
    const act = async (body) => (await fetch(`http://127.0.0.1:${port}/api/memory/gc`, { method: 'POST', headers: { ...KEY, ...JSON_TYPE }, body })).status;
    assert.deepEqual([await act('{}'), await act('{"a":1}'), await act('{'), await act(' '.repeat(4097))], [200, 400, 400, 413]);
  }
});

test('HTTP/2', async (t) => {
  const { router } = routerOf({ authorize, actionIntervalMs: 0 });
  const server = createServer2(router);
  const { port } = await listen(t, server);
  const session = connect2(`http://127.0.0.1:${port}`);
  const ask = async (headers, body) => {
    const stream = session.request(headers, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    const [answer] = await once(stream, 'response');
    stream.resume();
    await once(stream, 'close');
    return answer[':status'];
  };
  assert.equal(await ask({ ':path': '/api/memory/health' }), 200);
  assert.equal(await ask({ ':path': '/api/memory/health', ':authority': 'evil.example' }), 403, 'a name of elsewhere');
  assert.equal(await ask({ ':path': '/api/memory/gc', ':method': 'POST', ...KEY, ...JSON_TYPE }, '{}'), 200);
  assert.equal(await ask({ ':path': '/api/memory/gc', ':method': 'POST', ...KEY, ...JSON_TYPE }, '{"a":1}'), 400);
  assert.equal(await ask({ ':path': '/api/memory/gc', ':method': 'POST', ...JSON_TYPE }, '{"a":1}'), 403);
  session.close();
});

test('what is not enabled is not there', async (t) => {
  const { ask, act } = await bare(t, { authorize, enable: ['reads'] });
  assert.equal((await ask('GET', '/health')).status, 200);
  assert.equal((await act('/gc', '{}')).status, 404);
  assert.equal((await act('/snapshot', '{}')).status, 404);
  assert.equal((await ask('GET', '/prometheus')).status, 404, 'no registry was given');
  assert.deepEqual(Object.keys((await ask('GET', '/openapi.json')).json.paths).filter((path) => /gc|snapshot|dashboard|prometheus/.test(path)), []);
});

test('in production heap snapshots are served where the environment says so', (t) => {
  const before = { NODE_ENV: process.env.NODE_ENV, MEMORY_ENABLE_SNAPSHOTS: process.env.MEMORY_ENABLE_SNAPSHOTS };
  t.after(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const { readRouterOptions } = require('../../lib/memory/http/options.js');
  const enabled = () => readRouterOptions({}).enable.includes('snapshot');
  delete process.env.MEMORY_ENABLE_SNAPSHOTS;
  process.env.NODE_ENV = 'development';
  assert.equal(enabled(), true);
  process.env.NODE_ENV = 'production';
  assert.equal(enabled(), false);
  process.env.MEMORY_ENABLE_SNAPSHOTS = 'true';
  assert.equal(enabled(), true);
});

test('the registry of prom-client that the program gives', async (t) => {
  const { Registry, Gauge } = require('prom-client');
  const register = new Registry();
  new Gauge({ name: 'mine', help: 'x', registers: [register] }).set(3);
  const { ask } = await bare(t, { prometheus: register });
  const answer = await ask('GET', '/prometheus');
  assert.equal(answer.headers.get('content-type'), register.contentType);
  assert.match(answer.text, /^mine 3$/m);
});

test('a closed router answers 503, and lets its server close', async (t) => {
  const { router, ask } = await bare(t);
  router.close();
  router.close();
  const answer = await ask('GET', '/health');
  assert.deepEqual([answer.status, answer.json.error.code], [503, 'closed']);
});
