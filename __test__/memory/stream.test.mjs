// Server-sent events of memory: what they tell, that all streams share one source, and that no client makes the server buffer.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer, get } from 'node:http';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { MB, fakeParts, lines, sample } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { MemoryManagerService } = require('../../lib/memory/manager/service.js');
const { handlerOf } = require('../../lib/memory/http/handler.js');
const { createMemoryRouter } = require('../../lib/memory/http/index.js');
const { MemoryRouter } = require('../../lib/memory/http/memory-router.js');
const { readRouterOptions } = require('../../lib/memory/http/options.js');
const { SOURCES } = require('../../lib/memory/http/sources.js');
const { openStream } = require('../../lib/memory/http/stream.js');
const { memoryTracker } = require('../../lib/memory/memory-tracker.js');
const { operations } = require('../../lib/memory/operations.js');
const { MemorySpikeDetector } = require('../../lib/memory/spike-detector.js');
const { trackOperation } = require('../../lib/memory/track-operation.js');

const servers = [];
after(() => { for (const server of servers) server.closeAllConnections(); });

async function listening(handler) {
  const server = createServer(handler);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}

/** Waits until `found()` is more than nothing. */
async function until(found, what) {
  for (let tries = 0; tries < 2000; tries += 1) {
    const value = await found();
    if (value) return value;
    await new Promise((settle) => setTimeout(settle, 5));
  }
  throw new assert.AssertionError({ message: `nothing came: ${what}` });
}

/** A source that the test drives. */
function sources(times = {}) {
  const fake = fakeParts();
  const { engine, parts } = fake;
  const watch = engine.watch.bind(engine);
  engine.watch = (options) => Object.assign(watch(options), { read: () => engine.read(), history: (of) => engine.history(of) });
  engine.asked = [];
  engine.history = (of) => {
    engine.asked.push(of.sinceMs);
    return [sample(1, { at: 1000 }), sample(2, { at: 2000 })];
  };
  const manager = new MemoryManagerService(parts, fake.now);
  return { ...fake, given: { parts, manager, tracker: memoryTracker, spikes: new MemorySpikeDetector(), heartbeatMs: 20, collectionsMs: 20, tablesMs: 20, ...times } };
}

/** A client that reads: its events as they came, its comments, and how it ends. */
async function reader(address) {
  const [response] = await once(get(address), 'response');
  const client = { response, events: [], comments: 0, text: '' };
  response.setEncoding('utf8').on('data', (chunk) => {
    client.text += chunk;
    const blocks = client.text.split('\n\n');
    client.text = blocks.pop();
    for (const block of blocks) {
      const [, type, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (type) client.events.push({ type, data: JSON.parse(data) });
      else if (block.startsWith(':')) client.comments += 1;
      else client.retry = block;
    }
  });
  response.on('error', () => {});
  client.of = (type) => client.events.filter((event) => event.type === type).map(({ data }) => data);
  client.next = (type) => until(() => client.of(type)[0], type);
  return client;
}

/** A server of one source, and its responses. */
async function streaming(times) {
  const source = sources(times);
  const responses = [];
  const address = await listening((request, response) => {
    responses.push(response);
    openStream(request, response, source.given);
  });
  return { ...source, responses, open: () => reader(address), watch: () => source.engine.watches.at(-1) };
}

/** How many listeners a source has, one of each kind. */
const listeners = ({ given, state, engine }) => ({
  watches: engine.watches.filter(({ stopped }) => !stopped).length,
  ofWatches: engine.watches.reduce((sum, watch) => sum + watch.eventNames().length, 0),
  collections: state.followers.size,
  cleanup: given.manager.listenerCount('cleanup'),
  taken: given.parts.snapshotEvents.listenerCount('taken'),
  failed: given.parts.snapshotEvents.listenerCount('failed'),
  spikes: given.spikes.listening(),
});

/** A detector that counts who listens. */
function countedSpikes() {
  const spikes = new MemorySpikeDetector();
  let listening = 0;
  const onSpike = spikes.onSpike.bind(spikes);
  spikes.onSpike = (listener) => {
    listening += 1;
    const off = onSpike(listener);
    return () => {
      listening -= 1;
      off();
    };
  };
  return Object.assign(spikes, { listening: () => listening });
}

test('a stream begins with all that is known', async () => {
  const { open, given } = await streaming({ tablesMs: 60_000 });
  given.spikes.feedOperation({ operation: 'import', bytes: 60 * MB, at: 5000 });
  const client = await open();
  const { headers, statusCode } = client.response;
  assert.equal(statusCode, 200);
  assert.equal(headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.match(headers['cache-control'], /no-store/);
  const start = await client.next('start');
  assert.equal(client.retry, 'retry: 2000');
  assert.deepEqual(Object.keys(start), ['process', 'thresholds', 'sample', 'history', 'totals', 'spikes', 'leak', 'consumers', 'operations']);
  assert.equal(start.process.pid, process.pid);
  assert.deepEqual(start.thresholds, { warning: 80, critical: 90, emergency: 95 });
  assert.deepEqual([start.sample.percent, start.sample.level], [10, 'healthy']);
  assert.deepEqual(start.history.fields, ['at', 'heapUsedBytes', 'externalBytes', 'rssBytes', 'heapLimitBytes', 'effectiveLimitBytes', 'percent']);
  assert.deepEqual(start.history.rows[1], [2000, 20 * MB, 5 * MB, 70 * MB, 1000 * MB, 1000 * MB, 2]);
  assert.equal(start.totals.collections, 15);
  assert.deepEqual(start.spikes.map(({ operation, severity }) => [operation, severity]), [['import', 'high']]);
  assert.equal(start.leak.score, 3);
});

test('events as they happen', async () => {
  const { open, watch, state, given } = await streaming({ tablesMs: 60_000 });
  const client = await open();
  await client.next('start');
  assert.equal(watch().options.intervalMs, 1000, 'at most one sample a second');
  watch().feed(42, { at: 3000 });
  const told = await client.next('sample');
  assert.deepEqual([told.at, told.percent, told.level, told.heapUsedBytes], [3000, 42, 'healthy', 420 * MB]);
  watch().change('warning', 83);
  assert.deepEqual(await client.next('level'), { from: 'healthy', to: 'warning', at: 0, percent: 83 });
  assert.equal((await until(() => client.of('sample')[1], 'a second sample')).level, 'warning');
  watch().emit('leak', { score: 77, suspected: true });
  assert.deepEqual(await client.next('leak'), { score: 77, suspected: true });
  given.spikes.feedOperation({ operation: 'export', bytes: 120 * MB, at: 6000 });
  assert.equal((await client.next('spike')).severity, 'critical');
  given.manager.emit('cleanup', { type: 'cache', success: false, freedBytes: null, error: 'secret of the program' });
  assert.deepEqual(await client.next('cleanup'), { type: 'cache', success: false, freedBytes: null });
  given.parts.snapshotEvents.emit('taken', { file: '/srv/secret/folder/a.heapsnapshot', bytes: 5, pauseMs: 6, durationMs: 7, reason: 'why', at: new Date(0), removed: [] });
  given.parts.snapshotEvents.emit('failed', Object.assign(new Error('secret'), { code: 'ERR_PGTAP_SNAPSHOT_IO' }));
  await until(() => client.of('snapshot')[1], 'two snapshots');
  assert.deepEqual(client.of('snapshot'), [
    { file: 'a.heapsnapshot', at: '1970-01-01T00:00:00.000Z', reason: 'why', bytes: 5, pauseMs: 6 },
    { failed: true, code: 'ERR_PGTAP_SNAPSHOT_IO' },
  ]);
  for (let at = 0; at < 500; at += 1) {
    for (const tell of state.followers) tell({ at, kind: 'minor', pauseMs: 1, heapBeforeBytes: 3, heapAfterBytes: 1, freedBytes: 2 });
  }
  const { records, left, totals } = await client.next('gc');
  assert.equal(client.of('gc').length, 1, 'one event for all of them');
  assert.deepEqual([records.length, left, totals.collections], [20, 480, 15]);
  assert.deepEqual(records.at(-1), { at: 499, kind: 'minor', pauseMs: 1, freedBytes: 2 });
  assert.doesNotMatch(JSON.stringify(client.events), /secret/);
});

test('tables come again and again, and heartbeats', async () => {
  const { open } = await streaming();
  const client = await open();
  await client.next('operations');
  await trackOperation('read orders', () => 1, { sql: 'SELECT secret' });
  const found = await until(() => client.of('operations').at(-1).last.find(({ name }) => name === 'read orders'), 'the operation');
  assert.deepEqual(Object.keys(found), ['name', 'at', 'durationMs', 'adjustedBytes', 'externalDeltaBytes', 'gcCount', 'confidence', 'overlapped']);
  await until(() => client.of('consumers').at(-1).some(({ operation }) => operation === 'read orders'), 'the consumer');
  await until(() => client.comments >= 2, 'heartbeats');
  assert.equal(client.of('gc').length, 0, 'nothing was collected');
  assert.equal(client.of('leak').length, 1, 'a report that says the same is not told again');
});

test('operations that are listed are the last twenty', async () => {
  const { open } = await streaming();
  const client = await open();
  await client.next('start');
  for (let at = 0; at < 30; at += 1) await trackOperation(`operation ${at}`, () => at);
  const last = await until(() => client.of('operations').at(-1)?.last.some(({ name }) => name === 'operation 29') && client.of('operations').at(-1).last, 'the last one');
  assert.deepEqual(last.map(({ name }) => name), Array.from({ length: 20 }, (_, at) => `operation ${at + 10}`));
});

test('all streams share one source, which ends with the last of them', async () => {
  const running = await streaming({ spikes: countedSpikes() });
  const before = listeners(running);
  const { on } = operations;
  let told = 0;
  operations.on = (listener) => {
    told += 1;
    const off = on.call(operations, listener);
    return () => {
      told -= 1;
      off();
    };
  };
  const clients = [await running.open(), await running.open(), await running.open()];
  for (const client of clients) await client.next('start');
  assert.deepEqual(listeners(running), { watches: 1, ofWatches: 4, collections: 1, cleanup: 1, taken: 1, failed: 1, spikes: 1 });
  assert.equal(told, 1);
  running.watch().feed(50, { at: 5 });
  for (const client of clients) assert.equal((await client.next('sample')).percent, 50);
  clients[0].response.destroy();
  clients[1].response.destroy();
  await until(() => running.responses.filter(({ closed }) => closed).length === 2, 'two ends');
  assert.equal(listeners(running).watches, 1);
  clients[2].response.destroy();
  await until(() => running.responses.every(({ closed }) => closed), 'three ends');
  assert.deepEqual(listeners(running), before);
  assert.equal(told, 0);
  operations.on = on;
  // And begins anew.
  const again = await running.open();
  await again.next('operations');
  assert.equal(listeners(running).watches, 1);
});

test('a client that does not read is skipped, and begins anew when it reads', async () => {
  const { open, given, responses, engine } = await streaming({ heartbeatMs: 60_000, tablesMs: 60_000 });
  const slow = await open();
  const quick = await open();
  await slow.next('start');
  slow.response.pause();
  const large = 'x'.repeat(256 * 1024);
  let most = 0;
  for (let at = 0; at < 200; at += 1) {
    given.manager.emit('cleanup', { type: String(at), detail: large });
    most = Math.max(most, responses[0].writableLength);
    await until(() => quick.of('cleanup').length > at, `cleanup ${at}`);
  }
  assert.ok(most > 0, 'the system took no more');
  assert.ok(most < 2 * large.length, `${most} bytes were buffered`);
  const known = slow.of('cleanup').length;
  slow.response.resume();
  await until(() => slow.of('start')[1], 'a second beginning');
  assert.ok(slow.of('cleanup').length >= known && slow.of('cleanup').length < 200, 'some were left out');
  assert.ok(engine.asked.at(-1) > Date.now() - 600_000, 'of the history only what is new');
  given.manager.emit('cleanup', { type: 'the last' });
  await until(() => slow.of('cleanup').some(({ type }) => type === 'the last'), 'what came then');
});

test('a client that never reads is dropped', async () => {
  const { open, given, responses } = await streaming({ tablesMs: 60_000 });
  const client = await open();
  await client.next('start');
  client.response.pause();
  await until(() => {
    given.manager.emit('cleanup', { type: 'large', detail: 'x'.repeat(256 * 1024) });
    return responses[0].closed;
  }, 'its end');
  assert.ok(responses[0].destroyed);
});

/** A response that is only written to. */
class Written extends EventEmitter {
  text = '';
  ended = false;
  writeHead() {}
  write(text) { this.text += text; return true; }
  end() { this.ended = true; }
}

test('whoever opened a stream can end it', () => {
  const source = sources({ spikes: countedSpikes() });
  const response = new Written();
  const end = openStream({}, response, source.given);
  assert.match(response.text, /^retry: 2000\n\nevent: start\ndata: \{.*\}\n\n$/);
  end();
  assert.ok(response.ended);
  assert.equal(listeners(source).watches, 0);
  source.engine.watches[0].feed(50);
  assert.doesNotMatch(response.text, /event: sample/);
});

test('a stream that cannot begin leaves nothing behind', () => {
  const source = sources({ spikes: countedSpikes() });
  source.engine.history = () => { throw new Error('no history'); };
  const response = new Written();
  assert.throws(() => openStream({}, response, source.given), /no history/);
  assert.equal(response.text, '');
  assert.deepEqual(listeners(source), { watches: 0, ofWatches: 0, collections: 0, cleanup: 0, taken: 0, failed: 0, spikes: 0 });
});

test('a router answers a stream that cannot begin with 500, and logs why', async () => {
  const { given, engine } = sources();
  engine.history = () => { throw new Error('no history'); };
  const { logger, logged } = lines();
  const router = new MemoryRouter(readRouterOptions({ logger }), { ...SOURCES, ...given });
  const response = await fetch(`${await listening(handlerOf(router))}/api/memory/stream`);
  assert.equal(response.status, 500);
  assert.equal((await response.json()).error.code, 'internal');
  assert.match(logged.join(), /stream failed: Error: no history/);
});

test('a stream keeps no program alive', async () => {
  const code = `
    const { SOURCES } = require('./lib/memory/http/sources.js');
    const { openStream } = require('./lib/memory/http/stream.js');
    const { EventEmitter } = require('node:events');
    const response = Object.assign(new EventEmitter(), { writeHead() {}, write: (text) => process.stdout.write(text.slice(0, 24)), end() {} });
    openStream({}, response, { ...SOURCES });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', code], { cwd: fileURLToPath(new URL('../..', import.meta.url)), timeout: 20_000 });
  assert.match(stdout, /retry: 2000/);
});

test('the router bounds streams, and answers another one with 503', async () => {
  const router = createMemoryRouter();
  const address = `${await listening(router)}/api/memory/stream`;
  const clients = await Promise.all(Array.from({ length: 16 }, () => reader(address)));
  for (const client of clients) await client.next('start');
  const refused = await fetch(address);
  assert.equal(refused.status, 503);
  assert.equal((await refused.json()).error.code, 'busy');
  clients[0].response.destroy();
  const again = await until(async () => {
    const client = await reader(address);
    return client.response.statusCode === 200 ? client : client.response.resume() && null;
  }, 'a free place');
  router.close();
  await Promise.all([again, ...clients.slice(1)].map(({ response }) => response.closed || once(response, 'close')));
});
