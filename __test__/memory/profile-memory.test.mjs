// profileMethod and profileFunction: the user's code notices nothing, results are logged as asked.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { beforeEach, test } from 'node:test';
import { types } from 'node:util';

import { MB, garbage, turn, turns, warningsOf } from './collecting.mjs';

const require = createRequire(import.meta.url);
const { ProfileMemory, memoryProfiler, memoryTracker, operations, profileMethod } = require('../../lib/memory/index.js');

beforeEach(() => memoryTracker.reset());

const calls = (name) => memoryTracker.getStats(name)?.callCount ?? 0;

/** A logger that keeps what it is told. */
function keeping() {
  const lines = [];
  const at = (level) => (...values) => { lines.push([level, ...values]); };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

test('a method of an object, of a class, of its prototype', () => {
  class Place {
    static where() { return this.name; }

    go(by) { return [this, by]; }
  }
  const place = new Place();
  const undo = [profileMethod(Place.prototype, 'go'), profileMethod(Place, 'where'), profileMethod(place, 'toString', { functionName: 'text' })];
  assert.deepEqual(place.go(3), [place, 3]);
  assert.equal(Place.where(), 'Place');
  assert.equal(place.toString(), '[object Object]');
  assert.deepEqual(['Place.go', 'Place.where', 'text'].map(calls), [1, 1, 1]);
  assert.throws(() => new place.go(), { message: /not a constructor/ });
  undo.forEach((each) => each());
  assert.deepEqual(place.go(4), [place, 4]);
  assert.deepEqual([calls('Place.go'), Object.hasOwn(place, 'toString')], [1, false]);
});

test('a method of a plain object is called by its object, a lost this by nothing', () => {
  const object = { run() { return this; }, arrow: () => 5 };
  profileMethod(object, 'run');
  profileMethod(object, 'arrow');
  const { run } = object;
  assert.equal(object.run(), object);
  assert.equal(object.arrow(), 5);
  assert.equal(run(), undefined);
  assert.equal(calls('Object.run'), 2);
});

test('what the method is can still be seen', async () => {
  const object = { async wait(_a, _b) {}, * steps() { yield 1; } };
  profileMethod(object, 'wait');
  profileMethod(object, 'steps');
  assert.deepEqual([object.wait.name, object.wait.length, types.isPromise(object.wait())], ['wait', 2, true]);
  assert.equal(object.wait.constructor.name, 'AsyncFunction');
  assert.equal(object.steps.constructor.name, 'GeneratorFunction');
});

test('an asynchronous method ends when its promise does, and rejects as it would', async () => {
  const error = new Error('mine');
  const object = { async work() { await turn(); }, async fail() { await turn(); throw error; } };
  for (const name of Object.keys(object)) profileMethod(object, name);
  const work = object.work();
  assert.equal(operations.running, 1);
  await work;
  assert.equal(operations.running, 0);
  await assert.rejects(object.fail(), (thrown) => thrown === error);
  assert.equal(operations.running, 0);
});

test('a rejection that nobody handles stays unhandled', async () => {
  const seen = [];
  const error = new Error('nobody');
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => seen.push(reason));
  const object = { async fail() { throw error; } };
  profileMethod(object, 'fail');
  object.fail();
  await turns();
  process.removeAllListeners('unhandledRejection');
  listeners.forEach((each) => process.on('unhandledRejection', each));
  assert.deepEqual(seen, [error]);
});

test('a thenable that is no promise is answered as it is, and not begun', () => {
  let begun = 0;
  const query = { then() { begun += 1; } };
  const object = { query: () => query };
  profileMethod(object, 'query');
  assert.equal(object.query(), query);
  assert.equal(begun, 0);
  class Lazy extends Promise { then() { begun += 1; } }
  const lazy = new Lazy(() => {});
  const other = { query: () => lazy };
  profileMethod(other, 'query');
  assert.equal(other.query(), lazy);
  assert.equal(begun, 0);
  assert.equal(operations.running, 0);
});

test('a generator is one operation, without what happens between its steps', async () => {
  const object = { * steps() { try { for (let at = 0; at < 3; at += 1) { garbage(2); yield at; } } finally { object.closed = true; } } };
  profileMethod(object, 'steps');
  for (const at of object.steps()) garbage(at + 10);
  await turns();
  const { callCount, averageBytes } = memoryTracker.getStats('Object.steps');
  assert.equal(callCount, 1);
  assert.ok(averageBytes > 5 * MB && averageBytes < 10 * MB, `${averageBytes}`);
  for (const at of object.steps()) if (at === 1) break;
  assert.equal(object.closed, true);
  assert.equal(calls('Object.steps'), 2);
});

test('a generator takes values and errors, and one that is dropped leaves nothing behind', () => {
  const error = new Error('into');
  const seen = [];
  const object = { * talk() { try { seen.push(yield 1); yield 2; } catch (thrown) { seen.push(thrown); throw thrown; } } };
  profileMethod(object, 'talk');
  const talk = object.talk();
  talk.next();
  assert.deepEqual(talk.next('said'), { value: 2, done: false });
  assert.throws(() => talk.throw(error), (thrown) => thrown === error);
  assert.deepEqual(talk.next(), { value: undefined, done: true });
  assert.deepEqual(seen, ['said', error]);
  assert.equal(calls('Object.talk'), 1);
  object.talk().next();
  assert.deepEqual([operations.running, calls('Object.talk')], [0, 1]);
});

test('an asynchronous generator', async () => {
  const object = { async* pages() { for (let at = 0; at < 3; at += 1) { await turn(); yield at; } } };
  profileMethod(object, 'pages');
  const pages = object.pages();
  const got = [];
  for await (const page of pages) got.push(page);
  assert.deepEqual(got, [0, 1, 2]);
  assert.equal(String(pages), '[object AsyncGenerator]');
  assert.deepEqual([operations.running, calls('Object.pages')], [0, 1]);
});

test('results are logged at the level, from the threshold on', async () => {
  const logger = keeping();
  const context = { useCase: 'batch' };
  assert.equal(await memoryProfiler.profileFunction('loud', () => { garbage(30); return 7; }, { logLevel: 'error', thresholdMB: 10, context, logger }), 7);
  await memoryProfiler.profileFunction('quiet', () => 1, { logLevel: 'error', thresholdMB: 10, logger });
  await memoryProfiler.profileFunction('silent', () => 1, { logger });
  const object = { small() {} };
  profileMethod(object, 'small', { logLevel: 'debug', logger });
  object.small();
  await turns();
  assert.deepEqual(logger.lines.map(([level, text, more]) => [level, text.split(':')[0], more]), [
    ['error', '[memory] loud', context], ['debug', '[memory] Object.small', undefined],
  ]);
  assert.match(logger.lines[0][1], /^\[memory\] loud: \d\d\.\d\dMB allocated \(exclusive\), heap -?\d+\.\d\dMB, collected \d+\.\d\dMB, \d+\.\d ms$/);
  assert.equal(calls('silent'), 1);
});

test('a logger that fails is reported once', async () => {
  const logger = { ...keeping(), warn() { throw new Error('disk full'); } };
  const object = { work() { return 5; } };
  profileMethod(object, 'work', { logLevel: 'warn', logger });
  const warnings = await warningsOf(async () => {
    assert.deepEqual([object.work(), object.work()], [5, 5]);
    await turns();
  });
  assert.deepEqual(warnings.map(({ message }) => message), ['The logger failed: disk full']);
});

test('wrong calls say what is allowed', () => {
  const option = (message, name = 'TypeError') => ({ name, code: 'ERR_PGTAP_INVALID_OPTION', message });
  assert.throws(() => ProfileMemory({ logLevel: 'loud' }), option(/one of debug, info, warn, error, or null for option "logLevel"/, 'RangeError'));
  assert.throws(() => ProfileMemory({ thresholdMB: -1 }), option(/0 or more/, 'RangeError'));
  assert.throws(() => ProfileMemory({ functionName: '' }), option(/1 to 200/, 'RangeError'));
  assert.throws(() => ProfileMemory({ logger: {} }), option(/methods debug\(\)/));
  assert.throws(() => ProfileMemory()(class {}, { kind: 'class', name: 'A' }), /a method, getter, setter or accessor/);
  assert.throws(() => ProfileMemory()({}, 'field', undefined), /a method, getter, setter or accessor/);
  assert.throws(() => profileMethod({ a: 1 }, 'a'), { code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /the name of a method for key/ });
  assert.throws(() => profileMethod(5, 'a'), { code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /an object for object/ });
  assert.throws(() => profileMethod(Object.freeze({ a() {} }), 'a'), /can be replaced/);
  assert.throws(() => memoryProfiler.profileFunction('x', 5), /a function for fn/);
  assert.throws(() => memoryProfiler.profileFunction('x', () => {}, { context: 5 }), option(/an object for option "context"/));
});
