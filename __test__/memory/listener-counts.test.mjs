// Listeners are counted where they pile up: at emitters and targets of which Node warns.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { countListeners, startCounting, stopCounting } = require('../../lib/memory/listener-counts.js');
const { collect } = require('../../lib/memory/collect.js');
const { engine } = require('../../lib/memory/engine.js');

const add = (emitter, count, event = 'data') => {
  for (let n = 0; n < count; n += 1) emitter.on(event, () => {});
};

test('from the limit on, each listener counts, and those that are removed do no more', async (t) => {
  startCounting();
  t.after(stopCounting);
  const few = new EventEmitter();
  add(few, 10);
  const [emitter, target, raised] = [new EventEmitter(), new EventTarget(), new EventEmitter().setMaxListeners(50)];
  add(raised, 40);
  add(emitter, 30);
  const event = Symbol('event');
  add(emitter, 15, event);
  for (let n = 0; n < 20; n += 1) target.addEventListener('change', () => {});
  await turn();
  assert.equal(countListeners(), 30 + 15 + 20);
  add(emitter, 5);
  add(raised, 11);
  await turn();
  assert.equal(countListeners(), 35 + 15 + 20 + 51);
  emitter.removeAllListeners();
  assert.equal(countListeners(), 20 + 51);
  add(emitter, 12);
  await turn();
  assert.equal(countListeners(), 12 + 20 + 51, 'an event that is warned of twice counts once');
});

test('nothing is kept alive by it, other warnings are none of it, and nothing is counted while nobody asks', async () => {
  const listening = process.listenerCount('warning');
  startCounting();
  startCounting();
  (() => add(new EventEmitter(), 11))();
  await turn();
  assert.equal(countListeners(), 11);
  process.emitWarning(Object.assign(new Error('not of Node'), { name: 'MaxListenersExceededWarning', target: {} }));
  process.emitWarning('other');
  // The emitter lives as long as the message of Node's warning.
  for (let n = 0; n < 5; n += 1) await turn();
  collect();
  assert.equal(countListeners(), 0);
  stopCounting();
  assert.equal(countListeners(), 0);
  stopCounting();
  assert.equal(countListeners(), undefined);
  assert.equal(process.listenerCount('warning'), listening);
});

test('a watch for leaks counts them, others do not', async () => {
  const keepAlive = setInterval(() => {}, 1000);
  const listening = process.listenerCount('warning');
  const [plain, leaks, more] = [{}, { leaks: true }, { leaks: true }].map((options) => engine().watch({ intervalMs: 10, ...options }));
  await once(plain, 'sample');
  assert.equal(process.listenerCount('warning'), listening + 1);
  leaks.stop();
  leaks.stop();
  assert.equal(process.listenerCount('warning'), listening + 1);
  more.stop();
  assert.equal(process.listenerCount('warning'), listening);
  plain.stop();
  clearInterval(keepAlive);
});
