'use strict';

const { BAD, Failure } = require('./failure.js');
const { measure } = require('./measure.js');
const { addReportOption, chosenReports, deliver } = require('./outputs.js');
const { addSchemaOptions, completeProject } = require('./project.js');
const { readCoverage } = require('./saved-coverage.js');
const { addConfigOptions, readSettings } = require('./settings.js');
const { interruptible } = require('./signals.js');
const { belowThresholds, parseThresholds, worseThanBaseline } = require('./thresholds.js');

/** Lines of a verdict; the reports have the rest. */
const MOST_LINES = 20;

const HELP = `
Compares the tests with a schema: which of its objects no assertion is about,
and which assertions are about objects that it does not have.

The schema comes from a database, from migrations or a dump that are applied to
a PostgreSQL inside this process, or from a saved catalog. In a project whose
layout is known (supabase/tests and supabase/migrations) tests and migrations
need not be named.

--fail-under takes the percentage of objects that are asserted, of all kinds
together or by kind, and may be repeated. --baseline takes a coverage that was
saved with --report json:FILE, and fails only when the percentage of a kind that
both have, or of the total, is lower, or when an object is no longer asserted.

Examples:
  $ pgtap-scanner coverage
  $ pgtap-scanner coverage tests --migrations migrations
  $ pgtap-scanner coverage tests --schema schema.sql --report html:coverage.html
  $ pgtap-scanner coverage tests --connection env:DATABASE_URL --fail-under 80
  $ pgtap-scanner coverage tests --catalog catalog.json --fail-under tables=95,policies=100
  $ pgtap-scanner coverage --quiet --report json:coverage.json --baseline main.json

Exit codes:
  0    the coverage was measured, and is what was wanted
  1    it is below --fail-under, or worse than --baseline
  2    wrong usage, a folder, file or database that cannot be read, or a failure
  130  interrupted with Ctrl-C
`;

function* verdict(coverage, { failUnder = {}, baseline }, before) {
  const below = belowThresholds(coverage, failUnder);
  if (below.length > 0) yield ['The coverage is below its threshold', below];
  const worse = before ? worseThanBaseline(coverage, before) : [];
  if (worse.length > 0) yield [`The coverage is worse than in ${baseline}`, worse];
}

function worded([heading, lines]) {
  const more = lines.length - MOST_LINES;
  const shown = [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`and ${more} more`] : [])];
  return [`${heading}:`, ...shown].join('\n  ');
}

/** Ends the program with 1 when the coverage is not what was wanted. */
function judge(coverage, settings, before) {
  const faults = [...verdict(coverage, settings, before)].map(worded);
  if (faults.length > 0) throw new Failure(faults.join('\n'), BAD);
}

async function compare(options, signal) {
  const settings = await completeProject(await readSettings(options), ['tests', 'schema']);
  const reports = chosenReports(settings);
  const before = settings.baseline && await readCoverage(settings.baseline);
  await measure(settings, signal, async (coverage) => {
    await deliver(coverage, reports, settings.tests, signal);
    judge(coverage, settings, before);
  });
}

function addCoverage(program) {
  const command = program
    .command('coverage')
    .description('say what of a schema the tests do not cover')
    .argument('[tests]', 'the folder of the tests');
  addSchemaOptions(command);
  addReportOption(command)
    .option('--json', 'print the coverage as one JSON document')
    .option('--fail-under <percent>', 'least percentage asserted: 80, or by kind: tables=95,policies=100', parseThresholds)
    .option('--baseline <file>', 'a saved coverage; fail only when it gets worse')
    .option('--quiet', 'print reports that were asked for and failures only, and draw no progress bar');
  addConfigOptions(command)
    .addHelpText('after', HELP)
    .action((tests, options) => interruptible((signal) => compare({ tests, ...options }, signal)));
}

module.exports = { addCoverage };
