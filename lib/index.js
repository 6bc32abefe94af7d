'use strict';

const PgTapScanner = require('./scanner.js');

// One class under two names: the second is the replaced class's own.
module.exports = { PgTapScanner, pgTAPTestScanner: PgTapScanner };
