'use strict';

const { performance } = require('node:perf_hooks');

const { MB } = require('../figures.js');
const { limitsOf, readSettings } = require('../manager/settings.js');

/** After a time in which JavaScript stood still the engine knows a level whose event still waits: it is asked again. */
const FRESH_MS = 50;

/** How full memory is, for who asks at every request: what the engine last told. */
class Gauge {
  #watch;
  #level = 'healthy';
  #levelAt = -Infinity;
  /** The loop did not turn since the engine was asked. */
  #sameTurn = false;
  /** Where levels begin, in percent. */
  thresholds;
  /** Percent of the limit that is nearest, of the last sample that knew it; `null` when closed. */
  percent = null;
  /** The same as texts: MB in use of that limit, and percent. */
  texts = null;

  /** @param {object} parts those of parts.js; @param {object} options those of GAUGE_OPTIONS, complete */
  constructor(parts, { thresholds, limitMB, intervalMs }) {
    const engine = parts.engine();
    const settings = readSettings({ limitMB });
    const { warningPercent: warning, criticalPercent: critical, emergencyPercent: emergency } = settings;
    const limits = limitsOf(settings, engine.read().container);
    this.thresholds = thresholds ?? { warning, critical, emergency };
    this.#watch = engine.watch({ intervalMs, thresholds: this.thresholds, ...limits });
    this.#take(engine.read(limits));
    this.#watch.on('sample', (sample) => this.#take(sample));
    // Levels do not wait for the interval.
    this.#watch.on('level', ({ to, sample }) => {
      this.#level = to;
      this.#take(sample);
    });
  }

  #take({ percent, limitBytes }) {
    if (percent === null) return;
    this.percent = percent;
    this.texts = { usedMB: (((percent / 100) * limitBytes) / MB).toFixed(2), percent: percent.toFixed(1) };
  }

  /** Costs a tenth of a microsecond. */
  get level() {
    const now = performance.now();
    if (now - this.#levelAt >= FRESH_MS) {
      this.#levelAt = now;
      this.#level = this.#read();
    }
    return this.#level;
  }

  /** Requests must not fail because the engine did, which warns of that itself: then memory counts as healthy. */
  #read() {
    try {
      // Requests that piled up are handed over in one turn of the loop, in which nobody else can ask V8.
      if (this.#sameTurn) this.#watch.check();
      this.#sameTurn = true;
      setImmediate(() => { this.#sameTurn = false; }).unref();
      return this.#watch.level;
    } catch {
      return 'healthy';
    }
  }

  close() {
    this.#watch.stop();
    this.#watch.removeAllListeners();
    this.percent = null;
    this.texts = null;
  }
}

module.exports = { Gauge };
