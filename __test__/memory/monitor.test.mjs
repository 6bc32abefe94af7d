// The monitor's functions over an engine that the test drives.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { MB, fakeParts, lines, warningsOf } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { monitorFunctions } = require('../../lib/memory/monitor-functions.js');
const { MONITOR_OPTIONS } = require('../../lib/memory/heap-monitor.js');

/** A monitor, what it called back, and what drives it. */
function monitor() {
  const fake = fakeParts();
  const called = [];
  const callbacks = { onWarning: (message) => called.push(message), onCritical: (message) => called.push(message) };
  const functions = monitorFunctions(fake.parts);
  return { ...fake, functions, called, callbacks, watch: () => fake.engine.watches.at(-1) };
}

test('statistics in MB, with the percentage of the heap limit', () => {
  const { functions, engine } = monitor();
  engine.percent = 12.506;
  assert.deepEqual(functions.getMemoryStats(), {
    heapUsedMB: 125.06, heapLimitMB: 1000, heapUsagePercent: 13, isWarning: false, isCritical: false,
    rssMB: 175.06, externalMB: 5, effectiveLimitMB: 1000, level: 'healthy',
  });
  engine.more = { rssBytes: null };
  assert.equal(functions.getMemoryStats().rssMB, null, 'what the system does not tell is null');
});

test('levels begin at 75 and 90 percent', () => {
  const cases = [[0, 'healthy', null], [74.9, 'healthy', null], [75, 'warning', 'High memory usage: 75% (750.00MB / 1000.00MB)'],
    [89.9, 'warning', 'High memory usage: 90% (899.00MB / 1000.00MB)'], [90, 'critical', 'Critical memory usage: 90% (900.00MB / 1000.00MB)'],
    [99.99, 'critical', 'Critical memory usage: 100% (999.90MB / 1000.00MB)']];
  for (const [percent, level, message] of cases) {
    const { functions, engine } = monitor();
    engine.percent = percent;
    const { isWarning, isCritical, level: found } = functions.getMemoryStats();
    assert.deepEqual([isWarning, isCritical, found], [level !== 'healthy', level === 'critical', level], `${percent}`);
    assert.equal(functions.checkMemoryUsage(), message);
  }
});

test('memory in one line', () => {
  const { functions, engine } = monitor();
  assert.equal(functions.formatMemoryUsage({ heapUsedMB: 1024.5, heapLimitMB: 8192, heapUsagePercent: 13 }), '1024.50MB / 8192.00MB (13%)');
  engine.percent = 25;
  assert.equal(functions.formatMemoryUsage(), '250.00MB / 1000.00MB (25%)');
});

test('the callbacks hear of each level once, on the way up', () => {
  const { functions, watch, called, callbacks } = monitor();
  functions.startMemoryMonitor(callbacks);
  watch().change('warning', 78);
  watch().feed(79);
  watch().change('critical', 95);
  watch().change('warning', 80);
  watch().change('healthy', 60);
  watch().change('critical', 91);
  assert.deepEqual(called, [
    'High memory usage: 78% (780.00MB / 1000.00MB)', 'Critical memory usage: 95% (950.00MB / 1000.00MB)', 'Critical memory usage: 91% (910.00MB / 1000.00MB)',
  ]);
});

test('what the engine is asked for', () => {
  const { functions, watch } = monitor();
  functions.startMemoryMonitor();
  assert.deepEqual(watch().options, { intervalMs: 60000, thresholds: { warning: 75, critical: 90 }, basis: 'heapLimit' });
  functions.startMemoryMonitor({ intervalMs: 10, warningPercent: 50, criticalPercent: 60.5, basis: 'effective' });
  assert.deepEqual(watch().options, { intervalMs: 10, thresholds: { warning: 50, critical: 60.5 }, basis: 'effective' });
});

test('a second call goes on with other options', () => {
  const { functions, engine, called, callbacks } = monitor();
  const first = functions.startMemoryMonitor(callbacks);
  const second = functions.startMemoryMonitor({ warningPercent: 20, criticalPercent: 30 });
  assert.equal(second, first);
  const [old, now] = engine.watches;
  assert.deepEqual([old.stopped, now.stopped], [true, false]);
  old.change('critical', 99);
  now.change('critical', 99);
  assert.deepEqual(called, [], 'the callbacks of before are gone');
  engine.percent = 25;
  assert.equal(functions.checkMemoryUsage(), 'High memory usage: 25% (250.00MB / 1000.00MB)', 'its levels hold for the functions, too');
  first.stop();
  assert.equal(now.stopped, true);
  assert.equal(functions.checkMemoryUsage(), null, 'and the defaults when it is stopped');
});

test('stop stops everything, and only its own monitor', () => {
  const { functions, engine, watch, state, called, callbacks } = monitor();
  const handle = functions.startMemoryMonitor({ ...callbacks, autoGC: true });
  assert.equal(state.followers.size, 1);
  handle[Symbol.dispose]();
  handle.stop();
  assert.deepEqual([watch().stopped, state.followers.size, watch().listenerCount('sample')], [true, 0, 0]);
  functions.startMemoryMonitor(callbacks);
  handle.stop();
  assert.equal(watch().stopped, false, 'an old handle does not stop a new monitor');
  functions.stopMemoryMonitor();
  functions.stopMemoryMonitor();
  assert.equal(watch().stopped, true);
  watch().change('critical', 99);
  assert.deepEqual(called, []);
  assert.equal(engine.watches.length, 2);
});

test('a signal stops it', () => {
  const { functions, engine, watch } = monitor();
  const controller = new AbortController();
  functions.startMemoryMonitor({ signal: controller.signal });
  functions.startMemoryMonitor({ intervalMs: 20 });
  controller.abort();
  assert.equal(watch().stopped, false, 'the signal of before is forgotten');
  functions.startMemoryMonitor({ signal: new AbortController().signal });
  const last = new AbortController();
  functions.startMemoryMonitor({ signal: last.signal });
  last.abort();
  assert.equal(watch().stopped, true);
  const before = engine.watches.length;
  functions.startMemoryMonitor({ signal: AbortSignal.abort() }).stop();
  assert.equal(engine.watches.length, before, 'an aborted one starts nothing');
});

test('verbose logs each sample, level and collection', () => {
  const { functions, watch, state } = monitor();
  const { logged, logger } = lines();
  functions.startMemoryMonitor({ verbose: true, autoGC: true, logger });
  watch().feed(6.254);
  watch().feed(50, { blocked: true });
  watch().change('warning', 78);
  watch().change('critical', 92);
  state.at += 10000;
  watch().feed(93);
  watch().change('healthy', 40);
  assert.deepEqual(logged, [
    'Memory: 62.54MB / 1000.00MB (6%)', 'Memory: 550.00MB resident; the program was busy',
    'High memory usage: 78% (780.00MB / 1000.00MB)', 'Memory: 780.00MB / 1000.00MB (78%)',
    'Critical memory usage: 92% (920.00MB / 1000.00MB)', 'Memory: 920.00MB / 1000.00MB (92%)', 'GC complete. Freed 50.00MB',
    'Memory: 930.00MB / 1000.00MB (93%)', 'No garbage collection: the last forced collection was less than 30000 ms ago',
    'Memory level: critical -> healthy', 'Memory: 400.00MB / 1000.00MB (40%)',
  ]);
});

test('without verbose nothing is logged', (t) => {
  const log = t.mock.method(console, 'log');
  const { functions, watch } = monitor();
  functions.startMemoryMonitor({ autoGC: true });
  watch().change('critical', 92);
  assert.equal(log.mock.callCount(), 0);
});

test('autoGC collects while memory is critical, within its limits', () => {
  const { functions, watch, state } = monitor();
  functions.startMemoryMonitor({ autoGC: true, gcCooldownMs: 100, maxGcPauseMs: 150 });
  watch().change('warning', 80);
  assert.deepEqual(state.kinds, [], 'a warning is not enough');
  watch().change('critical', 92);
  assert.deepEqual(state.kinds, ['major']);
  state.at += 99;
  watch().feed(92);
  assert.deepEqual(state.kinds, ['major'], 'the cooldown');
  state.at += 1;
  state.heap.usedBytes = 1000 * MB;
  watch().feed(92);
  assert.deepEqual(state.kinds, ['major'], 'a pause of 200 ms is predicted');
  state.heap.usedBytes = 100 * MB;
  watch().feed(92, { blocked: true });
  assert.deepEqual(state.kinds, ['major'], 'a sample of the past is no reason');
  watch().feed(92);
  assert.deepEqual(state.kinds, ['major', 'major']);
});

test('without autoGC nothing is collected', () => {
  const { functions, watch, state } = monitor();
  functions.startMemoryMonitor();
  watch().change('critical', 99);
  assert.deepEqual([state.kinds, state.followers.size], [[], 0]);
});

test('collections on demand', () => {
  const { functions, engine, state } = monitor();
  assert.equal(functions.triggerGarbageCollection(), true);
  assert.equal(functions.triggerGarbageCollection('minor'), true, 'there is no cooldown for what was asked for');
  assert.deepEqual(state.kinds, ['major', 'minor']);
  state.collected = () => ({ ran: false, why: 'no gc()', freedBytes: 0, durationMs: 0 });
  assert.equal(functions.triggerGarbageCollection(), false);
  state.collected = () => ({ ran: true, freedBytes: 50 * MB, durationMs: 1 });
  engine.percent = 95;
  assert.equal(functions.autoGarbageCollection(), false, 'the cooldown');
  state.at += 30000;
  engine.percent = 89;
  assert.equal(functions.autoGarbageCollection(), false, 'not critical');
  engine.percent = 90;
  assert.equal(functions.autoGarbageCollection(), true);
});

test('percentages of heapTotal are only for those who ask', () => {
  const { functions, engine } = monitor();
  engine.percent = 40;
  assert.equal(functions.getMemoryStats().heapUsagePercent, 40);
  functions.startMemoryMonitor({ basis: 'heapTotal' });
  assert.equal(functions.getMemoryStats().heapUsagePercent, 80);
  assert.deepEqual(engine.reads.at(-1), { basis: 'heapTotal' }, 'the engine judges by it, too');
});

test('callbacks and loggers that fail stop nothing and are reported once each', async () => {
  const { functions, watch, called } = monitor();
  const boom = () => {
    throw new Error('boom');
  };
  const logger = { log: () => Promise.reject(new Error('full')) };
  const warnings = await warningsOf(() => {
    functions.startMemoryMonitor({ onWarning: boom, onCritical: (message) => called.push(message), verbose: true, logger });
    watch().change('warning', 80);
    watch().change('healthy', 40);
    watch().change('warning', 80);
    watch().change('critical', 95);
  });
  assert.equal(called.length, 1);
  assert.deepEqual(warnings.map(({ code }) => code), ['PGTAP_MEMORY_LISTENER', 'PGTAP_MEMORY_LISTENER']);
  assert.deepEqual(warnings.map(({ message }) => message).sort(), ['The callback onWarning failed: boom', 'log() of the logger failed: full']);
});

/** Kinds of values, by what they are. */
const KINDS = {
  number: 50, zero: 0, negative: -1, fraction: 10.5, nan: NaN, infinity: Infinity, huge: 2 ** 31, string: '50', boolean: true, null: null,
  bigint: 5n, symbol: Symbol('s'), array: [], object: {}, function: () => {}, signal: new AbortController().signal, logger: { log() {} }, word: 'effective',
};
const TAKEN = {
  intervalMs: ['number'],
  onWarning: ['function', 'null'],
  onCritical: ['function', 'null'],
  autoGC: ['boolean'],
  verbose: ['boolean'],
  warningPercent: ['number', 'fraction'],
  criticalPercent: [],
  gcCooldownMs: ['number', 'zero', 'fraction'],
  maxGcPauseMs: ['number', 'zero', 'fraction'],
  basis: ['word'],
  signal: ['signal', 'null'],
  logger: ['logger'],
};

test('every option is told from a wrong kind of value', () => {
  assert.deepEqual(Object.keys(TAKEN), Object.keys(MONITOR_OPTIONS), 'all of them');
  let tried = 0;
  for (const [option, taken] of Object.entries(TAKEN)) {
    for (const [kind, value] of Object.entries(KINDS)) {
      const { functions } = monitor();
      const start = () => functions.startMemoryMonitor({ [option]: value });
      tried += 1;
      if (taken.includes(kind)) assert.doesNotThrow(start, `${option}: ${kind}`);
      else assert.throws(start, (error) => error.code === 'ERR_PGTAP_INVALID_OPTION' && error.message.includes(`option "${option}"`), `${option}: ${kind}`);
    }
  }
  assert.equal(tried, 12 * 18);
});

test('other wrong calls', () => {
  const { functions, engine } = monitor();
  const wrong = [
    [() => functions.startMemoryMonitor(null), TypeError, 'the options'],
    [() => functions.startMemoryMonitor([]), TypeError, 'the options'],
    [() => functions.startMemoryMonitor({ criticalPercent: 75 }), RangeError, 'Expected a number above warningPercent (75) for option "criticalPercent" but received 75'],
    [() => functions.startMemoryMonitor({ warningPercent: 95 }), RangeError, 'Expected a number below criticalPercent (90) for option "warningPercent" but received 95'],
    [() => functions.startMemoryMonitor({ basis: 'rss' }), RangeError, "one of 'heapLimit', 'effective', 'heapTotal'"],
    [() => functions.triggerGarbageCollection('full'), RangeError, "one of 'major', 'minor'"],
    [() => functions.triggerGarbageCollection(1), TypeError, "one of 'major', 'minor'"],
    [() => functions.formatMemoryUsage(null), TypeError, 'stats'],
    [() => functions.formatMemoryUsage({ heapUsedMB: 1, heapLimitMB: NaN, heapUsagePercent: 1 }), TypeError, 'stats'],
  ];
  for (const [call, kind, text] of wrong) {
    assert.throws(call, (error) => error instanceof kind && error.message.includes(text), text);
    const { stack } = (() => { try { call(); } catch (error) { return error; } return {}; })();
    assert.match(stack.split('\n').find((line) => line.includes('  at ')), /monitor\.test\.mjs/, 'the stack begins with the caller');
  }
  assert.equal(engine.watches.length, 0);
});
