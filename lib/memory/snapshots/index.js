'use strict';

const { analyzeSnapshot } = require('./analyze.js');
const { diffSnapshots } = require('./diff.js');

module.exports = { analyzeSnapshot, diffSnapshots };
