'use strict';

/** Levenshtein's distance, case counting half. */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1].toLowerCase() === b[j - 1].toLowerCase() ? 0.5 : 1;
      const swap = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : same);
      next.push(Math.min(swap, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/** The one of `names` that is written most like `name`; the first of equals. */
function nearest(name, names) {
  // A name of any length comes from outside; none of ours is longer than this.
  const start = name.slice(0, 64);
  const scored = names.map((known) => ({ known, score: distance(start, known) }));
  return scored.reduce((best, each) => (each.score < best.score ? each : best)).known;
}

/** A name from outside as a message shows it: quoted, and cut. */
function quoted(name) {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 61)}...` : name);
}

module.exports = { nearest, quoted };
