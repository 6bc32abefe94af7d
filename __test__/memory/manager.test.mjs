// The manager over an engine that the test drives: events, cleanups, alerts, health.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { MB, fakeParts, lines, sample, warningsOf } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { registerClearable } = require('../../lib/memory/clearable.js');
const { MemoryManagerService } = require('../../lib/memory/manager/service.js');

const EVENTS = ['sample', 'level', 'warning', 'critical', 'emergency', 'recovered', 'gc', 'gc-skipped', 'leak', 'leak-resolved', 'spike', 'alert', 'cleanup', 'snapshot', 'blocked', 'oom-imminent'];
const settled = () => new Promise((settle) => setImmediate(settle));

/** A manager that watches, the names of its events but `sample`, and what drives it. */
async function managed(options = {}) {
  const fake = fakeParts();
  const { logger, logged } = lines();
  const manager = new MemoryManagerService(fake.parts, fake.now);
  const events = [];
  for (const event of EVENTS) if (event !== 'sample') manager.on(event, (payload) => events.push([event, payload]));
  await manager.initialize({ profile: 'local', logger, ...options });
  const names = () => events.map(([event]) => event);
  const of = (event) => events.filter(([name]) => name === event).map(([, payload]) => payload);
  return { ...fake, manager, events, names, of, logged, watch: fake.engine.watches.at(-1) };
}

test('one for an environment', () => {
  assert.equal(MemoryManagerService.getInstance(), MemoryManagerService.getInstance());
  assert.ok(MemoryManagerService.getInstance() instanceof MemoryManagerService);
});

test('initialize watches once, however often it is called', async () => {
  const { parts, engine } = fakeParts();
  const manager = new MemoryManagerService(parts);
  await Promise.all([manager.initialize({ profile: 'render' }), manager.initialize({ profile: 'local' })]);
  await manager.initialize();
  assert.equal(engine.watches.length, 1);
  assert.deepEqual(engine.watches[0].options, {
    intervalMs: 15000, thresholds: { warning: 60, critical: 75, emergency: 90 }, leaks: true, basis: 'effective', limitBytes: 512 * MB,
  });
  await assert.rejects(manager.initialize({ intervalMs: 'often' }), { code: 'ERR_PGTAP_INVALID_OPTION' });
  await manager.shutdown();
  await manager.initialize({ profile: 'local' });
  assert.deepEqual(engine.watches[1].options, { intervalMs: 30000, thresholds: { warning: 80, critical: 90, emergency: 95 }, leaks: true, basis: 'effective' });
  await manager.shutdown();
});

test("a container's own limit replaces what the profile assumes, an option replaces both", async () => {
  const limitOf = async (options) => {
    const { parts, engine } = fakeParts();
    engine.more = { container: { limitBytes: 2048 * MB, usedBytes: MB } };
    await new MemoryManagerService(parts).initialize({ profile: 'render', ...options });
    return engine.watches[0].options.limitBytes;
  };
  assert.equal(await limitOf({}), undefined);
  assert.equal(await limitOf({ limitMB: 300.5 }), 300.5 * MB);
});

test('shutdown stops everything', async () => {
  const { manager, watch, state, parts, collections, events, names } = await managed({ proactiveGc: false });
  assert.equal(state.followers.size, 1);
  watch.change('warning', 81);
  await manager.shutdown();
  assert.deepEqual(manager.getHealthMetrics().alerts, []);
  events.length = 0;
  await manager.shutdown();
  assert.deepEqual([watch.stopped, state.followers.size, watch.listenerCount('sample'), collections.listenerCount('gc'), parts.snapshotEvents.listenerCount('taken')], [true, 0, 0, 0, 0]);
  watch.change('emergency', 99);
  await settled();
  assert.deepEqual([names(), state.kinds], [[], []]);
});

test('health in the shape of the specification', async () => {
  const { manager, engine } = await managed();
  engine.percent = 67.44;
  const metrics = manager.getHealthMetrics();
  const exact = {
    status: 'healthy',
    currentUsage: { heapUsed: 674.4 * MB, heapTotal: 843 * MB, usagePercentage: 67.4, platform: 'local' },
    trend: { timeWindow: 30, averageUsage: 65.2, peakUsage: 72.1, growthRate: 0.512, isIncreasing: false, leakSuspected: false },
    gcStats: { totalCollections: 15, efficiency: 78.5, averageDuration: 12.3 },
    recommendations: ['Memory usage is stable', 'No immediate action required'],
  };
  assert.deepEqual(Object.keys(metrics).slice(0, 5), Object.keys(exact), 'its fields first, in its order');
  for (const [name, value] of Object.entries(exact)) {
    if (typeof value !== 'object' || Array.isArray(value)) assert.deepEqual(metrics[name], value, name);
    else assert.deepEqual(Object.entries(metrics[name]).slice(0, Object.keys(value).length), Object.entries(value), name);
  }
  const { heapUtilization, usageOf, limitBytes } = metrics.currentUsage;
  assert.deepEqual({ heapUtilization, usageOf, limitBytes }, { heapUtilization: 80, usageOf: 'heap', limitBytes: 1000 * MB });
  assert.equal(metrics.trend.growthRateMBPerHour, 4.57);
  assert.deepEqual(JSON.parse(JSON.stringify(metrics)), metrics, 'nothing is lost in JSON');
});

test('what is not known is null', async () => {
  const { manager, engine } = await managed();
  Object.assign(engine.trendFigures, { averageUsage: null, peakUsage: null, growthRate: null });
  engine.more = { rssBytes: null };
  const { trend, currentUsage } = manager.getHealthMetrics();
  assert.deepEqual([trend.averageUsage, trend.peakUsage, trend.growthRate, currentUsage.rssBytes], [null, null, null, null]);
});

test('the status is the level of the watch, or before initialize() that of the moment', async () => {
  const { parts, engine } = fakeParts();
  const manager = new MemoryManagerService(parts);
  const cases = [[79.9, 'healthy'], [80, 'warning'], [90, 'critical'], [95, 'emergency']];
  for (const [percent, status] of cases) {
    engine.percent = percent;
    assert.equal(manager.getHealthMetrics().status, status);
    assert.equal((await manager.checkMemoryPressure()).level, status);
  }
  const { manager: watching, watch, engine: other } = await managed({ proactiveGc: false });
  watch.level = 'warning';
  other.percent = 76;
  assert.equal(watching.getHealthMetrics().status, 'warning', 'not left yet');
});

test('advice by what is known', async () => {
  const { manager, engine, watch, parts } = await managed({ proactiveGc: false });
  const leak = { ...engine.report, suspected: true, pattern: 'linear_growth', score: 71.6, recommendations: ['Look for arrays.'] };
  const cases = [
    [() => (watch.level = 'emergency'), /^Memory is nearly exhausted/, /^The limit of V8's heap/],
    [() => (watch.level = 'critical'), /^Memory is critical/],
    [() => (watch.level = 'warning'), /^Memory use is high/],
    [() => (engine.more = { of: 'container' }), /^The limit of the container/],
    [() => (engine.trendFigures.isIncreasing = true), /rising \(4\.6 MB per hour\), without the signs of a leak/],
    [() => (engine.report = leak), /^A leak is suspected \(linear_growth, score 72 of 100\)$/, /^Look for arrays\.$/],
    [() => (parts.topConsumers = () => ['import', 'export']), /operations that took most: import, export$/],
  ];
  for (const [change, ...expected] of cases) {
    change();
    const { recommendations } = manager.getHealthMetrics();
    for (const text of expected) assert.ok(recommendations.some((each) => text.test(each)), `${text}: ${recommendations}`);
  }
});

test('events of levels: one on the way up, one when all is well', async () => {
  const { watch, names, of } = await managed({ proactiveGc: false });
  watch.change('warning', 81);
  watch.change('critical', 91);
  watch.change('warning', 82);
  watch.change('healthy', 50);
  assert.deepEqual(names(), ['level', 'warning', 'alert', 'level', 'critical', 'alert', 'level', 'level', 'recovered']);
  assert.deepEqual(of('critical')[0].from, 'warning');
});

test('each alert once until it is resolved', async () => {
  const { watch, of, manager } = await managed({ proactiveGc: false });
  const raised = () => of('alert').map(({ type, severity }) => `${type} ${severity}`);
  watch.change('warning', 81);
  watch.change('critical', 91);
  watch.change('warning', 82);
  watch.change('critical', 92);
  assert.deepEqual(raised(), ['high_usage warning', 'high_usage critical']);
  assert.equal(of('alert')[1].message, 'Critical memory usage: 91% (910.00MB / 1000.00MB)');
  assert.equal(manager.getHealthMetrics().alerts.length, 2);
  watch.change('healthy', 50);
  assert.deepEqual(manager.getHealthMetrics().alerts, []);
  watch.change('warning', 81);
  assert.deepEqual(raised().length, 3);
});

test('rapid growth is over ten minutes after its last critical spike', async () => {
  const { watch, of, manager, parts } = await managed();
  const active = () => manager.getHealthMetrics().alerts.length;
  parts.spikes.emit('spike', { severity: 'high', memoryIncrease: 60 * MB, timestamp: new Date(0) });
  assert.deepEqual([of('spike').length, active()], [1, 0]);
  parts.spikes.emit('spike', { severity: 'critical', memoryIncrease: 120 * MB, timestamp: new Date(1000) });
  parts.spikes.emit('spike', { severity: 'critical', memoryIncrease: 130 * MB, timestamp: new Date(2000) });
  assert.deepEqual(of('alert').map(({ type, message }) => [type, message]), [['rapid_growth', 'Memory grew by 120.0 MB at once']]);
  watch.feed(10, { at: 602000 });
  assert.equal(active(), 1);
  watch.feed(10, { at: 602001 });
  assert.equal(active(), 0);
});

test('heap snapshots are told, and when one fails', async () => {
  const { manager, parts, of } = await managed();
  const failed = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  parts.snapshotEvents.emit('failed', failed);
  parts.snapshotEvents.emit('failed', failed);
  assert.deepEqual(of('alert').map(({ type, message, code }) => [type, message, code]), [['snapshot_failure', 'A heap snapshot failed: no space left', 'ENOSPC']]);
  parts.snapshotEvents.emit('taken', { path: 'x.heapsnapshot' });
  assert.deepEqual([of('snapshot'), manager.getHealthMetrics().alerts], [[{ path: 'x.heapsnapshot' }], []]);
});

test('a leak is logged, told, answered by one collection, and resolved', async () => {
  const { watch, engine, names, of, logged, state, manager } = await managed();
  engine.report = { score: 71.6, suspected: true, pattern: 'linear_growth', series: 'heap', growthMBPerHour: 80, atMs: 5, recommendations: ['Look for arrays.'] };
  watch.emit('leak', engine.report);
  watch.emit('leak', engine.report);
  assert.deepEqual(names(), ['leak', 'alert', 'gc', 'leak', 'gc-skipped']);
  assert.equal(logged[0], 'Memory leak suspected: score 72 of 100, linear_growth in heap memory, 80.0 MB per hour\n  Look for arrays.');
  assert.deepEqual(of('alert')[0].recommendations.slice(0, 2), ['A leak is suspected (linear_growth, score 72 of 100)', 'Look for arrays.']);
  assert.deepEqual(state.kinds, ['major']);
  assert.equal(manager.getHealthMetrics().trend.leakSuspected, true);
  engine.report = { ...engine.report, suspected: false };
  watch.emit('leak-resolved', engine.report);
  assert.equal(names().at(-1), 'leak-resolved');
  assert.deepEqual(manager.getHealthMetrics().alerts, []);
  assert.equal(manager.getLeakReport(), engine.report);
});

test('without leak detection nothing is said of leaks', async () => {
  const { watch, engine, names } = await managed({ leakDetection: false });
  watch.emit('leak', engine.report);
  watch.emit('leak-resolved', engine.report);
  assert.deepEqual(names(), []);
});

test('what the engine says is handed on', async () => {
  const { watch, of, manager } = await managed();
  const samples = [];
  manager.on('sample', (each) => samples.push(each.percent));
  watch.feed(12);
  watch.emit('oom-imminent', sample(99));
  watch.emit('blocked', { durationMs: 1500 });
  assert.deepEqual([samples, of('oom-imminent')[0].percent, of('blocked')[0].durationMs], [[12], 99, 1500]);
  assert.equal(manager.getHistory().length, 2);
  assert.deepEqual(manager.getHistory()[0].asked, { basis: 'effective' });
  assert.deepEqual(manager.getHistory(7)[0].asked, { basis: 'effective', most: 7 });
  for (const most of [0, 1.5, '7', null]) assert.throws(() => manager.getHistory(most), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  assert.equal(manager.getTrend().timeWindow, 30);
  assert.equal(manager.getTrend(5).timeWindow, 5);
});

test('status and settings can be looked at, before and while it watches', async () => {
  const { parts, engine, state } = fakeParts();
  const manager = new MemoryManagerService(parts, () => state.at);
  engine.percent = 96;
  assert.deepEqual([manager.initialized, manager.getStatus().level, manager.getStatus().sample.percent], [false, 'emergency', 96]);
  await manager.initialize({ profile: 'render', intervalMs: 5000, limitMB: 100, logger: lines().logger });
  assert.deepEqual([manager.initialized, manager.getStatus().level], [true, 'healthy'], 'the level that it judged');
  assert.deepEqual(manager.getSettings(), {
    platform: 'render', warningPercent: 60, criticalPercent: 75, emergencyPercent: 90, intervalMs: 5000, basis: 'effective', leakDetection: true,
    proactiveGc: true, cooldownMs: 30000, maxGcPauseMs: 500, cleanupTimeoutMs: 5000, limitBytes: 100 * MB,
  });
  assert.deepEqual(state.kinds, [], 'nothing was cleaned up');
  await manager.shutdown();
  assert.equal(manager.initialized, false);
});

test('a collection on demand is judged like any other', async () => {
  const { manager, state, names, of, engine } = await managed({ cooldownMs: 1000, maxGcPauseMs: 150 });
  const action = await manager.forceGarbageCollection('manual_cleanup');
  assert.deepEqual(action, { type: 'force_gc', kind: 'major', reason: 'manual_cleanup', success: true, freedBytes: 50 * MB, durationMs: 20 });
  assert.equal((await manager.forceGarbageCollection('again')).skipped, 'cooldown');
  state.at += 1000;
  state.heap.usedBytes = 1000 * MB;
  assert.equal((await manager.forceGarbageCollection('large')).skipped, 'pause');
  assert.deepEqual(names(), ['gc', 'gc-skipped', 'gc-skipped']);
  state.heap = { usedBytes: 100 * MB, externalBytes: 0, youngBytes: 30 * MB };
  engine.percent = 82;
  assert.equal((await manager.forceGarbageCollection('young')).kind, 'minor', '2 points of 1000 MB are needed, and 30 MB are young');
  state.at += 1000;
  state.collected = () => ({ ran: false, why: 'no gc()', freedBytes: 0, durationMs: 0 });
  await manager.forceGarbageCollection('refused');
  state.at += 1000;
  await manager.forceGarbageCollection('refused');
  assert.deepEqual(of('alert').map(({ type, message }) => [type, message]), [['gc_failure', 'No collection could be forced: no gc()']]);
  state.at += 1000;
  state.collected = () => ({ ran: true, freedBytes: 50 * MB, durationMs: 20 });
  await manager.forceGarbageCollection('works');
  assert.deepEqual(manager.getHealthMetrics().alerts, []);
});

/** The names of the cleanups that ran, for a use that falls as `after` says for each. */
async function cleaned(percent, after = {}, options = {}) {
  const fake = await managed(options);
  const ran = [];
  for (const [name, priority, atPercent] of [['mine', 90, 75], ['last', 1, 50], ['first', 1000, 0]]) {
    fake.manager.registerCleanup(name, priority, atPercent, () => void ran.push(name));
  }
  fake.manager.on('cleanup', ({ type }) => {
    fake.engine.percent = after[type] ?? fake.engine.percent;
  });
  fake.watch.feed(percent);
  await fake.manager.checkMemoryPressure();
  return { ...fake, ran, types: fake.of('cleanup').map(({ type }) => type) };
}

test('cleanups by priority, above their percentage, while that holds', async () => {
  const cases = [
    [50, {}, ['first']],
    [50.1, {}, ['first', 'last']],
    [71, {}, ['first', 'force_gc', 'last']],
    [81, {}, ['first', 'force_gc', 'mine', 'clear_performance_metrics', 'last']],
    [86, {}, ['first', 'force_gc', 'mine', 'clear_performance_metrics', 'clear_memory_snapshots', 'last']],
    [86, { force_gc: 70 }, ['first', 'force_gc']],
    [86, { mine: 75 }, ['first', 'force_gc', 'mine']],
    [86, { first: 60 }, ['first']],
  ];
  for (const [percent, after, expected] of cases) {
    assert.deepEqual((await cleaned(percent, after)).types, expected, `${percent} ${JSON.stringify(after)}`);
  }
  const { state, ran, types } = await cleaned(86, {}, { proactiveGc: false });
  assert.deepEqual([state.kinds, ran, types.includes('force_gc')], [[], ['first', 'mine', 'last'], false]);
});

test('a cleanup rests for 30 seconds', async () => {
  const { watch, state, manager, ran } = await cleaned(60);
  for (const passed of [29999, 1]) {
    state.at += passed;
    watch.feed(60);
    await manager.checkMemoryPressure();
  }
  assert.deepEqual(ran, ['first', 'last', 'first', 'last']);
});

test('samples of the past clean nothing up', async () => {
  const { watch, manager, names } = await managed();
  watch.feed(86, { blocked: true });
  manager.registerCleanup('mine', 1, 0, () => assert.fail('it ran'));
  await settled();
  assert.deepEqual(names(), []);
});

const BUILT_IN = ['force_gc', 'clear_performance_metrics', 'clear_memory_snapshots', 'malloc_trim'];

test('an emergency: every cleanup in its order, until memory is healthy', async () => {
  const { manager, watch, of, engine, state } = await managed();
  manager.registerCleanup('mine', 70, 99.9, () => 5 * MB);
  watch.change('emergency', 96);
  await settled();
  const actions = of('cleanup');
  assert.deepEqual(actions.map(({ type }) => type), ['force_gc', 'clear_performance_metrics', 'mine', 'clear_memory_snapshots', 'malloc_trim']);
  const { durationMs, ...mine } = actions[2];
  assert.ok(durationMs >= 0);
  assert.deepEqual(mine, { type: 'mine', priority: 70, reason: 'emergency', freedBytes: 5 * MB, success: true, percentBefore: 96, percentAfter: 96 });
  assert.equal(state.trimmed, 1);
  watch.feed(96);
  await settled();
  assert.equal(of('cleanup').length, 5, 'the next in 30 seconds');
  state.at += 30000;
  manager.on('cleanup', ({ type }) => {
    if (type === 'mine') engine.percent = 79.9;
  });
  watch.feed(96);
  await settled();
  assert.deepEqual(of('cleanup').slice(5).map(({ type }) => type), ['force_gc', 'clear_performance_metrics', 'mine']);
});

test('on demand every cleanup runs, also when memory is healthy', async () => {
  const { manager } = await managed();
  const [first, second] = await Promise.all([manager.performEmergencyCleanup(), manager.performEmergencyCleanup()]);
  assert.equal(first, second, 'calls at the same time share one');
  assert.deepEqual(first.map(({ type }) => type), BUILT_IN);
  const { parts } = fakeParts();
  assert.deepEqual((await new MemoryManagerService(parts).performEmergencyCleanup()).map(({ type }) => type), BUILT_IN, 'also before initialize()');
});

test('an emergency that is called for collects at once, one that is found keeps the cooldown', async () => {
  const { manager, watch, of, state } = await managed();
  // It frees so little that no other is tried for five minutes.
  state.collected = () => ({ ran: true, freedBytes: MB, durationMs: 20 });
  assert.equal((await manager.forceGarbageCollection('test')).success, true);
  watch.change('emergency', 96);
  const [byHand] = await manager.performEmergencyCleanup();
  const collections = of('cleanup').filter(({ type }) => type === 'force_gc');
  assert.deepEqual(collections.map(({ reason, skipped }) => [reason, skipped]), [['emergency', 'cooldown'], ['performEmergencyCleanup', undefined]],
    'two runs: it does not share the one that the manager began');
  assert.equal(byHand.success, true);
  assert.equal((await manager.performEmergencyCleanup())[0].success, true, 'and again');
  assert.equal((await manager.forceGarbageCollection('test')).skipped, 'cooldown');
  state.collected = () => ({ ran: true, freedBytes: MB, durationMs: 501 });
  await manager.performEmergencyCleanup();
  assert.equal((await manager.performEmergencyCleanup())[0].skipped, 'pause', 'the budget of the pause holds');
});

test('an emergency waits for the cleanup that runs', async () => {
  const { manager, watch, of } = await managed();
  let finish;
  manager.registerCleanup('slow', 1, 50, () => new Promise((settle) => (finish = settle)));
  watch.feed(60);
  await settled();
  const emergency = manager.performEmergencyCleanup();
  await settled();
  assert.deepEqual(of('cleanup'), []);
  finish();
  await settled();
  finish();
  assert.equal((await emergency).length, 5);
  assert.equal(of('cleanup').length, 6);
});

test('a cleanup that throws, rejects or hangs does not stop the others', async () => {
  const { manager, watch } = await managed({ cleanupTimeoutMs: 20 });
  const aborted = [];
  const hang = ({ signal }) => new Promise(() => signal.addEventListener('abort', () => aborted.push(signal.reason.message)));
  manager.registerCleanup('throws', 5, 0, () => { throw new Error('at once'); });
  manager.registerCleanup('rejects', 4, 0, async () => { throw 'later'; });
  manager.registerCleanup('hangs', 3, 0, hang);
  manager.registerCleanup('works', 2, 0, ({ reason }) => assert.equal(reason, 'performEmergencyCleanup'));
  let actions;
  const warnings = await warningsOf(async () => {
    actions = (await manager.performEmergencyCleanup()).filter(({ type }) => !BUILT_IN.includes(type));
    watch.feed(60);
    await manager.checkMemoryPressure();
  });
  assert.deepEqual(actions.map(({ type, success, error }) => [type, success, error]), [
    ['throws', false, 'at once'], ['rejects', false, 'later'], ['hangs', false, 'it took longer than 20 ms'], ['works', true, undefined],
  ]);
  assert.equal(aborted.length, 1, 'the second run rests');
  assert.deepEqual(warnings.map(({ code, message }) => [code, message]), [
    ['PGTAP_MEMORY_LISTENER', 'The cleanup "throws" failed: at once'], ['PGTAP_MEMORY_LISTENER', 'The cleanup "rejects" failed: later'],
    ['PGTAP_MEMORY_LISTENER', 'The cleanup "hangs" failed: it took longer than 20 ms'],
  ]);
});

test('shutdown ends the cleanup that runs', async () => {
  const { manager, watch, of } = await managed();
  manager.registerCleanup('hangs', 5, 50, () => new Promise(() => {}));
  manager.registerCleanup('never', 4, 50, () => assert.fail('it ran'));
  watch.feed(60);
  await settled();
  await manager.shutdown();
  assert.deepEqual(of('cleanup').map(({ type, error }) => [type, error]), [['hangs', 'the memory manager was shut down']]);
});

test('initialize waits for a shutdown that runs', async () => {
  const { manager, watch, engine } = await managed();
  manager.registerCleanup('hangs', 5, 50, () => new Promise(() => {}));
  watch.feed(60);
  await settled();
  await Promise.all([manager.shutdown(), manager.shutdown(), manager.initialize({ profile: 'render' })]);
  assert.deepEqual(engine.watches.map(({ stopped }) => stopped), [true, false]);
  await manager.shutdown();
});

test('cleanups come and go', async () => {
  const { manager } = await managed();
  const remove = manager.registerCleanup('mine', 1, 0, () => assert.fail('it ran'));
  remove();
  remove();
  manager.registerCleanup('mine', 1, 0, () => -1);
  assert.equal((await manager.performEmergencyCleanup()).at(-1).freedBytes, null, 'no number of bytes');
});

test('parts of the toolkit are cleared', async () => {
  const cleared = [];
  const clear = (name) => () => void cleared.push(name);
  registerClearable('performance_metrics', 'replaced', clear('before'));
  registerClearable('performance_metrics', 'replaced', clear('operations'));
  registerClearable('performance_metrics', 'sized', () => 5 * MB);
  registerClearable('performance_metrics', 'also sized', () => MB);
  registerClearable('memory_snapshots', 'timeline', () => { throw new Error('broken'); });
  const { manager } = await managed();
  const [, metrics, snapshots] = await manager.performEmergencyCleanup();
  assert.deepEqual(cleared, ['operations']);
  assert.deepEqual([metrics.cleared, metrics.success, metrics.freedBytes], [['operations', 'replaced', 'sized', 'also sized'], true, 6 * MB]);
  assert.deepEqual([snapshots.success, snapshots.error], [false, 'broken']);
});

test('native memory is given back where the allocator can', async () => {
  const cases = [
    [{}, { success: true, freedBytes: 30 * MB }],
    [{ rssAfterBytes: 95 * MB }, { success: true, freedBytes: 0 }],
    [{ rssBeforeBytes: null }, { success: true, freedBytes: null }],
    [{ ran: false, why: 'musl has none' }, { success: false, freedBytes: null, skipped: 'not-available', detail: 'musl has none' }],
  ];
  for (const [more, expected] of cases) {
    const { manager, state } = await managed();
    Object.assign(state.trim, more);
    const { type, priority, reason, durationMs, percentBefore, percentAfter, ...rest } = (await manager.performEmergencyCleanup()).at(-1);
    assert.deepEqual([type, priority], ['malloc_trim', 50]);
    assert.deepEqual(rest, expected);
  }
});

test('a collection that freed little is no reason against one after a cleanup', async () => {
  const { manager, state } = await managed({ cooldownMs: 0 });
  state.collected = () => ({ ran: true, freedBytes: MB, durationMs: 20 });
  assert.equal((await manager.forceGarbageCollection('one')).success, true);
  assert.equal((await manager.forceGarbageCollection('two')).skipped, 'little-freed');
  manager.registerCleanup('cache', 1, 0, () => {});
  await manager.performEmergencyCleanup();
  assert.equal((await manager.forceGarbageCollection('three')).success, true);
});

test('listeners that fail stop nothing and are reported once', async () => {
  const { manager, watch, of } = await managed({ proactiveGc: false });
  manager.prependListener('warning', () => { throw new Error('boom'); });
  manager.prependOnceListener('level', async () => { throw new Error('later'); });
  const warnings = await warningsOf(() => {
    watch.change('warning', 81);
    watch.change('healthy', 20);
    watch.change('warning', 81);
  });
  assert.equal(of('warning').length, 2);
  assert.deepEqual(warnings.map(({ message }) => message).sort(), ['A listener of "level" failed: later', 'A listener of "warning" failed: boom']);
});

test('without listeners nothing throws', async () => {
  const { parts, engine, state } = fakeParts();
  const manager = new MemoryManagerService(parts);
  await manager.initialize({ profile: 'local', logger: { log() {} } });
  const [watch] = engine.watches;
  for (const level of ['warning', 'critical', 'emergency', 'healthy']) watch.change(level, 99);
  for (const event of ['leak', 'leak-resolved']) watch.emit(event, engine.report);
  parts.spikes.emit('spike', { severity: 'critical', memoryIncrease: 1, timestamp: new Date(0) });
  await manager.performEmergencyCleanup();
  await manager.shutdown();
  assert.ok(state.kinds.length > 0);
  assert.ok(!EVENTS.includes('error'));
});

test('wrong arguments', async () => {
  const { manager } = await managed();
  const fn = () => {};
  const wrong = [
    [['', 1, 0, fn], 'name'], [[7, 1, 0, fn], 'name'], [[undefined, 1, 0, fn], 'name'], [['force_gc', 1, 0, fn], 'name'],
    [['x', '1', 0, fn], 'priority'], [['x', NaN, 0, fn], 'priority'], [['x', 1, -1, fn], 'atPercent'], [['x', 1, 101, fn], 'atPercent'],
    [['x', 1, null, fn], 'atPercent'], [['x', 1, 0, 'fn'], 'fn'], [['x', 1, 0], 'fn'],
  ];
  const names = (name) => ({ code, message }) => code === 'ERR_PGTAP_INVALID_ARGUMENT' && message.includes(`for ${name} but received`);
  for (const [given, name] of wrong) assert.throws(() => manager.registerCleanup(...given), names(name), `${given}`);
  for (const minutes of [0, -1, 721, NaN, '30', null]) assert.throws(() => manager.getTrend(minutes), names('minutes'), `${minutes}`);
  for (const reason of ['', undefined, 5]) await assert.rejects(manager.forceGarbageCollection(reason), names('reason'), `${reason}`);
});
