'use strict';

const { PgTapError } = require('../../errors.js');
const { rule } = require('../../options.js');
const { report } = require('../listeners.js');
const { readSettings } = require('../manager/settings.js');
const { PARTS } = require('../parts.js');
const { checkArgument } = require('../rules.js');
const { GcDurations } = require('./gc-durations.js');
const { PROMETHEUS_OPTIONS } = require('./options.js');
const { Source } = require('./source.js');
const { GC_HELP, METRICS, seriesOf } = require('./table.js');

/** prom-client's default metrics begin with nodejs_ and process_, but none with this. */
const NAMESPACE = 'nodejs_memory_';
const OPENMETRICS = 'application/openmetrics-text';
const METHODS = ['registerMetric', 'getSingleMetric', 'removeSingleMetric'];
const REGISTER = rule('a Registry of prom-client', (value) => (METHODS.every((name) => typeof value?.[name] === 'function') ? undefined : 'type'));

/** The series of a metric; a register tells nothing at all when one metric fails, so ours has none then. */
function valuesOf(read) {
  try {
    return read();
  } catch (error) {
    report(registerPrometheus, 'A metric of memory', error);
    return [];
  }
}

/** A metric as a Registry wants it; made without prom-client's classes, so that it fits whichever copy the register is from. */
function metricOf(register, { name, type, help, aggregator }, read, reset) {
  return {
    name,
    type,
    help,
    aggregator,
    async get() {
      // There a counter is called without the suffix, which the register adds to its samples.
      const isBare = type === 'counter' && register.contentType.startsWith(OPENMETRICS);
      return { name: isBare ? name.replace(/_total$/, '') : name, type, help, aggregator, values: valuesOf(read) };
    },
    reset,
  };
}

function tableMetric(register, entry, prefix, source) {
  const { prometheus, help, aggregator, counts } = entry;
  const values = () => seriesOf(entry, source).map(([labels, value]) => ({ labels, value }));
  const description = { name: prefix + prometheus, type: counts ? 'counter' : 'gauge', help, aggregator };
  return metricOf(register, description, values, () => counts?.(source).reset());
}

function gcMetric(register, prefix, source, durations) {
  const name = `${prefix}gc_duration_seconds`;
  const values = () => {
    source.countCollections();
    return durations.values(name);
  };
  return metricOf(register, { name, type: 'histogram', help: GC_HELP, aggregator: 'sum' }, values, () => durations.reset());
}

function checkFree(register, names, from) {
  const taken = names.find((name) => register.getSingleMetric(name) !== undefined);
  if (taken === undefined) return;
  const error = new PgTapError('ERR_PGTAP_METRICS_REGISTERED', `The register already has a metric ${taken}: call what the registerPrometheus() before answered with, `
    + 'or set the option "prefix"');
  error.metric = taken;
  Error.captureStackTrace(error, from);
  throw error;
}

/** Adds the metrics of memory to a register; documented in index.d.ts. */
function registerPrometheus(register, options = {}, parts = PARTS) {
  const from = registerPrometheus;
  checkArgument(REGISTER, register, 'register', from);
  const settings = readSettings(options, from, process.env, PROMETHEUS_OPTIONS);
  const prefix = settings.prefix + NAMESPACE;
  const entries = METRICS.filter(({ prometheus }) => prometheus !== undefined);
  checkFree(register, [...entries.map(({ prometheus }) => prefix + prometheus), `${prefix}gc_duration_seconds`], from);
  const durations = new GcDurations(settings.gcDurationBuckets);
  const source = new Source(parts, settings, (kind, seconds) => durations.observe(kind, seconds));
  const metrics = [...entries.map((entry) => tableMetric(register, entry, prefix, source)), gcMetric(register, prefix, source, durations)];
  // The register renames counters once they are asked for.
  const names = metrics.map(({ name }) => name);
  for (const metric of metrics) register.registerMetric(metric);
  let open = true;
  return () => {
    if (!open) return;
    open = false;
    // Somebody may have cleared the register meanwhile, and have put others there.
    metrics.forEach((metric, at) => {
      if (register.getSingleMetric(names[at]) === metric) register.removeSingleMetric(names[at]);
    });
    source.close();
  };
}

module.exports = { registerPrometheus };
