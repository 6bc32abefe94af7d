'use strict';

const { MB, levelText } = require('../figures.js');

const LEVELS = ['healthy', 'warning', 'critical', 'emergency'];
const risen = ({ from, to }) => LEVELS.slice(LEVELS.indexOf(from) + 1, LEVELS.indexOf(to) + 1);
const isRise = (change) => risen(change).length > 0;

/** What a leak report is in a line of a log. */
function leakText({ score, pattern, series, growthMBPerHour, recommendations }) {
  const what = `Memory leak suspected: score ${Math.round(score)} of 100, ${pattern ?? 'no known pattern'} in ${series} memory, ${growthMBPerHour.toFixed(1)} MB per hour`;
  return [what, ...recommendations].join('\n  ');
}

/**
 * What a manager does about each event of its watch. `manager` has `emit`, `log`, `alerts`, `collect(reason)`,
 * `respond(sample)`, `recommendations()` and `settings`.
 */
const WATCH_RESPONSES = {
  sample(manager, sample) {
    manager.alerts.settle(sample.at);
    manager.emit('sample', sample);
    manager.respond(sample);
  },

  level(manager, { from, to, sample }) {
    const { percent } = sample;
    const change = { from, to, percent, sample };
    manager.emit('level', change);
    if (isRise(change)) {
      // A jump is told level by level, for whoever listens to one of them alone.
      for (const level of risen(change)) manager.emit(level, change);
      const message = levelText(to, percent, sample.limitBytes);
      manager.alerts.raise(`high_usage ${to}`, { type: 'high_usage', severity: to, message, at: sample.at, percent });
      manager.respond(sample);
    }
    if (to !== 'healthy') return;
    manager.alerts.resolve(...LEVELS.map((level) => `high_usage ${level}`));
    manager.emit('recovered', change);
  },

  leak(manager, report) {
    if (!manager.settings.leakDetection) return;
    manager.emit('leak', report);
    manager.log(leakText(report));
    const message = `Memory leak suspected: ${report.growthMBPerHour.toFixed(1)} MB per hour`;
    const recommendations = manager.recommendations();
    manager.alerts.raise('memory_leak', { type: 'memory_leak', severity: 'critical', message, at: report.atMs, report, recommendations });
    manager.collect('a leak is suspected');
  },

  'leak-resolved'(manager, report) {
    if (!manager.settings.leakDetection) return;
    manager.alerts.resolve('memory_leak');
    manager.emit('leak-resolved', report);
  },

  blocked: (manager, event) => manager.emit('blocked', event),
  'oom-imminent': (manager, sample) => manager.emit('oom-imminent', sample),
};

/** What it does about a spike. */
function respondToSpike(manager, spike) {
  manager.emit('spike', spike);
  if (spike.severity !== 'critical') return;
  const message = `Memory grew by ${(spike.memoryIncrease / MB).toFixed(1)} MB at once`;
  manager.alerts.raise('rapid_growth', { type: 'rapid_growth', severity: 'critical', message, at: spike.timestamp.getTime(), spike });
}

/** What it does about forced collections, by the events of ForcedCollections. */
const COLLECTION_RESPONSES = {
  gc(manager, action) {
    manager.emit('gc', action);
    if (action.success) {
      manager.alerts.resolve('gc_failure');
      return;
    }
    const message = `No collection could be forced: ${action.error}`;
    manager.alerts.raise('gc_failure', { type: 'gc_failure', severity: 'warning', message, at: Date.now(), action });
  },

  'gc-skipped': (manager, action) => manager.emit('gc-skipped', action),
};

/** What it does about heap snapshots, by the events of snapshot-events.js. */
const SNAPSHOT_RESPONSES = {
  taken(manager, snapshot) {
    manager.alerts.resolve('snapshot_failure');
    manager.emit('snapshot', snapshot);
  },

  failed(manager, error) {
    const message = `A heap snapshot failed: ${error.message}`;
    manager.alerts.raise('snapshot_failure', { type: 'snapshot_failure', severity: 'warning', message, at: Date.now(), code: error.code ?? null });
  },
};

module.exports = { COLLECTION_RESPONSES, SNAPSHOT_RESPONSES, WATCH_RESPONSES, respondToSpike };
