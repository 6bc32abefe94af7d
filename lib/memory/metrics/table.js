'use strict';

const { LEVELS } = require('../engine.js');

/** A figure of the sample. */
const sampled = (field) => ({ sample }) => sample[field];
const share = (percent) => (percent === null ? null : percent / 100);

const pressures = ({ sample: { pressure } }) => (pressure === null ? [] : ['some', 'full'].flatMap((stall) => ['10', '60'].map((seconds) => [
  { stall, window: `${seconds}s` }, share(pressure[`${stall}Avg${seconds}`]),
])));
/** A series for each level, of which one is 1. */
const levels = ({ level }) => LEVELS.map((each) => [{ level: each }, each === level ? 1 : 0]);
// Before the first window is full there is nothing to say.
const ofLeaks = (figure) => ({ leakReport }) => (leakReport.windows === 0 ? null : figure(leakReport));
const ofSpaces = (field) => ({ heapSpaces }) => heapSpaces.map((space) => [{ space: space.space_name }, space[field]]);

const bytes = (aggregator) => ({ unit: 'By', instrument: 'UpDownCounter', aggregator });
const gauge = (aggregator) => ({ unit: '1', instrument: 'Gauge', aggregator });
const counter = (unit) => ({ unit, instrument: 'Counter', aggregator: 'sum' });
/** Of a process, which those of a cluster add up; of what they share, which they do not. */
const [OWN, SHARED] = [bytes('sum'), bytes('max')];

/**
 * Every metric but the durations of collections: its name for Prometheus (behind the prefix), its name for OpenTelemetry,
 * how it is counted and summed up, its value or its series with their labels. `null` is not known, and left out. Names of
 * OpenTelemetry are those of its semantic conventions, 1.45, where these have one.
 */
const METRICS = [
  { prometheus: 'resident_bytes', otel: 'process.memory.usage', ...OWN, help: 'Resident memory of the process.', read: sampled('rssBytes') },
  { prometheus: 'heap_used_bytes', ...OWN, help: "Bytes in use of V8's heap.", read: sampled('heapUsedBytes') },
  { prometheus: 'heap_total_bytes', ...OWN, help: "Bytes that V8 committed for its heap.", read: sampled('heapTotalBytes') },
  { prometheus: 'heap_limit_bytes', otel: 'pgtap_scanner.memory.heap.limit', ...OWN, help: "Bytes that V8's heap may grow to.", read: sampled('heapLimitBytes') },
  {
    prometheus: 'old_generation_used_bytes', otel: 'pgtap_scanner.memory.old_generation.usage', ...OWN,
    help: "Bytes in use of the old generation of V8's heap.", read: sampled('oldUsedBytes'),
  },
  {
    prometheus: 'old_generation_limit_bytes', otel: 'pgtap_scanner.memory.old_generation.limit', ...OWN,
    help: 'Bytes of the old generation at which V8 gives up.', read: sampled('oldLimitBytes'),
  },
  {
    prometheus: 'external_bytes', otel: 'pgtap_scanner.memory.external', ...OWN,
    help: "Bytes outside V8's heap that objects on it hold.", read: sampled('externalBytes'),
  },
  {
    prometheus: 'array_buffers_bytes', otel: 'pgtap_scanner.memory.array_buffers', ...OWN,
    help: 'Bytes of ArrayBuffers and Buffers, which are part of the external ones.', read: sampled('arrayBuffersBytes'),
  },
  {
    prometheus: 'effective_limit_bytes', otel: 'pgtap_scanner.memory.limit', ...OWN,
    help: "The smallest of V8's heap limit, the container's and the configured one.", read: sampled('effectiveLimitBytes'),
  },
  {
    prometheus: 'container_used_bytes', otel: 'container.memory.working_set', ...SHARED,
    help: 'Memory that counts against the limit of the container, without inactive page cache.', read: ({ sample }) => sample.container?.usedBytes ?? null,
  },
  {
    prometheus: 'container_limit_bytes', otel: 'pgtap_scanner.memory.container.limit', ...SHARED,
    help: 'Limit of the container that leaves the least.', read: ({ sample }) => sample.container?.limitBytes ?? null,
  },
  {
    prometheus: 'available_bytes', otel: 'system.memory.linux.available', ...SHARED,
    help: 'Memory that the machine has for new work.', read: sampled('availableBytes'),
  },
  {
    prometheus: 'usage_ratio', otel: 'pgtap_scanner.memory.utilization', ...gauge('max'),
    help: 'How full memory is, as a part of the limit that is nearest.', read: ({ sample }) => share(sample.percent),
  },
  {
    prometheus: 'level', otel: 'pgtap_scanner.memory.status', unit: '1', instrument: 'UpDownCounter', aggregator: 'sum',
    help: '1 for the level that memory is at, 0 for the others.', read: levels,
  },
  {
    prometheus: 'pressure_ratio', otel: 'pgtap_scanner.memory.pressure', ...gauge('max'),
    help: 'Part of the time in which some or all tasks of the machine waited for memory.', read: pressures,
  },
  {
    prometheus: 'leak_score', otel: 'pgtap_scanner.memory.leak.score', ...gauge('max'),
    help: 'How much speaks for a leak, 0 to 100.', read: ofLeaks(({ score }) => score),
  },
  {
    prometheus: 'leak_suspected', otel: 'pgtap_scanner.memory.leak.suspected', ...gauge('max'),
    help: '1 while a leak is suspected.', read: ofLeaks(({ suspected }) => Number(suspected)),
  },
  {
    prometheus: 'spikes_total', otel: 'pgtap_scanner.memory.spikes', ...counter('{spike}'),
    help: 'Sudden rises of memory, by severity.', counts: ({ spikes }) => spikes,
  },
  {
    prometheus: 'sheds_total', otel: 'pgtap_scanner.memory.sheds', ...counter('{request}'),
    help: 'Requests that were refused because memory was scarce.', counts: ({ sheds }) => sheds,
  },
  {
    prometheus: 'operations_total', otel: 'pgtap_scanner.operations', ...counter('{operation}'),
    help: 'Tracked operations that ended; exclusive ones ran alone.', counts: ({ operations }) => operations.finished,
  },
  {
    prometheus: 'operation_allocated_bytes_total', otel: 'pgtap_scanner.operation.allocated', ...counter('By'),
    help: "Bytes that exclusive tracked operations allocated on V8's heap.", counts: ({ operations }) => operations.allocated,
  },
  { otel: 'v8js.memory.heap.used', ...OWN, help: 'Heap memory in use, by space.', read: ofSpaces('space_used_size') },
  { otel: 'v8js.memory.heap.space.size', ...OWN, help: 'Heap memory that is reserved, by space.', read: ofSpaces('space_size') },
  { otel: 'v8js.memory.heap.space.available_size', ...OWN, help: 'Heap memory that is free, by space.', read: ofSpaces('space_available_size') },
  { otel: 'v8js.memory.heap.space.physical_size', ...OWN, help: 'Heap memory that is committed, by space.', read: ofSpaces('physical_space_size') },
];

const GC_HELP = 'How long collections stopped the program, by kind.';

/** The series of a metric: labels and value of each. */
function seriesOf({ read, counts }, source) {
  if (counts) return counts(source).list();
  const value = read(source);
  if (value === null) return [];
  return Array.isArray(value) ? value : [[{}, value]];
}

module.exports = { GC_HELP, METRICS, seriesOf };
