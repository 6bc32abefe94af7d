'use strict';

const { scheduleWith } = require('./snapshot-schedule.js');
const { takeSnapshot } = require('./take.js');

/** Documented in schedule.d.ts. */
function scheduleSnapshots(options = {}) {
  return scheduleWith(options, takeSnapshot, scheduleSnapshots);
}

module.exports = { scheduleSnapshots };
