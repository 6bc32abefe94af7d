'use strict';

const { MB } = require('../figures.js');
const { report } = require('../listeners.js');
const { limitsOf, readSettings } = require('../manager/settings.js');

/** How full memory is, for who asks at every request: the engine's level, and figures of the last sample. */
class Gauge {
  #watch;
  /** Where levels begin, in percent. */
  thresholds;
  /** Percent of the limit that is nearest, of the last sample that knew it; `null` before there was one and when closed. */
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
    this.#watch.on('level', ({ sample }) => this.#take(sample));
  }

  #take({ percent, limitBytes }) {
    if (percent === null) return;
    this.percent = percent;
    this.texts = { usedMB: (((percent / 100) * limitBytes) / MB).toFixed(2), percent: percent.toFixed(1) };
  }

  /** Costs less than a microsecond. A request must not fail because the engine did: then memory counts as healthy. */
  get level() {
    try {
      return this.#watch.level;
    } catch (error) {
      report(this.#watch.stop, 'The level of memory', error);
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
