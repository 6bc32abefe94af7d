'use strict';

const { BOOLEAN, readOptions } = require('../options.js');
const { LEVELS, MB, levelAt, levelText, sampleText, toMB } = require('./figures.js');
const { callSafely } = require('./listeners.js');
const { DURATION_MS, FUNCTION, INTERVAL_MS, LOGGER, PERCENT, SIGNAL, checkRising, oneOf, optional } = require('./rules.js');

const CALLBACK = optional(FUNCTION);

/** The options of startMemoryMonitor. */
const MONITOR_OPTIONS = {
  intervalMs: { default: 60000, ...INTERVAL_MS, meaning: 'milliseconds between two samples that are judged' },
  onWarning: { default: null, ...CALLBACK, meaning: 'called with a message when the level rises to warning' },
  onCritical: { default: null, ...CALLBACK, meaning: 'called with a message when the level rises to critical' },
  autoGC: { default: false, ...BOOLEAN, meaning: 'collect garbage while the level is critical, where that is wise' },
  verbose: { default: false, ...BOOLEAN, meaning: 'log each sample, each level and each collection' },
  warningPercent: { default: LEVELS.warningPercent, ...PERCENT, meaning: 'where the level warning begins' },
  criticalPercent: { default: LEVELS.criticalPercent, ...PERCENT, meaning: 'where the level critical begins' },
  gcCooldownMs: { default: 30000, ...DURATION_MS, meaning: 'milliseconds between two forced collections' },
  maxGcPauseMs: { default: 500, ...DURATION_MS, meaning: 'no full collection whose predicted pause is longer' },
  basis: {
    default: 'heapLimit', ...oneOf('heapLimit', 'effective', 'heapTotal'),
    meaning: 'what percentages are of: the limit of the heap, the smallest limit there is, or the heap that V8 took so far',
  },
  signal: { default: null, ...SIGNAL, meaning: 'stops the monitor' },
  logger: { default: console, ...LOGGER, meaning: 'where verbose logs' },
};

/** The complete options of a monitor, or the error that says which is wrong. */
function readMonitorOptions(given = {}, from = readMonitorOptions) {
  const options = readOptions(given, from, MONITOR_OPTIONS);
  checkRising(options, ['warningPercent', 'criticalPercent'], given, from);
  return options;
}

/** What startMemoryMonitor gives: stops the monitor that it started, and no later one. */
class MonitorHandle {
  #stop;

  constructor(stop) {
    this.#stop = stop;
  }

  stop() {
    this.#stop();
  }

  [Symbol.dispose]() {
    this.#stop();
  }
}

/** Judges the heap at an interval and calls back. */
class HeapMonitor {
  #parts;
  #options = readMonitorOptions();
  #watch = null;
  #write;
  #handle = null;
  #undo = [];

  constructor(parts) {
    this.#parts = parts;
  }

  /** Starts, or goes on with other options. */
  start(options) {
    this.#leave();
    this.#options = options;
    this.#write = options.logger.log.bind(options.logger);
    this.#handle ??= this.#newHandle();
    const handle = this.#handle;
    if (options.signal?.aborted) this.stop();
    else this.#enter();
    return handle;
  }

  stop() {
    this.#leave();
    this.#handle = null;
    this.#options = readMonitorOptions();
  }

  /** The memory now, as getMemoryStats gives it. */
  stats() {
    const { basis, warningPercent, criticalPercent } = this.#options;
    const sample = this.#parts.engine().read({ basis });
    const { percent } = sample;
    const whole = basis === 'heapTotal' ? sample.heapTotalBytes : sample.heapLimitBytes;
    return {
      heapUsedMB: toMB(sample.heapUsedBytes),
      heapLimitMB: toMB(sample.heapLimitBytes),
      heapUsagePercent: Math.round((sample.heapUsedBytes / whole) * 100),
      isWarning: percent >= warningPercent,
      isCritical: percent >= criticalPercent,
      rssMB: toMB(sample.rssBytes),
      externalMB: toMB(sample.externalBytes),
      effectiveLimitMB: toMB(sample.effectiveLimitBytes),
      level: this.#watch?.level ?? levelAt(percent, this.#options),
    };
  }

  /** What is to be said of the memory now, or `null`. */
  check() {
    const { percent, limitBytes } = this.#now();
    const level = levelAt(percent, this.#options);
    return level === 'healthy' ? null : levelText(level, percent, limitBytes);
  }

  /** Collects if the memory now is critical and it is wise to; whether it did. */
  collectIfCritical() {
    const now = this.#now();
    return now.percent >= this.#options.criticalPercent && this.#collect(now).success;
  }

  #newHandle() {
    const handle = new MonitorHandle(() => {
      if (this.#handle === handle) this.stop();
    });
    return handle;
  }

  #enter() {
    const { intervalMs, warningPercent, criticalPercent, basis, autoGC, signal } = this.#options;
    const thresholds = { warning: warningPercent, critical: criticalPercent };
    this.#watch = this.#parts.engine().watch({ intervalMs, thresholds, basis });
    this.#watch.on('level', (change) => this.#onLevel(change));
    this.#watch.on('sample', (sample) => this.#onSample(sample));
    if (autoGC) this.#learnFromCollections();
    if (signal === null) return;
    const onAbort = () => this.stop();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#undo.push(() => signal.removeEventListener('abort', onAbort));
  }

  /** The pause of a forced collection is predicted from those that V8 runs. */
  #learnFromCollections() {
    const statistics = this.#parts.openGcStatistics((record) => this.#parts.collections().learn(record));
    this.#undo.push(() => statistics.close());
  }

  #leave() {
    for (const undo of this.#undo.splice(0)) undo();
    this.#watch?.removeAllListeners();
    this.#watch?.stop();
    this.#watch = null;
  }

  #onLevel({ from, to, sample }) {
    if (to === 'healthy' || from === 'critical') {
      this.#log(() => `Memory level: ${from} -> ${to}`);
      return;
    }
    const message = levelText(to, sample.percent, sample.limitBytes);
    this.#log(() => message);
    const name = to === 'warning' ? 'onWarning' : 'onCritical';
    const callback = this.#options[name];
    if (callback) callSafely(callback, `The callback ${name}`, message);
  }

  #onSample(sample) {
    this.#log(() => sampleText(sample));
    if (!this.#options.autoGC || sample.blocked || this.#watch?.level !== 'critical') return;
    const { success, freedBytes, detail, error } = this.#collect(sample);
    if (success) this.#log(() => `GC complete. Freed ${(freedBytes / MB).toFixed(2)}MB`);
    else this.#log(() => `No garbage collection: ${detail ?? error}`);
  }

  #now() {
    return this.#parts.engine().read({ basis: this.#options.basis });
  }

  #collect({ percent, limitBytes }) {
    const { criticalPercent, gcCooldownMs: cooldownMs, maxGcPauseMs: maxPauseMs } = this.#options;
    const needBytes = ((percent - criticalPercent) / 100) * limitBytes;
    return this.#parts.collections().request({ reason: 'memory is critical', cooldownMs, maxPauseMs, needBytes });
  }

  #log(text) {
    if (this.#options.verbose) callSafely(this.#write, 'log() of the logger', text());
  }
}

module.exports = { HeapMonitor, MONITOR_OPTIONS, readMonitorOptions };
