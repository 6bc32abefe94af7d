// The metrics of memory in registers of the real prom-client.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import client from 'prom-client';

import { readExposition } from './exposition.mjs';
import { MB, fakeParts, warningsOf } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { memorySpikeDetector } = require('../../lib/memory/index.js');
const { registerPrometheus } = require('../../lib/memory/metrics/index.js');
const { memoryMonitoringOn } = require('../../lib/memory/middleware/memory-monitoring.js');
const BURST = fileURLToPath(new URL('../children/memory/collection-burst.mjs', import.meta.url));

const openMetrics = () => new client.Registry(client.Registry.OPENMETRICS_CONTENT_TYPE);

/** The families of what a register tells, which must keep to the rules. */
async function scrape(register) {
  const { families, faults } = readExposition(await register.metrics(), register.contentType === client.Registry.OPENMETRICS_CONTENT_TYPE);
  assert.deepEqual(faults, []);
  return families;
}

/** Value of the series of a metric, by its labels' values. */
const seriesOf = ({ samples }) => Object.fromEntries(samples.map(({ labels, value }) => [Object.values(labels).join(), value]));
const only = (family) => {
  assert.equal(family.samples.length, 1, family.name);
  return family.samples[0].value;
};

test('what reads the formats finds what is against their rules', () => {
  const faultsOf = (text, isOpen) => readExposition(text, isOpen).faults;
  const family = (samples, { type = 'counter', name = 'a_total' } = {}) => `# HELP ${name} Help.\n# TYPE ${name} ${type}\n${samples}\n`;
  const histogram = (buckets, count) => family(`${buckets.map(([le, value]) => `a_bucket{le="${le}"} ${value}`).join('\n')}\na_sum 1\na_count ${count}`, { type: 'histogram', name: 'a' });
  assert.deepEqual(faultsOf(family('a_total{x="1\\n\\"",y=""} 1e+21')), []);
  assert.deepEqual(faultsOf(histogram([['0.1', 1], ['+Inf', 2]], 2)), []);
  const wrong = [
    [family('a_total{x="1"} 1\na_total{x="1"} 2'), /twice/], [family('a_total{x="1",x="2"} 1'), /label x twice/], [family('a_total -1'), /is -1/],
    [family('a_total NaN'), /value NaN/], [family('a_total{x="a"b"} 1'), /labels/], [family('a_total{1x="a"} 1'), /labels/], [family('b_total 1'), /no sample/],
    [family('a 1', { name: 'a' }), /does not end/], [family('a_total 1', { type: 'gauge' }), /ends with _total/], [family('a-b 1'), /line/],
    ['a 1\n', /line/], ['# TYPE a gauge\na 1\n', /wrong place/], [family('a_total 1') + family('a_total 1'), /HELP of a_total twice/],
    [family('a 1', { name: 'a', type: 'stateset' }), /has the type/], ['# HELP a Help.\n# TYPE a gauge\na 1', /no line feed/],
    [histogram([['0.1', 1], ['+Inf', 2]], 3), /_count is 3/], [histogram([['0.1', 1]], 1), /last bucket/], [histogram([['0.1', 2], ['0.2', 1], ['+Inf', 2]], 2), /do not rise/],
    [histogram([['0.2', 1], ['0.1', 1], ['+Inf', 2]], 2), /do not rise/],
  ];
  for (const [text, fault] of wrong) assert.match(faultsOf(text).join('\n'), fault, text);
  assert.match(faultsOf('# HELP a Help.\n# TYPE a counter\na 1\n# EOF\n', true).join(), /no sample/);
  assert.match(faultsOf('# HELP a Help.\n# TYPE a gauge\na 1\n', true).join(), /no # EOF/);
});

test('figures are those of the sample, in base units; what is not known has no series', async () => {
  const { engine, parts } = fakeParts();
  const register = new client.Registry();
  const unregister = registerPrometheus(register, {}, parts);
  engine.more = { container: { limitBytes: 600 * MB, usedBytes: 150 * MB }, pressure: { someAvg10: 12.5, someAvg60: 5, fullAvg10: 2, fullAvg60: 1 }, oldUsedBytes: 70 * MB, oldLimitBytes: 900 * MB };
  engine.percent = 25;
  const known = await scrape(register);
  engine.more = { container: null, pressure: null, rssBytes: null, oldUsedBytes: null, oldLimitBytes: null };
  const unknown = await scrape(register);
  unregister();
  const of = (name) => only(known[`nodejs_memory_${name}`]);
  assert.deepEqual(['resident_bytes', 'heap_used_bytes', 'heap_limit_bytes', 'old_generation_used_bytes', 'container_limit_bytes', 'container_used_bytes'].map((name) => of(name) / MB),
    [300, 250, 1000, 70, 600, 150]);
  assert.equal(of('usage_ratio'), 0.25);
  assert.deepEqual(seriesOf(known.nodejs_memory_pressure_ratio), { 'some,10s': 0.125, 'some,60s': 0.05, 'full,10s': 0.02, 'full,60s': 0.01 });
  for (const name of ['resident_bytes', 'container_limit_bytes', 'old_generation_used_bytes', 'pressure_ratio']) {
    assert.equal(unknown[`nodejs_memory_${name}`].samples.length, 0, name);
  }
});

test('all metrics of a scrape are from one reading', async () => {
  const { engine, parts } = fakeParts();
  const register = new client.Registry();
  const unregister = registerPrometheus(register, {}, parts);
  const before = engine.reads.length;
  await register.metrics();
  assert.equal(engine.reads.length, before + 1);
  await register.getMetricsAsJSON();
  assert.equal(engine.reads.length, before + 2);
  unregister();
});

test('the level is one of four series; a leak has a score once a window was judged', async () => {
  const { engine, parts } = fakeParts();
  const register = new client.Registry();
  const unregister = registerPrometheus(register, { profile: 'render' }, parts);
  const [watch] = engine.watches;
  engine.report.windows = 0;
  assert.equal((await scrape(register)).nodejs_memory_leak_score.samples.length, 0);
  engine.report = { ...engine.report, windows: 2, score: 71, suspected: true };
  watch.change('critical', 80);
  const families = await scrape(register);
  unregister();
  assert.deepEqual(seriesOf(families.nodejs_memory_level), { healthy: 0, warning: 0, critical: 1, emergency: 0 });
  assert.deepEqual([only(families.nodejs_memory_leak_score), only(families.nodejs_memory_leak_suspected)], [71, 1]);
  assert.deepEqual([watch.options.thresholds, watch.options.limitBytes], [{ warning: 60, critical: 75, emergency: 90 }, 512 * MB]);
  assert.equal(watch.stopped, true);
});

test('counters begin with 0 and never fall; names of operations are bounded', async () => {
  const { parts } = fakeParts();
  const register = new client.Registry();
  const unregister = registerPrometheus(register, { mostOperations: 2 }, parts);
  assert.deepEqual(seriesOf((await scrape(register)).nodejs_memory_spikes_total), { medium: 0, high: 0, critical: 0 });
  parts.spikes.emit('spike', { severity: 'high' });
  parts.spikes.emit('shed', 'reject');
  const names = ['a', 'a', 'say "b"\\\n', 'c', 'd'];
  for (const name of names) parts.spikes.emit('operation', { name, confidence: 'exclusive', adjustedBytes: 100 });
  parts.spikes.emit('operation', { name: 'a', confidence: 'exclusive', adjustedBytes: -1000 });
  parts.spikes.emit('operation', { name: 'a', confidence: 'shared', adjustedBytes: 5000 });
  const families = await scrape(register);
  register.resetMetrics();
  const reset = await scrape(register);
  unregister();
  assert.deepEqual(seriesOf(families.nodejs_memory_spikes_total), { medium: 0, high: 1, critical: 0 });
  assert.deepEqual(seriesOf(families.nodejs_memory_sheds_total), { reject: 1, probabilistic: 0 });
  assert.deepEqual(seriesOf(families.nodejs_memory_operations_total), {
    'a,exclusive': 3, 'say \\"b\\"\\\\\\n,exclusive': 1, '(other),exclusive': 2, 'a,shared': 1,
  });
  assert.deepEqual(seriesOf(families.nodejs_memory_operation_allocated_bytes_total), { a: 200, 'say \\"b\\"\\\\\\n': 100, '(other)': 200 });
  assert.deepEqual(seriesOf(reset.nodejs_memory_spikes_total), { medium: 0, high: 0, critical: 0 });
  assert.deepEqual(reset.nodejs_memory_operations_total.samples, []);
});

test('durations of collections, by kind, in the buckets that were asked for', async () => {
  const { state, parts } = fakeParts();
  const register = new client.Registry();
  const unregister = registerPrometheus(register, { gcDurationBuckets: [0.01, 0.1] }, parts);
  const [tell] = state.followers;
  for (const [kind, pauseMs] of [['minor', 10], ['minor', 20], ['minor', 250], ['weak', 1], ['other', 1]]) tell({ kind, pauseMs });
  const { nodejs_memory_gc_duration_seconds: histogram } = await scrape(register);
  register.resetMetrics();
  const reset = await scrape(register);
  unregister();
  const minor = histogram.samples.filter(({ labels }) => labels.kind === 'minor');
  assert.deepEqual(minor.map(({ labels, value }) => [labels.le, value]), [['0.01', 1], ['0.1', 2], ['+Inf', 3], [undefined, 0.28], [undefined, 3]]);
  assert.deepEqual([...new Set(histogram.samples.map(({ labels }) => labels.kind))], ['minor', 'major', 'incremental', 'weakcb', 'other']);
  assert.ok(reset.nodejs_memory_gc_duration_seconds.samples.every(({ value }) => value === 0));
});

test('OpenMetrics, default labels, a prefix, and two registers at once', async () => {
  const { parts } = fakeParts();
  const [plain, open] = [new client.Registry(), openMetrics()];
  open.setDefaultLabels({ app: 'shop' });
  const undo = [registerPrometheus(plain, { prefix: 'shop_' }, parts), registerPrometheus(open, {}, parts)];
  parts.spikes.emit('spike', { severity: 'medium' });
  for (let round = 0; round < 2; round += 1) {
    const [a, b] = [await scrape(plain), await scrape(open)];
    assert.equal(seriesOf(a.shop_nodejs_memory_spikes_total).medium, 1);
    assert.equal(seriesOf(b.nodejs_memory_spikes)['medium,shop'], 1);
    assert.equal(b.nodejs_memory_spikes.samples[0].name, 'nodejs_memory_spikes_total');
    assert.ok(Object.values(b).flatMap(({ samples }) => samples).every(({ labels }) => labels.app === 'shop'));
  }
  // What prom-client's own counters lose when the type changes.
  open.setContentType(client.Registry.PROMETHEUS_CONTENT_TYPE);
  assert.ok((await scrape(open)).nodejs_memory_spikes_total);
  for (const each of undo) each();
  assert.deepEqual([await plain.getMetricsAsJSON(), await open.getMetricsAsJSON()], [[], []]);
});

test('beside the default metrics of prom-client, also aggregated as its cluster does', async () => {
  const register = new client.Registry();
  client.collectDefaultMetrics({ register });
  const defaults = register.getMetricsAsArray().length;
  const unregister = registerPrometheus(register);
  const { families, faults } = readExposition(await register.metrics());
  // Those are prom-client's own.
  assert.deepEqual(faults.filter((fault) => !/^value Nan$|^gauge nodejs_active_\w+_total ends with _total$/.test(fault)), []);
  assert.equal(Object.keys(families).length, defaults + 22);
  assert.ok(only(families.nodejs_memory_resident_bytes) > 10 * MB);
  assert.ok(only(families.nodejs_memory_heap_used_bytes) < only(families.nodejs_memory_heap_limit_bytes));
  const json = JSON.parse(JSON.stringify(await register.getMetricsAsJSON()));
  const both = client.AggregatorRegistry.aggregate([json, json]);
  const { families: summed } = readExposition(await both.metrics());
  assert.equal(seriesOf(summed.nodejs_memory_level).healthy, 2);
  assert.equal(only(summed.nodejs_memory_effective_limit_bytes), 2 * only(families.nodejs_memory_effective_limit_bytes));
  unregister();
  assert.equal(register.getMetricsAsArray().length, defaults);
});

test('once it is unregistered nothing is left, and it may be registered again', async () => {
  const { engine, state, parts } = fakeParts();
  const register = new client.Registry();
  for (let round = 0; round < 3; round += 1) {
    const unregister = registerPrometheus(register, {}, parts);
    assert.throws(() => registerPrometheus(register, {}, parts), { code: 'ERR_PGTAP_METRICS_REGISTERED', metric: 'nodejs_memory_resident_bytes' });
    assert.deepEqual([engine.watches.length, state.followers.size, parts.spikes.listenerCount('spike')], [round + 1, 1, 1], 'a refusal leaves nothing open');
    await register.metrics();
    unregister();
    unregister();
    assert.equal(await register.metrics(), '\n');
    assert.ok(engine.watches.every(({ stopped }) => stopped));
    const left = ['spike', 'shed', 'operation'].map((name) => parts.spikes.listenerCount(name));
    assert.deepEqual([state.followers.size, ...left], [0, 0, 0, 0]);
  }
});

test('nothing real is left behind either', () => {
  const register = new client.Registry();
  const before = [process.listenerCount('warning'), memorySpikeDetector.active];
  const during = [];
  for (let round = 0; round < 20; round += 1) {
    const unregister = registerPrometheus(register);
    during.push(memorySpikeDetector.active, process.listenerCount('warning') - before[0]);
    unregister();
  }
  assert.deepEqual(new Set(during), new Set([true, 1]));
  assert.deepEqual([process.listenerCount('warning'), memorySpikeDetector.active], before);
});

test('when memory cannot be read the other metrics are told all the same, and a warning says so once', async () => {
  const { engine, parts } = fakeParts();
  const register = new client.Registry();
  new client.Counter({ name: 'orders_total', help: 'Orders.', registers: [register] }).inc();
  const unregister = registerPrometheus(register, {}, parts);
  const { read } = engine;
  let families;
  const warnings = await warningsOf(async () => {
    engine.read = () => { throw new Error('broken inside'); };
    families = await scrape(register);
    await scrape(register);
  });
  engine.read = read;
  assert.equal(only(families.orders_total), 1);
  assert.deepEqual([families.nodejs_memory_resident_bytes.samples, families.nodejs_memory_spikes_total.samples.length], [[], 3]);
  assert.deepEqual(warnings, [{ code: 'PGTAP_MEMORY_LISTENER', message: 'A metric of memory failed: broken inside' }]);
  unregister();
});

test("what somebody put into a cleared register under the same name stays", async () => {
  const { parts } = fakeParts();
  const register = new client.Registry();
  const unregister = registerPrometheus(register, {}, parts);
  register.clear();
  new client.Gauge({ name: 'nodejs_memory_resident_bytes', help: 'Mine.', registers: [register] });
  unregister();
  assert.deepEqual(register.getMetricsAsArray().map(({ help }) => help), ['Mine.']);
});

test('requests that the middleware refuses are counted', async () => {
  const { engine, parts } = fakeParts();
  const register = new client.Registry();
  const unregister = registerPrometheus(register);
  for (const mode of ['reject', 'probabilistic', 'reject']) {
    const refuse = memoryMonitoringOn(parts, () => 0).handleMemoryPressure({ mode });
    engine.watches.at(-1).change('emergency', 97);
    refuse({ url: '/orders', headers: {} }, { headersSent: false, setHeader() {}, end() {} }, () => assert.fail('was let in'));
    refuse.close();
  }
  assert.deepEqual(seriesOf((await scrape(register)).nodejs_memory_sheds_total), { reject: 2, probabilistic: 1 });
  unregister();
});

test('wrong arguments', () => {
  const register = new client.Registry();
  const wrong = [
    [[null], /a Registry of prom-client for register/, TypeError], [[client], /a Registry of prom-client/, TypeError],
    [[register, { prefix: '1x' }], /option "prefix"/, RangeError], [[register, { prefix: 'a-b' }], /option "prefix"/, RangeError],
    [[register, { prefix: 3 }], /option "prefix"/, TypeError], [[register, { gcDurationBuckets: 0.1 }], /an array of growing numbers/, TypeError],
    [[register, { gcDurationBuckets: [0.1, 0.1] }], /an array of growing numbers/, RangeError], [[register, { gcDurationBuckets: [0] }], /growing/, RangeError],
    [[register, { mostOperations: 1001 }], /from 0 to 1000/, RangeError], [[register, { warningPercent: 99 }], /below criticalPercent/, RangeError],
    [[register, []], /the options/, TypeError],
  ];
  for (const [args, message, type] of wrong) {
    assert.throws(() => registerPrometheus(...args), (error) => error instanceof type && message.test(error.message) && /prometheus-metrics\.test/.test(error.stack.split('\n')[1]), `${message}`);
  }
  assert.deepEqual(register.getMetricsAsArray(), []);
});

test("every collection of a burst is counted, where prom-client's own metric misses most", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--trace-gc', BURST]);
  const traced = stdout.match(/ ms: (?:Scavenge|Mark-Compact)/g).length;
  const { ours, theirs, profiled } = JSON.parse(/^\{.*\}$/m.exec(stdout)[0]);
  assert.ok(profiled.minor + profiled.major > 100, JSON.stringify(profiled));
  assert.deepEqual(ours, profiled);
  // The trace has those, too, that came while the program was loaded.
  const before = traced - profiled.minor - profiled.major;
  assert.ok(before >= 0 && before < 30, `${traced} traced, ${JSON.stringify(profiled)} profiled`);
  assert.ok(theirs.minor + theirs.major < (ours.minor + ours.major) / 2, `${JSON.stringify(theirs)} of ${JSON.stringify(ours)}`);
});
