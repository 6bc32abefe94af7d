'use strict';

const { MB, levelText } = require('../figures.js');

const LEVELS = ['healthy', 'warning', 'critical', 'emergency'];
const isRise = ({ from, to }) => LEVELS.indexOf(to) > LEVELS.indexOf(from);

/** What a leak report is in a line of a log. */
function leakText({ score, pattern, series, growthMBPerHour, recommendations }) {
  const what = `Memory leak suspected: score ${Math.round(score)} of 100, ${pattern ?? 'no known pattern'} in ${series} memory, ${growthMBPerHour.toFixed(1)} MB per hour`;
  return [what, ...recommendations].join('\n  ');
}

/**
 * What a manager does about each event of its watch. `manager` has `emit`, `log`, `alerts`, `collect(reason)`,
 * `respond(sample)`, `recommendations()` and `settings`.
 */
const RESPONSES = {
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
      manager.emit(to, change);
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

  spike(manager, spike) {
    manager.emit('spike', spike);
    if (spike.severity !== 'critical') return;
    const message = `Memory grew by ${(spike.memoryIncrease / MB).toFixed(1)} MB at once`;
    manager.alerts.raise('rapid_growth', { type: 'rapid_growth', severity: 'critical', message, at: spike.timestamp.getTime(), spike });
  },

  blocked: (manager, event) => manager.emit('blocked', event),
  'oom-imminent': (manager, sample) => manager.emit('oom-imminent', sample),
};

module.exports = { RESPONSES };
