// The metrics of memory through the real SDK of OpenTelemetry and its exporter in memory.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { GCProfiler } from 'node:v8';
import { metrics } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';

import { collectAll, collectYoung, turns } from './collecting.mjs';
import { MB, fakeParts, warningsOf } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { registerOpenTelemetry } = require('../../lib/memory/metrics/index.js');

/** A provider whose metrics are read when `collect` is called: what was exported, by name. */
function provider(t, temporality = AggregationTemporality.CUMULATIVE) {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  t.after(() => meterProvider.shutdown());
  const collect = async () => {
    exporter.reset();
    await reader.forceFlush();
    const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    assert.ok(scopes.every(({ scope }) => scope.name === 'pgtap-scanner' && /^\d+\.\d+/.test(scope.version)));
    return Object.fromEntries(scopes.flatMap((scope) => scope.metrics).map((metric) => [metric.descriptor.name, metric]));
  };
  return { meterProvider, collect };
}

const pointsOf = ({ dataPoints }) => Object.fromEntries(dataPoints.map(({ attributes, value }) => [Object.values(attributes).join(), value]));
const only = (metric) => {
  assert.equal(metric.dataPoints.length, 1, metric.descriptor.name);
  return metric.dataPoints[0].value;
};

test('names of the semantic conventions are those of their package', async (t) => {
  const { engine, state, parts } = fakeParts();
  engine.more = { container: { limitBytes: 600 * MB, usedBytes: 150 * MB } };
  const { meterProvider, collect } = provider(t);
  const unregister = registerOpenTelemetry(meterProvider, {}, parts);
  const [tell] = state.followers;
  tell({ kind: 'minor', pauseMs: 1 });
  const found = await collect();
  unregister();
  const known = new Set(Object.entries(conventions).filter(([name]) => name.startsWith('METRIC_')).map(([, value]) => value));
  const conventional = Object.keys(found).filter((name) => !name.startsWith('pgtap_scanner.'));
  assert.deepEqual(conventional.filter((name) => !known.has(name)), []);
  assert.deepEqual(conventional.sort(), [
    conventions.METRIC_CONTAINER_MEMORY_WORKING_SET, conventions.METRIC_PROCESS_MEMORY_USAGE, conventions.METRIC_SYSTEM_MEMORY_LINUX_AVAILABLE,
    conventions.METRIC_V8JS_GC_DURATION, conventions.METRIC_V8JS_MEMORY_HEAP_SPACE_AVAILABLE_SIZE, conventions.METRIC_V8JS_MEMORY_HEAP_SPACE_PHYSICAL_SIZE,
    conventions.METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE, conventions.METRIC_V8JS_MEMORY_HEAP_USED,
  ].sort());
  assert.deepEqual([conventions.ATTR_V8JS_GC_TYPE, conventions.ATTR_V8JS_HEAP_SPACE_NAME], ['v8js.gc.type', 'v8js.heap.space.name']);
  assert.deepEqual(found['v8js.memory.heap.used'].dataPoints.map(({ attributes }) => Object.keys(attributes)[0]).filter((name) => name !== conventions.ATTR_V8JS_HEAP_SPACE_NAME), []);
});

test('units and kinds of instruments; figures are those of the sample', async (t) => {
  const { engine, parts } = fakeParts();
  engine.more = { container: { limitBytes: 600 * MB, usedBytes: 150 * MB } };
  engine.percent = 25;
  const { meterProvider, collect } = provider(t);
  const unregister = registerOpenTelemetry(meterProvider, { profile: 'render' }, parts);
  parts.spikes.emit('spike', { severity: 'high' });
  parts.spikes.emit('operation', { name: 'import', confidence: 'exclusive', adjustedBytes: 100 });
  engine.watches[0].change('warning', 25);
  const found = await collect();
  unregister();
  for (const { descriptor } of Object.values(found)) {
    assert.ok(['By', 's', '1', '{spike}', '{request}', '{operation}'].includes(descriptor.unit), descriptor.name);
    assert.ok(descriptor.description.length > 10, descriptor.name);
  }
  assert.deepEqual(['process.memory.usage', 'container.memory.working_set', 'pgtap_scanner.memory.container.limit'].map((name) => only(found[name]) / MB), [300, 150, 600]);
  assert.deepEqual([found['process.memory.usage'].dataPointType, found['process.memory.usage'].isMonotonic], [DataPointType.SUM, false]);
  assert.deepEqual([found['pgtap_scanner.memory.utilization'].dataPointType, only(found['pgtap_scanner.memory.utilization'])], [DataPointType.GAUGE, 0.25]);
  assert.deepEqual(pointsOf(found['pgtap_scanner.memory.status']), { healthy: 0, warning: 1, critical: 0, emergency: 0 });
  assert.deepEqual([found['pgtap_scanner.memory.spikes'].isMonotonic, pointsOf(found['pgtap_scanner.memory.spikes'])], [true, { medium: 0, high: 1, critical: 0 }]);
  assert.deepEqual(pointsOf(found['pgtap_scanner.operation.allocated']), { import: 100 });
  assert.ok(!('v8js.gc.duration' in found), 'no collection, no point');
});

test('every collection is recorded, also those of the turn that reads', async (t) => {
  const { meterProvider, collect } = provider(t);
  const profiler = new GCProfiler();
  const unregister = registerOpenTelemetry(meterProvider, { gcDurationBuckets: [0.001, 1] });
  profiler.start();
  for (let at = 0; at < 20; at += 1) collectYoung();
  collectAll();
  await turns();
  for (let at = 0; at < 5; at += 1) collectYoung();
  const reading = collect();
  const { statistics } = profiler.stop();
  const { 'v8js.gc.duration': durations } = await reading;
  unregister();
  assert.deepEqual([durations.descriptor.unit, durations.dataPointType], ['s', DataPointType.HISTOGRAM]);
  const byType = Object.fromEntries(durations.dataPoints.map(({ attributes, value }) => [attributes['v8js.gc.type'], value]));
  const profiled = (type) => statistics.filter(({ gcType }) => gcType === type).length;
  assert.ok(profiled('Scavenge') >= 25);
  // One or two may come before the SDK gets round to reading.
  const more = [byType.minor.count - profiled('Scavenge'), byType.major.count - profiled('MarkSweepCompact')];
  assert.ok(more.every((count) => count >= 0 && count < 3), `${more}`);
  assert.deepEqual(byType.minor.buckets.boundaries, [0.001, 1]);
  assert.ok(byType.major.sum > 0 && byType.major.sum < 5);
});

test('once it is unregistered nothing is told, nothing is left, and it may be registered again', async (t) => {
  const { engine, state, parts } = fakeParts();
  const { meterProvider, collect } = provider(t, AggregationTemporality.DELTA);
  for (let round = 1; round <= 3; round += 1) {
    const unregister = registerOpenTelemetry(meterProvider, {}, parts);
    assert.throws(() => registerOpenTelemetry(meterProvider, {}, parts), { code: 'ERR_PGTAP_METRICS_REGISTERED' });
    assert.equal(engine.watches.length, round, 'a refusal leaves nothing open');
    const reads = engine.reads.length;
    const found = await collect();
    assert.equal(engine.reads.length, reads + 1, 'one callback, one reading');
    assert.ok('process.memory.usage' in found);
    unregister();
    unregister();
    assert.deepEqual(await collect(), {});
    assert.ok(engine.watches.every(({ stopped }) => stopped));
    assert.deepEqual([state.followers.size, ...['spike', 'shed', 'operation'].map((name) => parts.spikes.listenerCount(name))], [0, 0, 0, 0]);
  }
});

test('what is cumulative goes on being told by the SDK, and no longer changes', async (t) => {
  const { meterProvider, collect } = provider(t);
  const unregister = registerOpenTelemetry(meterProvider);
  collectAll();
  await turns();
  const values = async () => Object.entries(await collect()).map(([name, { dataPoints }]) => [name, dataPoints.map(({ value }) => value)]);
  const before = await values();
  collectAll();
  await turns();
  assert.notDeepEqual(await values(), before, 'it changes while it is registered');
  unregister();
  const after = await values();
  assert.ok(after.length > 15);
  collectAll();
  await turns();
  assert.deepEqual(await values(), after);
});

test('a provider that does nothing, and wrong arguments', () => {
  registerOpenTelemetry(metrics.getMeterProvider())();
  assert.throws(() => registerOpenTelemetry(null), { code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /a MeterProvider of OpenTelemetry for meterProvider/ });
  assert.throws(() => registerOpenTelemetry(metrics.getMeter('x')), TypeError);
  assert.throws(() => registerOpenTelemetry(metrics.getMeterProvider(), { gcDurationBuckets: [2, 1] }), { code: 'ERR_PGTAP_INVALID_OPTION' });
});

test('an option of the other function is warned of', async () => {
  const warnings = await warningsOf(() => registerOpenTelemetry(metrics.getMeterProvider(), { prefix: 'x' })());
  assert.deepEqual(warnings.map(({ code }) => code), ['PGTAP_UNKNOWN_OPTION']);
});
