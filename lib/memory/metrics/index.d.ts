/// <reference types="node" />
import type { ManagerOptions } from '../manager/service.js';

/** Whose levels the metrics tell: the options of `MemoryManagerService.initialize()`, from the same variables and profiles. */
export interface LevelOptions extends Pick<
  ManagerOptions,
  'profile' | 'warningPercent' | 'criticalPercent' | 'emergencyPercent' | 'intervalMs' | 'limitMB' | 'basis' | 'leakDetection'
> {}

/** The options of both functions. A wrong type or range throws `ERR_PGTAP_INVALID_OPTION`. */
export interface MetricsOptions extends LevelOptions {
  /**
   * How many names of tracked operations have series of their own, 0 to 1000. They are those that are seen first; all
   * others are counted as `(other)`. @defaultValue `100`
   */
  mostOperations?: number;
  /**
   * Upper bounds of the histogram of collections in seconds, above 0 and growing.
   * @defaultValue `[0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]` for Prometheus, and for OpenTelemetry what its
   * semantic conventions ask for, `[0.01, 0.1, 1, 10]`
   */
  gcDurationBuckets?: readonly number[];
}

export interface PrometheusOptions extends MetricsOptions {
  /** What all names begin with, before `nodejs_memory_`; letters, digits, `_` and `:`. @defaultValue `''` */
  prefix?: string;
}

/** What is needed of a `Registry` of prom-client. */
export interface PrometheusRegister {
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
  readonly contentType: string;
}

/** How an instrument is described. */
export interface OpenTelemetryInstrumentOptions {
  unit: string;
  description: string;
}

/** A callback that observes all instruments of a reading. */
export type OpenTelemetryBatchCallback = (result: {
  observe(instrument: never, value: number, attributes?: Record<string, string>): void;
}) => void;

/** What is needed of a `Meter`. */
export interface OpenTelemetryMeter {
  createHistogram(name: string, options: OpenTelemetryInstrumentOptions & { advice: { explicitBucketBoundaries: number[] } }): {
    record(value: number, attributes?: Record<string, string>): void;
  };
  createObservableGauge(name: string, options: OpenTelemetryInstrumentOptions): object;
  createObservableCounter(name: string, options: OpenTelemetryInstrumentOptions): object;
  createObservableUpDownCounter(name: string, options: OpenTelemetryInstrumentOptions): object;
  addBatchObservableCallback(callback: OpenTelemetryBatchCallback, instruments: never[]): void;
  removeBatchObservableCallback(callback: OpenTelemetryBatchCallback, instruments: never[]): void;
}

/** What is needed of a `MeterProvider` of `@opentelemetry/api`, from 1.3 on. */
export interface OpenTelemetryMeterProvider {
  getMeter(name: string, version?: string): OpenTelemetryMeter;
}

/**
 * Adds the metrics of memory to a register of prom-client, such as `client.register`. They are read when the register is,
 * and begin with `nodejs_memory_`, which none of prom-client's default metrics does. Every collection of garbage is
 * counted, five seconds after it at the latest. prom-client itself is not loaded. What is not known has no series.
 *
 * @returns takes the metrics off the register again and ends all that measures for them; a second call does nothing
 * @throws PgTapError `ERR_PGTAP_METRICS_REGISTERED`: the register has a metric of one of the names; nothing was added
 */
export function registerPrometheus(register: PrometheusRegister, options?: PrometheusOptions): () => void;

/**
 * Adds the metrics of memory to a provider of meters, by the names of the semantic conventions where these have one. Every
 * collection of garbage is recorded, five seconds after it at the latest. No package of OpenTelemetry is loaded.
 *
 * @returns takes the callback off the meter and ends all that measures; a second call does nothing. OpenTelemetry has no way
 *   to remove an instrument: a reader of deltas tells nothing more, one of cumulative values goes on telling the last ones
 * @throws PgTapError `ERR_PGTAP_METRICS_REGISTERED`: the provider has the metrics already
 */
export function registerOpenTelemetry(meterProvider: OpenTelemetryMeterProvider, options?: MetricsOptions): () => void;
