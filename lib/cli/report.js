'use strict';

const { deliver, addReportOption, chosenReports } = require('./outputs.js');
const { readCoverage } = require('./saved-coverage.js');
const { interruptible } = require('./signals.js');

const HELP = `
Writes reports of a coverage that was measured before and saved as JSON.

Examples:
  $ pgtap-scanner coverage tests --catalog catalog.json --report json:coverage.json
  $ pgtap-scanner report coverage.json
  $ pgtap-scanner report coverage.json --report markdown
  $ pgtap-scanner report coverage.json --report html:coverage.html --tests tests
  $ pgtap-scanner report coverage.json --report badge:coverage.svg --report lcov:lcov.info

Exit codes:
  0    the reports were written
  2    wrong usage, a file that is missing or no coverage, or a failure
  130  interrupted with Ctrl-C
`;

async function report(file, options) {
  const reports = chosenReports(options);
  const coverage = await readCoverage(file);
  await interruptible((signal) => deliver(coverage, reports, options.tests, signal));
}

function addReport(program) {
  const command = program
    .command('report')
    .description('write reports of a coverage that was saved as JSON')
    .argument('<coverage>', 'a file that coverage --report json:FILE wrote');
  addReportOption(command)
    .option('--json', 'print the coverage as one JSON document')
    .option('--tests <dir>', 'the folder of the tests, whose source a page of html shows')
    .option('--quiet', 'print reports that were asked for only')
    .addHelpText('after', HELP)
    .action(report);
}

module.exports = { addReport };
