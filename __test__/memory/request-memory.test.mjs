// The memory of requests: in Express, with operations of their own, beside each other, streamed, aborted, pipelined.
import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';

import { MB, fakeParts, warningsOf } from './fake-parts.mjs';
import { connected, listening, resultsFromNow, turns, until } from './http-servers.mjs';

const require = createRequire(import.meta.url);
const express = require('express');
const { memoryMonitoringOn } = require('../../lib/memory/middleware/memory-monitoring.js');
const { memoryTracker, operations, trackOperation, trackOperationSync, triggerGarbageCollection } = require('../../lib/memory/index.js');

const silent = Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, () => {}]));

/** An Express app behind the middleware, what operations were told, and how to ask it. */
async function monitored(t, routes, options, random) {
  const app = express();
  const middleware = memoryMonitoringOn(fakeParts().parts, random).monitorRequestMemory({ logger: silent, ...options });
  app.use(middleware);
  routes(app);
  // Else Express logs what a test throws.
  app.use((error, request, response, next) => (response.headersSent ? next(error) : response.status(500).end()));
  const results = await resultsFromNow(t, operations);
  return { app, middleware, results, names: () => results.map(({ name }) => name), ...await listening(t, app) };
}

test('a request alone is exclusive, with what it took until now and in all', async (t) => {
  const held = [];
  let memory;
  const { ask, results } = await monitored(t, (app) => app.get('/users/:id', (request, response) => {
    ({ memory } = request);
    const before = memory.deltaBytes;
    held.push(new Array(400_000).fill(1.5));
    response.json({ grew: memory.deltaBytes - before, memory });
  }));
  const answer = JSON.parse((await ask('/users/5')).body);
  await turns();
  assert.ok(answer.grew >= 3 * MB, `${answer.grew}`);
  assert.deepEqual(Object.keys(answer.memory), ['startBytes', 'deltaBytes', 'confidence', 'overlapped']);
  assert.ok(answer.memory.startBytes > MB);
  assert.equal(results.length, 1);
  const [{ name, heapDeltaBytes, adjustedBytes, confidence, overlapped }] = results;
  assert.deepEqual({ name, confidence, overlapped }, { name: 'GET /users/:id', confidence: 'exclusive', overlapped: 0 });
  assert.ok(adjustedBytes > 3 * MB);
  assert.deepEqual([memory.deltaBytes, memory.confidence], [heapDeltaBytes, 'exclusive'], 'the same after the end');
  held.length = 0;
});

test('top consumers are routes, not paths', async (t) => {
  memoryTracker.reset();
  const { ask } = await monitored(t, (app) => {
    const users = express.Router();
    users.get('/:id', (request, response) => response.end());
    users.post(['/', '/new'], (request, response) => response.end());
    app.use('/users', users);
    app.all(/^\/files\/.*/, (request, response) => response.end());
    app.get('/broken', () => { throw new Error('the handler failed'); });
  });
  for (const path of ['/users/1', '/users/2', '/users/3?x=1', '/files/a/b', '/nothing/1', '/nothing/2', '/broken']) await ask(path);
  await ask('/users/new', { method: 'POST' });
  await ask('/users', { method: 'DELETE' });
  await turns();
  const counts = memoryTracker.getTopConsumers().map(({ operation, callCount }) => [operation, callCount]).sort();
  assert.deepEqual(counts, [['DELETE (no route)', 1], ['GET (no route)', 2], ['GET /^\\/files\\/.*/', 1], ['GET /broken', 1],
    ['GET /users/:id', 3], ['POST /users/', 1]]);
  assert.equal(operations.running, 0);
});

test('names are bounded', async (t) => {
  memoryTracker.reset();
  const { ask, names } = await monitored(t, (app) => {
    const inner = express.Router();
    inner.get('/', (request, response) => response.end());
    app.use('/tenants/:tenant', inner);
  }, { sampleRate: 1 });
  for (let i = 0; i < 320; i += 1) await ask(`/tenants/${i}`);
  await ask(`/tenants/${'x'.repeat(500)}`);
  await ask('/tenants/7');
  await turns();
  const distinct = new Set(names());
  assert.equal(distinct.size, 301);
  assert.equal(names().filter((name) => name === 'GET (other)').length, 21);
  assert.equal(names().at(-1), 'GET /tenants/7/', 'those that were known stay');
});

test('a name of the program, cut when it is long, and one that fails', async (t) => {
  let name = () => 'orders';
  const { ask, names } = await monitored(t, (app) => app.get('/a', (request, response) => response.end()), { name: (request) => name(request) });
  const warnings = await warningsOf(async () => {
    for (const next of [({ originalUrl }) => originalUrl, () => 'y'.repeat(300), () => null, () => undefined, () => '', () => 5, () => { throw new Error('no name'); }]) {
      name = next;
      await ask('/a');
    }
    await turns();
  });
  assert.deepEqual(names(), ['/a', 'y'.repeat(200), ...Array(5).fill('GET /a')]);
  assert.deepEqual(warnings, [{ code: 'PGTAP_MEMORY_LISTENER', message: 'name() of a request failed: it answered an empty string in place of a name or null' }]);
});

test('requests beside each other are shared, and say how many', async (t) => {
  const waiting = [];
  const seen = {};
  const { server, results, port } = await monitored(t, (app) => app.get('/:name', (request, response) => {
    seen[request.params.name] = request.memory;
    waiting.push(() => response.end());
  }));
  assert.ok(server);
  const sockets = [];
  for (const name of ['a', 'b', 'c']) {
    sockets.push(await connected(t, port, `GET /${name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
    await until(() => seen[name] !== undefined, `${name} is handled`);
    if (name === 'a') assert.equal(seen.a.confidence, 'exclusive');
  }
  assert.deepEqual([seen.a, seen.b, seen.c].map(({ confidence, overlapped }) => [confidence, overlapped]), Array(3).fill(['shared', 2]));
  for (const answer of waiting) answer();
  await until(() => results.length === 3, 'all ended');
  assert.deepEqual(results.map(({ confidence, overlapped }) => [confidence, overlapped]), Array(3).fill(['shared', 2]));
  assert.equal(operations.running, 0);
});

test('a tracked operation outside is beside it, one inside is its own', async (t) => {
  let outside;
  const { ask, results } = await monitored(t, (app) => {
    app.get('/inside', (request, response) => {
      trackOperationSync('inside', () => {});
      response.end();
    });
    app.get('/outside', async (request, response) => {
      await outside;
      response.end();
    });
  });
  await ask('/inside');
  await turns();
  let end;
  outside = later(20);
  const background = trackOperation('background', () => new Promise((settle) => { end = settle; }));
  await ask('/outside');
  end();
  await background;
  await turns();
  assert.deepEqual(results.map(({ name, confidence }) => [name, confidence]), [
    ['inside', 'exclusive'], ['GET /inside', 'exclusive'], ['GET /outside', 'shared'], ['background', 'shared'],
  ]);
});

for (const [als, confidence] of [[true, 'exclusive'], [false, 'shared']]) {
  test(`als: ${als}: an operation after an await is ${confidence}`, async (t) => {
    const before = operations.nesting;
    t.after(() => { operations.nesting = before; });
    if (als === false) operations.nesting = 'async';
    const { ask, results } = await monitored(t, (app) => app.get('/', async (request, response) => {
      await later(1);
      await trackOperation('query', () => later(1));
      response.end();
    }), { als });
    assert.equal(operations.nesting, 'async');
    await ask('/');
    await turns();
    assert.deepEqual(results.map((result) => [result.name, result.confidence]), [['query', confidence], ['GET /', confidence]]);
  });
}

test("als: 'auto' leaves the nesting as it is", async (t) => {
  const before = operations.nesting;
  await monitored(t, () => {}, { als: 'auto' });
  assert.equal(operations.nesting, before);
});

test('sampleRate: the others are not measured, but known to run beside', async (t) => {
  const draws = [0.3, 0.24, 0.25, 0, 0.9, 0.9];
  let drawn = 0;
  const waiting = [];
  const { ask, port, results } = await monitored(t, (app) => {
    app.get('/hold', (request, response) => waiting.push(response));
    app.get('/inner', (request, response) => {
      trackOperationSync('inner', () => {});
      response.end();
    });
    app.get('/', (request, response) => response.json(request.memory));
  }, { sampleRate: 0.25 }, () => draws[drawn++]);
  const told = [];
  for (let i = 0; i < 4; i += 1) told.push(JSON.parse((await ask('/')).body));
  assert.deepEqual(told.map(({ confidence }) => confidence), ['unmeasured', 'exclusive', 'unmeasured', 'exclusive']);
  assert.deepEqual(told[0], { startBytes: null, deltaBytes: null, confidence: 'unmeasured', overlapped: null });
  await turns();
  assert.deepEqual(results.map(({ confidence }) => confidence), ['exclusive', 'exclusive']);

  draws.push(0);
  await connected(t, port, 'GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => waiting.length === 1, 'an unmeasured request is open');
  await ask('/inner');
  waiting[0].end();
  await until(() => operations.running === 0, 'it ended');
  await ask('/');
  await turns();
  assert.deepEqual(results.slice(2).map(({ name, confidence }) => [name, confidence]), [['inner', 'shared'], ['GET /', 'exclusive']]);
});

test('what is tracked in a request that is not measured is its own', async (t) => {
  const { ask, results } = await monitored(t, (app) => app.get('/', (request, response) => {
    trackOperationSync('inner', () => {});
    response.end();
  }), { sampleRate: 0 });
  await ask('/');
  await turns();
  assert.deepEqual(results.map(({ name, confidence }) => [name, confidence]), [['inner', 'exclusive']]);
});

test('exempt requests are not measured and disturb no others', async (t) => {
  const streams = [];
  const { ask, port, results, names } = await monitored(t, (app) => {
    app.get('/events', (request, response) => {
      response.write('data: 1\n\n');
      streams.push(request);
    });
    app.get('/', (request, response) => response.end());
  }, { exempt: ['/events'] });
  await connected(t, port, 'GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => streams.length === 1, 'the stream is open');
  assert.equal(streams[0].memory.confidence, 'unmeasured');
  await ask('/');
  await turns();
  assert.deepEqual([names(), results[0].confidence], [['GET /'], 'exclusive']);
});

test('a stream ends when it was sent, an aborted request when its connection closed, each once', async (t) => {
  const { ask, port, names } = await monitored(t, (app) => {
    app.get('/stream', async (request, response) => {
      for (let i = 0; i < 5; i += 1) {
        response.write('x'.repeat(70_000));
        await later(2);
        assert.equal(operations.running, 1);
      }
      response.end();
    });
    app.get('/never', () => {});
    app.get('/half', (request, response) => response.write('half'));
    app.post('/upload', (request) => request.resume());
  });
  assert.equal((await ask('/stream')).body.length, 350_000);
  await turns();
  assert.deepEqual(names(), ['GET /stream']);
  const texts = ['GET /never HTTP/1.1\r\nHost: x\r\n\r\n', 'GET /half HTTP/1.1\r\nHost: x\r\n\r\n', 'POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\npart'];
  for (const [at, text] of texts.entries()) {
    const socket = await connected(t, port, text);
    await until(() => operations.running === 1, 'it runs');
    socket.destroy();
    await until(() => names().length === at + 2, 'it ended');
    assert.equal(operations.running, 0);
  }
  await turns();
  assert.deepEqual(names(), ['GET /stream', 'GET /never', 'GET /half', 'POST /upload']);
});

test('requests sent at once on one connection end, also those whose turn never came', async (t) => {
  const first = [];
  const { port, names, ask } = await monitored(t, (app) => {
    app.get('/first', (request, response) => first.push(response));
    app.get('/:name', (request, response) => response.end(request.params.name));
  });
  const texts = ['first', 'second', 'third'].map((name) => `GET /${name} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const socket = await connected(t, port, texts.join(''));
  await until(() => operations.running === 3, 'all three began');
  first[0].end();
  await until(() => names().length === 3, 'all three ended');
  socket.write(texts.join(''));
  await until(() => operations.running === 3, 'all three began again');
  socket.destroy();
  await until(() => operations.running === 0, 'all three ended with their connection');
  await turns();
  assert.deepEqual(names().sort(), [...Array(4).fill('GET /:name'), 'GET /first', 'GET /first']);
  await ask('/alone');
  await turns();
  assert.equal(names().length, 7);
});

test('one whose turn came ends once when its connection closes', async (t) => {
  const held = [];
  const { port, results } = await monitored(t, (app) => app.get('/:name', (request, response) => held.push(response)));
  const socket = await connected(t, port, 'GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => held.length === 2, 'both are held');
  held[0].end();
  await until(() => held[1].socket !== null, 'it is the turn of the second');
  socket.destroy();
  await until(() => results.length === 2, 'both ended');
  await turns();
  assert.deepEqual([results.length, operations.running], [2, 0]);
});

for (const sampleRate of [0, 1]) test(`an async context that goes on does not keep the request, sampleRate ${sampleRate}`, async (t) => {
  const before = operations.nesting;
  t.after(() => { operations.nesting = before; });
  let kept;
  let request;
  const { port } = await monitored(t, (app) => app.get('/', (given, response) => {
    kept = new AsyncResource('a connection of a pool');
    request = new WeakRef(given);
    response.end();
  }), { als: true, sampleRate });
  await connected(t, port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await until(() => request !== undefined && operations.running === 0, 'it ended');
  await until(() => triggerGarbageCollection() && request.deref() === undefined, 'it was collected');
  assert.ok(kept);
});

for (const sampleRate of [0, 1]) test(`a connection that goes on does not keep its requests, sampleRate ${sampleRate}`, async (t) => {
  const requests = [];
  const { port } = await monitored(t, (app) => app.get('/', (request, response) => {
    requests.push(new WeakRef(request));
    response.end();
  }), { sampleRate });
  const text = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  const socket = await connected(t, port, text.repeat(3));
  await until(() => requests.length === 3 && operations.running === 0, 'three ended');
  // Node keeps the last one itself.
  socket.write(text);
  await until(() => requests.length === 4 && operations.running === 0, 'another ended');
  await until(() => triggerGarbageCollection() && requests.slice(0, 3).every((each) => each.deref() === undefined), 'three were collected');
});

test('many requests at once on one connection cause no warning', async (t) => {
  const held = [];
  const { port } = await monitored(t, (app) => app.get('/', (request, response) => held.push(response)));
  const warnings = await warningsOf(async () => {
    const socket = await connected(t, port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(40));
    await until(() => held.length === 40, 'all are held');
    socket.destroy();
    await until(() => operations.running === 0, 'all ended');
  });
  assert.deepEqual(warnings, []);
});

test('a request whose response is closed already is let through', async (t) => {
  let handled = 0;
  const app = express();
  const { monitorRequestMemory } = memoryMonitoringOn(fakeParts().parts);
  app.use(async (request, response, next) => {
    request.socket.destroy();
    await new Promise((settle) => response.once('close', settle));
    next();
  }, monitorRequestMemory(), () => { handled += 1; });
  const { port } = await listening(t, app);
  await connected(t, port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => handled === 1, 'it was handled');
  assert.equal(operations.running, 0);
});

test('requests over slowMB are told to onSlow, with Node\'s request', async (t) => {
  const slow = [];
  const held = [];
  const { ask } = await monitored(t, (app) => {
    app.get('/little', (request, response) => response.end());
    app.get('/heap', (request, response) => {
      held.push(new Array(700_000).fill(2.5));
      response.end();
    });
    app.get('/outside', (request, response) => {
      held.push(Buffer.alloc(6 * MB));
      response.end();
    });
  }, { slowMB: 5, onSlow: (result, { originalUrl }) => slow.push([originalUrl, result]) });
  for (const path of ['/little', '/heap?x=1', '/outside']) await ask(path);
  await turns();
  assert.deepEqual(slow.map(([url, { name, confidence }]) => [url, name, confidence]), [['/heap?x=1', 'GET /heap', 'exclusive'], ['/outside', 'GET /outside', 'exclusive']]);
  assert.ok(slow[0][1].adjustedBytes > 5 * MB && slow[1][1].externalDeltaBytes >= 6 * MB);
  held.length = 0;
});

test('beside others a request counts for its part', async (t) => {
  const slow = [];
  const held = [];
  const waiting = [];
  const { port, results } = await monitored(t, (app) => app.get('/:mb', (request, response) => {
    waiting.push(response);
    if (waiting.length < 4) return;
    held.push(Buffer.alloc(Number(request.params.mb) * MB));
    for (const each of waiting.splice(0)) each.end();
  }), { slowMB: 5, onSlow: ({ overlapped }) => slow.push(overlapped) });
  const round = async (mb) => {
    const before = results.length;
    for (let i = 0; i < 4; i += 1) await connected(t, port, `GET /${mb} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await until(() => results.length === before + 4, 'four ended');
  };
  await round(12);
  assert.deepEqual(slow, [], '12 MB of four together');
  await round(32);
  assert.deepEqual(slow, [3, 3, 3, 3]);
  held.length = 0;
});

test('without onSlow they are logged; a logger or an onSlow that fails disturbs nobody', async (t) => {
  const lines = [];
  const logger = { ...silent, warn: (line) => lines.push(line) };
  const routes = (app) => app.get('/users/:id', (request, response) => response.end(Buffer.alloc(MB)));
  const { ask } = await monitored(t, routes, { slowMB: 0, logger });
  await ask('/users/4%0aforged');
  await turns();
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^\[memory\] GET \/users\/:id: \d+\.\d\dMB allocated \(exclusive\), heap [-\d.]+MB, collected [\d.]+MB, [\d.]+ ms$/);
  const throwing = { slowMB: 0, logger: { ...silent, warn: () => { throw new Error('the logger failed'); } } };
  const rejecting = { slowMB: 0, onSlow: async () => { throw new Error('onSlow rejected'); } };
  const warnings = await warningsOf(async () => {
    for (const options of [throwing, rejecting]) {
      const server = await monitored(t, routes, options);
      for (let i = 0; i < 2; i += 1) assert.equal((await server.ask('/users/1')).status, 200);
      await turns();
      assert.equal(server.results.length, 2, 'it is counted all the same');
    }
  });
  assert.deepEqual(warnings.map(({ message }) => message), ['The logger failed: the logger failed', 'onSlow failed: onSlow rejected']);
});

test('mounted twice it counts once; what else is called memory is replaced', async (t) => {
  const { monitorRequestMemory } = memoryMonitoringOn(fakeParts().parts);
  const { ask, names } = await monitored(t, (app) => {
    app.use(monitorRequestMemory());
    app.get('/', (request, response) => response.end(request.memory.confidence));
  });
  assert.equal((await ask('/')).body, 'exclusive');
  const app = express();
  app.use((request, response, next) => {
    request.memory = 'of another library';
    next();
  }, monitorRequestMemory(), (request, response) => response.end(request.memory.confidence));
  const other = await listening(t, app);
  assert.equal((await other.ask('/')).body, 'exclusive');
  await turns();
  assert.deepEqual(names(), ['GET /', 'GET (no route)']);
});

test('close() measures no more', async (t) => {
  const { ask, middleware, results } = await monitored(t, (app) => app.get('/', (request, response) => response.json(request.memory === undefined)));
  assert.equal((await ask('/')).body, 'false');
  middleware.close();
  middleware.close();
  assert.equal((await ask('/')).body, 'true');
  await turns();
  assert.equal(results.length, 1);
});

test('wrong options', () => {
  const { monitorRequestMemory } = memoryMonitoringOn(fakeParts().parts);
  const wrong = [['sampleRate', 1.1], ['sampleRate', NaN], ['sampleRate', '1'], ['slowMB', -1], ['slowMB', '10'], ['als', 'always'], ['als', 1], ['name', 'x'], ['exempt', ['x']],
    ['onSlow', true], ['logger', {}]];
  for (const [name, value] of wrong) {
    assert.throws(() => monitorRequestMemory({ [name]: value }), (error) => error.code === 'ERR_PGTAP_INVALID_OPTION' && error.message.includes(`option "${name}`), name);
  }
});
