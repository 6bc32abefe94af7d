'use strict';

/**
 * What to do, by what is known: `level`, whose limit is the nearest (`of`), `trend`, `leak` (a report), the types of the
 * active `alerts`, and the names of the operations that took most memory (`consumers`).
 */
const ADVICE = [
  {
    when: ({ level }) => level === 'emergency',
    text: () => 'Memory is nearly exhausted: take no new work, and restart this process if usage does not fall',
  },
  {
    when: ({ level }) => level === 'critical',
    text: () => 'Memory is critical: lower concurrency and the sizes of batches and caches',
  },
  {
    when: ({ level }) => level === 'warning',
    text: () => 'Memory use is high: look at the trend before it becomes critical',
  },
  {
    when: ({ leak }) => leak.suspected,
    text: ({ leak }) => [`A leak is suspected (${leak.pattern ?? 'of no known pattern'}, score ${Math.round(leak.score)} of 100)`, ...leak.recommendations],
  },
  {
    when: ({ leak, consumers }) => leak.suspected && consumers.length > 0,
    text: ({ consumers }) => `Look first at the operations that took most: ${consumers.join(', ')}`,
  },
  {
    when: ({ trend, leak }) => trend.isIncreasing && !leak.suspected,
    text: ({ trend }) => `Memory use is rising (${trend.growthRateMBPerHour.toFixed(1)} MB per hour), without the signs of a leak`,
  },
  {
    when: ({ alerts }) => alerts.includes('rapid_growth'),
    text: () => 'Memory grew by a critical amount at once: process large data in chunks',
  },
  {
    when: ({ alerts }) => alerts.includes('gc_failure'),
    text: () => 'A collection could not be forced: see the alert gc_failure for the reason',
  },
  {
    when: ({ level, of }) => level !== 'healthy' && of === 'heap',
    text: () => 'The limit of V8\'s heap is the nearest one: raise it with --max-old-space-size if the machine has more memory',
  },
  {
    when: ({ level, of }) => level !== 'healthy' && (of === 'container' || of === 'configured'),
    text: () => 'The limit of the container or the configured one is the nearest: native memory and Buffers count, too',
  },
];

const NOTHING = ['Memory usage is stable', 'No immediate action required'];

/** What to do, most urgent first. */
function advice(facts) {
  const found = ADVICE.filter(({ when }) => when(facts)).flatMap(({ text }) => text(facts));
  return found.length > 0 ? found : NOTHING;
}

module.exports = { advice };
