'use strict';

const { version } = require('../../../package.json');
const { PgTapError } = require('../../errors.js');
const { rule } = require('../../options.js');
const { readSettings } = require('../manager/settings.js');
const { PARTS } = require('../parts.js');
const { checkArgument } = require('../rules.js');
const { OTEL_OPTIONS } = require('./options.js');
const { Source } = require('./source.js');
const { GC_HELP, METRICS, seriesOf } = require('./table.js');

const PROVIDER = rule('a MeterProvider of OpenTelemetry', (value) => (typeof value?.getMeter === 'function' ? undefined : 'type'));
/** What labels are called as attributes. */
const ATTRIBUTES = {
  level: 'pgtap_scanner.memory.level',
  stall: 'pgtap_scanner.memory.pressure.stall',
  window: 'pgtap_scanner.memory.pressure.window',
  severity: 'pgtap_scanner.memory.spike.severity',
  mode: 'pgtap_scanner.memory.shed.mode',
  operation: 'pgtap_scanner.operation.name',
  confidence: 'pgtap_scanner.operation.confidence',
  space: 'v8js.heap.space.name',
};
const asAttributes = (labels) => Object.fromEntries(Object.entries(labels).map(([name, value]) => [ATTRIBUTES[name], value]));

/** Providers that have the metrics now. */
const registered = new WeakSet();

function checkFree(provider, from) {
  if (!registered.has(provider)) return;
  const error = new PgTapError('ERR_PGTAP_METRICS_REGISTERED', 'This MeterProvider already has the metrics of memory, and would count every collection twice: '
    + 'call what the registerOpenTelemetry() before answered with');
  Error.captureStackTrace(error, from);
  throw error;
}

/** Adds the metrics of memory to a provider of meters; documented in index.d.ts. */
function registerOpenTelemetry(meterProvider, options = {}, parts = PARTS) {
  const from = registerOpenTelemetry;
  checkArgument(PROVIDER, meterProvider, 'meterProvider', from);
  const settings = readSettings(options, from, process.env, OTEL_OPTIONS);
  checkFree(meterProvider, from);
  const meter = meterProvider.getMeter('pgtap-scanner', version);
  const durations = meter.createHistogram('v8js.gc.duration', {
    unit: 's', description: GC_HELP, advice: { explicitBucketBoundaries: settings.gcDurationBuckets },
  });
  const source = new Source(parts, settings, (kind, seconds) => durations.record(seconds, { 'v8js.gc.type': kind }));
  const observed = METRICS.filter(({ otel }) => otel !== undefined).map((entry) => ({
    entry, instrument: meter[`createObservable${entry.instrument}`](entry.otel, { unit: entry.unit, description: entry.help }),
  }));
  const instruments = observed.map(({ instrument }) => instrument);
  const observe = (result) => {
    source.countCollections();
    for (const { entry, instrument } of observed) {
      for (const [labels, value] of seriesOf(entry, source)) result.observe(instrument, value, asAttributes(labels));
    }
  };
  meter.addBatchObservableCallback(observe, instruments);
  registered.add(meterProvider);
  let open = true;
  return () => {
    if (!open) return;
    open = false;
    meter.removeBatchObservableCallback(observe, instruments);
    registered.delete(meterProvider);
    source.close();
  };
}

module.exports = { registerOpenTelemetry };
