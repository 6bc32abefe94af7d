'use strict';

const { paint } = require('./colour.js');
const { plain } = require('./plain.js');
const { size } = require('./size.js');

const COLOURS = { healthy: 'green', warning: 'yellow', critical: 'red', emergency: ['bold', 'red'] };
/** What the limits are called that percentages are of. */
const LIMITS = {
  heap: "V8's heap",
  oldGeneration: "the heap's old generation",
  container: 'the container',
  configured: 'the configured limit',
  heapTotal: 'the committed heap',
};

const levelColour = (level) => (Object.hasOwn(COLOURS, level ?? '') ? COLOURS[level] : undefined);

/** The parts of the health that its text is made of. */
const HEALTH_FIELDS = ['currentUsage', 'trend', 'gcStats', 'recommendations', 'alerts'];

/** A level as it is shown; a server may have others. */
const levelText = (level, coloured) => (coloured && levelColour(level) ? paint(levelColour(level), level) : plain(level));

const limitName = (of) => (Object.hasOwn(LIMITS, of) ? LIMITS[of] : plain(of));
const percent = (value) => (value === null ? 'an unknown part' : `${value.toFixed(1)} %`);
const number = (value, unit) => (value === null ? '-' : `${value}${unit}`);

/** The health of memory, as getHealthMetrics() and GET health give it, as text. */
function* healthText({ status, currentUsage: now, trend, gcStats: gc, recommendations, alerts }, coloured) {
  yield `Level        ${levelText(status, coloured)}: ${percent(now.usagePercentage)} of ${size(now.limitBytes)} (${limitName(now.usageOf)})\n`;
  yield `Heap         ${size(now.heapUsed)} in use, ${size(now.heapTotal)} committed, up to ${size(now.heapLimitBytes)}\n`;
  yield `Resident     ${size(now.rssBytes)}, external ${size(now.externalBytes)}\n`;
  const rise = trend.growthRateMBPerHour;
  yield `Trend        ${trend.samples} samples in ${trend.timeWindow} minutes, ${rise > 0 ? '+' : ''}${rise} MB per hour, `
    + `peak ${number(trend.peakUsage, ' %')}\n`;
  yield `Collections  ${gc.totalCollections} (${gc.minorCollections} minor, ${gc.majorCollections} major), `
    + `average ${number(gc.averageDuration, ' ms')}, longest ${number(gc.longestDuration, ' ms')}, efficiency ${number(gc.efficiency, ' %')}\n`;
  for (const { severity, message } of alerts) yield `Alert        ${plain(severity)}: ${plain(message)}\n`;
  for (const text of recommendations) yield `Advice       ${plain(text)}\n`;
}

module.exports = { HEALTH_FIELDS, healthText, levelColour, levelText, limitName };
