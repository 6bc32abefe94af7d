'use strict';

/** Kinds that are there from the beginning, with 0: a rate needs a first value. */
const KINDS = ['minor', 'major', 'incremental', 'weakcb'];

/** Durations of collections in buckets, by kind. */
class GcDurations {
  #bounds;
  #byKind = new Map();

  /** @param {number[]} bounds upper bounds of the buckets in seconds, rising */
  constructor(bounds) {
    this.#bounds = [...bounds];
    this.reset();
  }

  reset() {
    this.#byKind.clear();
    for (const kind of KINDS) this.#of(kind);
  }

  observe(kind, seconds) {
    const durations = this.#of(kind);
    durations.sum += seconds;
    durations.count += 1;
    const at = this.#bounds.findIndex((bound) => seconds <= bound);
    if (at >= 0) durations.buckets[at] += 1;
  }

  /**
   * The series of a Prometheus histogram, each bucket with those below it.
   *
   * @param {string} name the metric's
   */
  values(name) {
    return [...this.#byKind].flatMap(([kind, { buckets, sum, count }]) => {
      let below = 0;
      const cumulative = buckets.map((inBucket, at) => {
        below += inBucket;
        return { metricName: `${name}_bucket`, labels: { le: this.#bounds[at], kind }, value: below };
      });
      return [
        ...cumulative,
        { metricName: `${name}_bucket`, labels: { le: '+Inf', kind }, value: count },
        { metricName: `${name}_sum`, labels: { kind }, value: sum },
        { metricName: `${name}_count`, labels: { kind }, value: count },
      ];
    });
  }

  #of(kind) {
    if (!this.#byKind.has(kind)) this.#byKind.set(kind, { buckets: this.#bounds.map(() => 0), sum: 0, count: 0 });
    return this.#byKind.get(kind);
  }
}

module.exports = { GcDurations };
