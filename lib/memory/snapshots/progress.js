'use strict';

const { callSafely } = require('../listeners.js');

/** What `operate` needs to tell of progress. */
function progressListener(onProgress) {
  return onProgress && ((events) => events.forEach((event) => callSafely(onProgress, 'onProgress', event)));
}

module.exports = { progressListener };
