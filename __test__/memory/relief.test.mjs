// A server that refuses requests looks for memory itself, and judges requests that piled up while it stood still.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { MB, fakeParts, warningsOf } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { memoryMonitoringOn } = require('../../lib/memory/middleware/memory-monitoring.js');

/** The middleware over parts that the test drives; `ask` answers the status of a request. */
function pressure(options) {
  const fake = fakeParts();
  const middleware = memoryMonitoringOn(fake.parts).handleMemoryPressure(options);
  const ask = (url = '/') => {
    const response = { statusCode: 200, headersSent: false, setHeader() {}, end() {} };
    middleware({ url }, response, () => {});
    return response.statusCode;
  };
  return { ...fake, middleware, ask, watch: fake.engine.watches.at(-1) };
}

/** The same with time that the test sets. */
function timed(t, options) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const under = pressure(options);
  const pass = (ms) => {
    under.state.at += ms;
    t.mock.timers.tick(ms);
  };
  return { ...under, pass };
}

test('it collects soon after the first refusal, and every second while requests are refused', (t) => {
  const { ask, watch, state, pass } = timed(t);
  assert.equal(ask(), 200);
  watch.change('emergency', 96);
  pass(5_000);
  assert.deepEqual(state.kinds, [], 'nobody was refused');
  assert.equal(ask(), 503);
  assert.equal(ask(), 503);
  pass(99);
  assert.deepEqual(state.kinds, []);
  pass(1);
  assert.deepEqual([state.kinds, state.trimmed], [['major'], 1]);
  pass(1_000);
  pass(1_000);
  assert.deepEqual([state.kinds.length, state.trimmed], [3, 3]);
});

test('one level before, garbage is collected once before anybody is refused for it, and not again within ten seconds', (t) => {
  const { ask, watch, state, pass } = timed(t);
  watch.change('warning', 75);
  ask();
  pass(5_000);
  assert.deepEqual(state.kinds, [], 'two levels before it does nothing');
  watch.change('critical', 88);
  assert.equal(ask(), 200);
  pass(100);
  assert.deepEqual([state.kinds, state.trimmed], [['major'], 1]);
  for (let at = 0; at < 98; at += 1) {
    ask();
    pass(100);
  }
  assert.equal(state.kinds.length, 1);
  pass(200);
  ask();
  pass(100);
  assert.equal(state.kinds.length, 2);
});

test('ahead of refusals a collection in vain is not repeated', (t) => {
  const { ask, watch, state, pass } = timed(t, { at: 'critical' });
  state.collected = () => ({ ran: true, freedBytes: 0, durationMs: 20 });
  watch.change('warning', 80);
  for (let at = 0; at < 3; at += 1) {
    ask();
    pass(11_000);
  }
  assert.equal(state.kinds.length, 1);
});

test('a healthy server collects nothing, whatever the level it refuses at', (t) => {
  const { ask, state, pass } = timed(t, { at: 'warning' });
  ask();
  pass(20_000);
  assert.deepEqual(state.kinds, []);
});

test('a collection that freed little does not speak against the next: requests ended since', (t) => {
  const { ask, watch, state, pass } = timed(t);
  state.collected = () => ({ ran: true, freedBytes: 0, durationMs: 20 });
  watch.change('emergency', 96);
  ask();
  pass(100);
  pass(1_000);
  assert.equal(state.kinds.length, 2);
});

test('it ends with the level, and begins again with the next refusal', (t) => {
  const { ask, watch, state, pass } = timed(t);
  watch.change('emergency', 96);
  ask();
  pass(100);
  watch.change('critical', 88);
  assert.equal(ask(), 200);
  pass(1_000);
  pass(60_000);
  assert.equal(state.kinds.length, 1);
  watch.change('emergency', 96);
  ask();
  pass(100);
  assert.equal(state.kinds.length, 2);
});

test('no collection that would stop the program for more than half a second', (t) => {
  const { ask, watch, state, pass } = timed(t);
  state.heap.usedBytes = 400 * MB;
  watch.change('emergency', 96);
  ask();
  pass(100);
  pass(1_000);
  assert.deepEqual([state.kinds, state.trimmed], [[], 0]);
});

test('what fails in it is told once and ends nothing', async (t) => {
  const { ask, watch, parts, pass } = timed(t);
  let trims = 0;
  parts.trimNativeMemory = () => {
    trims += 1;
    throw new Error('broken');
  };
  const warnings = await warningsOf(() => {
    watch.change('emergency', 96);
    ask();
    pass(100);
    pass(1_000);
  });
  const ours = warnings.filter(({ code }) => code === 'PGTAP_MEMORY_LISTENER').map(({ message }) => message);
  assert.deepEqual(ours, ['Looking for memory while requests are refused failed: broken']);
  assert.equal(trims, 2);
});

test('close() ends it', (t) => {
  const { ask, watch, state, pass, middleware } = timed(t);
  watch.change('emergency', 96);
  ask();
  middleware.close();
  pass(60_000);
  assert.deepEqual(state.kinds, []);
});

/** Stands still for longer than a level is taken for fresh. */
function standStill() {
  for (const until = performance.now() + 60; performance.now() < until; );
}

test('requests that piled up and come in one turn of the loop are judged by samples of that turn', async () => {
  const { ask, watch } = pressure();
  let checks = 0;
  watch.check = () => {
    checks += 1;
    watch.change('emergency', 97);
  };
  await turn();
  assert.equal(ask(), 200);
  assert.equal(ask(), 200);
  assert.equal(checks, 0, 'the sampler is asked first');
  standStill();
  assert.equal(ask(), 503);
  assert.equal(checks, 1);
});

test('where the loop turns the sampler is enough', async () => {
  const { ask, watch } = pressure();
  let checks = 0;
  watch.check = () => { checks += 1; };
  for (let turns = 0; turns < 3; turns += 1) {
    assert.equal(ask(), 200);
    standStill();
    await turn();
    await turn();
  }
  assert.equal(checks, 0);
});
