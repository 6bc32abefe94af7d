'use strict';

const MB = 1024 * 1024;

/** Where each level begins, in percent of the heap limit, unless a monitor was started with others. */
const LEVELS = { warningPercent: 75, criticalPercent: 90 };

/** MB with two decimals. */
const toMB = (bytes) => (bytes === null ? null : Math.round((bytes / MB) * 100) / 100);

/** `12.34MB`. */
const inMB = (bytes) => `${(bytes / MB).toFixed(2)}MB`;

/** The level that a single percentage stands for; without hysteresis. */
function levelAt(percent, { warningPercent, criticalPercent, emergencyPercent = Infinity }) {
  if (percent >= emergencyPercent) return 'emergency';
  if (percent >= criticalPercent) return 'critical';
  return percent >= warningPercent ? 'warning' : 'healthy';
}

/** `1024.50MB / 8192.00MB`. */
const ofMB = (usedMB, limitMB) => `${usedMB.toFixed(2)}MB / ${limitMB.toFixed(2)}MB`;

/** `High memory usage: 78% (6400.00MB / 8192.00MB)`: what is said of a level above healthy. */
function levelText(level, percent, limitBytes) {
  const how = level === 'warning' ? 'High' : 'Critical';
  return `${how} memory usage: ${Math.round(percent)}% (${ofMB(((percent / 100) * limitBytes) / MB, limitBytes / MB)})`;
}

/** A sample in a line of a log. */
function sampleText({ blocked, percent, limitBytes, rssBytes }) {
  if (blocked || percent === null) return `Memory: ${(rssBytes / MB).toFixed(2)}MB resident; the program was busy`;
  return `Memory: ${ofMB(((percent / 100) * limitBytes) / MB, limitBytes / MB)} (${Math.round(percent)}%)`;
}

module.exports = { LEVELS, MB, inMB, levelAt, levelText, ofMB, sampleText, toMB };
