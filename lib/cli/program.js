'use strict';

const { Command } = require('commander');

const { version } = require('../../package.json');
const { addCatalog } = require('./catalog.js');
const { addCompletion } = require('./completion.js');
const { addCoverage } = require('./coverage.js');
const { addLint } = require('./lint.js');
const { addMemory } = require('./memory.js');
const { addMerge } = require('./merge.js');
const { addReport } = require('./report.js');
const { addScan } = require('./scan.js');
const { addSuggest } = require('./suggest.js');

const HELP = `
Try it on the example database:
  $ pgtap-scanner scan examples/bookshop/tests
  $ pgtap-scanner coverage examples/bookshop/tests --migrations examples/bookshop/migrations

Every command explains itself:
  $ pgtap-scanner coverage --help

Exit codes of every command:
  0    well
  1    coverage is below a threshold or worse than the baseline, the lint found errors, or memory is critical
  2    no answer: wrong usage, an input that is missing or wrong, or a failure of the program
  130  interrupted with Ctrl-C
`;

/** The program with all its commands. */
function program() {
  const main = new Command('pgtap-scanner')
    .description('Finds every assertion in pgTAP test files, says what PostgreSQL will really test, and what of a schema no test covers.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('See pgtap-scanner --help.')
    .addHelpText('after', HELP);
  addScan(main);
  addCoverage(main);
  addSuggest(main);
  addLint(main);
  addCatalog(main);
  addReport(main);
  addMerge(main);
  addMemory(main);
  addCompletion(main);
  return main;
}

module.exports = { program };
