'use strict';

const { Failure } = require('./failure.js');

/** The scanner, loaded when it is needed: --help works without it. */
function load() {
  try {
    return require('../index.js');
  } catch (error) {
    throw new Failure(`The scanner could not be loaded: ${error.message}\nDid npm install finish without errors?`, 1);
  }
}

module.exports = { load };
