'use strict';

/** Exclusive results whose bytes are remembered, for the median. */
const MOST_RECENT = 31;

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Sums of results of one confidence. */
class Part {
  count = 0;
  totalBytes = 0;
  largestBytes = -Infinity;
  gcCount = 0;

  add({ adjustedBytes, gcCount }) {
    this.count += 1;
    this.totalBytes += adjustedBytes;
    this.largestBytes = Math.max(this.largestBytes, adjustedBytes);
    this.gcCount += gcCount;
  }

  merge({ count, totalBytes, largestBytes, gcCount }) {
    this.count += count;
    this.totalBytes += totalBytes;
    this.largestBytes = Math.max(this.largestBytes, largestBytes);
    this.gcCount += gcCount;
  }

  toJSON() {
    const { count, totalBytes, largestBytes, gcCount } = this;
    return { count, totalBytes, largestBytes: count > 0 ? largestBytes : null, gcCount };
  }
}

/** What the operations of one name took; exclusive and shared results are never added up together. */
class OperationTotals {
  #exclusive = new Part();
  #shared = new Part();
  /** The last exclusive bytes, in a ring. */
  #recent = [];
  #durationMs = 0;
  #longestMs = 0;
  #externalBytes = 0;

  constructor(operation) {
    this.operation = operation;
  }

  add(result) {
    const alone = result.confidence === 'exclusive';
    if (alone) this.#recent[this.#exclusive.count % MOST_RECENT] = result.adjustedBytes;
    (alone ? this.#exclusive : this.#shared).add(result);
    if (alone) this.#externalBytes += result.externalDeltaBytes;
    this.#durationMs += result.durationMs;
    this.#longestMs = Math.max(this.#longestMs, result.durationMs);
  }

  merge(other) {
    this.#exclusive.merge(other.#exclusive);
    this.#shared.merge(other.#shared);
    this.#recent = [...this.#recent, ...other.#recent].slice(-MOST_RECENT);
    this.#externalBytes += other.#externalBytes;
    this.#durationMs += other.#durationMs;
    this.#longestMs = Math.max(this.#longestMs, other.#longestMs);
  }

  toJSON() {
    const { count, totalBytes } = this.#exclusive;
    const callCount = count + this.#shared.count;
    const averageBytes = count > 0 ? totalBytes / count : null;
    return {
      operation: this.operation,
      callCount,
      totalBytes: averageBytes === null ? null : averageBytes * callCount,
      averageBytes,
      medianBytes: count > 0 ? median(this.#recent) : null,
      averageExternalBytes: count > 0 ? this.#externalBytes / count : null,
      coverage: count / callCount,
      exclusive: this.#exclusive.toJSON(),
      shared: this.#shared.toJSON(),
      averageMs: this.#durationMs / callCount,
      longestMs: this.#longestMs,
    };
  }
}

module.exports = { OperationTotals };
