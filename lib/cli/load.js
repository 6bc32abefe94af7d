'use strict';

const { Failure, USAGE } = require('./failure.js');

/** A module with a native part, the scanner's by default, loaded when it is needed: --help works without it. */
function load(module = '../index.js') {
  try {
    return require(module);
  } catch (error) {
    throw new Failure(`The scanner could not be loaded: ${error.message}\nDid npm install finish without errors?`, USAGE);
  }
}

module.exports = { load };
