'use strict';

const { report } = require('./listeners.js');

/**
 * What a program's own function says of a request: only `true` is a yes. One that throws or rejects is reported once, and is
 * a no; so is none.
 *
 * @param {Function | null} authorize
 * @param {object} request
 * @param {string} of what it belongs to
 */
async function isAuthorized(authorize, request, of) {
  if (authorize === null) return false;
  try {
    return (await authorize(request)) === true;
  } catch (error) {
    report(authorize, `authorize() of ${of}`, error);
    return false;
  }
}

module.exports = { isAuthorized };
