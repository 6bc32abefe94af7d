'use strict';

const { SERIES } = require('./series.js');

/** Samples that are kept: as many as the widest terminal has columns. */
const MOST_SAMPLES = 1000;
const MOST_EVENTS = 50;

/** What a monitor knows: the last samples and events, and the highest figures. */
class MonitorState {
  samples = [];
  events = [];
  totals = null;
  peaks = new Map();
  count = 0;

  get last() {
    return this.samples.at(-1) ?? null;
  }

  /** The series that some sample had. */
  get series() {
    return SERIES.filter(({ name }) => this.peaks.has(name));
  }

  /**
   * Takes an event of a source.
   *
   * @returns {object[]} what happened: the event, and the change of the level that it is, if it is one
   */
  take(event) {
    if (event.type === 'sample') return this.#sample(event);
    if (event.type === 'history') this.#history(event.samples);
    if (event.type === 'totals') this.totals = event.totals;
    if (event.type === 'spike' || event.type === 'note') this.#note(event);
    return [event];
  }

  #history(samples) {
    // After a connection was lost it begins anew.
    const before = samples[0]?.at ?? Infinity;
    this.samples = [...this.samples.filter(({ at }) => at < before), ...samples].slice(-MOST_SAMPLES);
    for (const sample of samples) this.#peaks(sample);
  }

  #sample(sample) {
    const from = this.last?.level ?? null;
    this.count += 1;
    this.samples.push(sample);
    if (this.samples.length > MOST_SAMPLES) this.samples.shift();
    this.#peaks(sample);
    if (from === null || sample.level === null || from === sample.level) return [sample];
    const change = { type: 'level', at: sample.at, from, to: sample.level, percent: sample.percent };
    this.#note(change);
    return [sample, change];
  }

  #peaks(sample) {
    for (const { name, value } of SERIES) {
      const now = name === 'Resident' ? sample.peakRssBytes ?? value(sample) : value(sample);
      if (now !== null) this.peaks.set(name, Math.max(this.peaks.get(name) ?? 0, now));
    }
  }

  #note(event) {
    this.events.push(event);
    if (this.events.length > MOST_EVENTS) this.events.shift();
  }
}

module.exports = { MonitorState };
