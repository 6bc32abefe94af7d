'use strict';

const { opendir } = require('node:fs/promises');
const path = require('node:path');

const { InvalidArgumentError } = require('commander');

const { version } = require('../../package.json');
const { Failure, USAGE, folderFailure } = require('./failure.js');
const { document } = require('./json.js');
const { load } = require('./load.js');
const { print } = require('./output.js');
const { IDLE, canDraw, drawProgress } = require('./progress.js');
const { completeProject } = require('./project.js');
const { addConfigOptions, readSettings } = require('./settings.js');
const { interruptible } = require('./signals.js');
const { complaints, summary } = require('./summary.js');

const HELP = `
Without options: a summary. It counts the objects of each kind that assertions
are about, and lists helper functions, problems and warnings.

Problems are about one file each: it could not be read, something in it never
ends, or its plan does not match. Warnings are about the scan as a whole.
Neither changes the exit code.

Examples:
  $ pgtap-scanner scan tests
  $ pgtap-scanner scan tests --quiet
  $ pgtap-scanner scan tests --json > coverage.json
  $ pgtap-scanner scan tests --json | jq '.coverage.tables | keys'
  $ pgtap-scanner scan tests --quiet --save coverage.sqlite
  $ pgtap-scanner scan tests --shard 2/4 --save shard-2.sqlite

Exit codes:
  0    the folder was scanned
  2    wrong usage, a folder that is missing or cannot be read, or a failure
  130  interrupted with Ctrl-C
`;

/** Fails in words when the folder cannot be opened, before anything else is loaded. */
async function checkFolder(dir) {
  if (dir === '') throw new Failure('The name of the folder is empty. Is a variable not set?', USAGE);
  try {
    await (await opendir(dir)).close();
  } catch (error) {
    throw folderFailure(error, dir) ?? new Failure(`Cannot read the folder ${dir}: ${error.message}`, USAGE);
  }
}

/** The option as the scanner takes it, or a failure in words. */
function checkShard(text) {
  const [, number, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (Number(number) >= 1 && Number(number) <= Number(of)) return text;
  throw new InvalidArgumentError('It is K/N with K from 1 to N, as 2/4.');
}

/** Scans and builds the database; everything the output is made from. */
async function collect(scanner, root, signal) {
  const warnings = [];
  // An event with a code is about a file, and among the problems.
  scanner.on('warning', (warning) => warning.data?.code || warnings.push(warning));
  scanner.on('error', () => {});
  const files = await scanner.scanDirectory(root, { signal });
  const database = await scanner.buildCoverageDatabase();
  signal.throwIfAborted();
  const statistics = scanner.getStatistics();
  return { version, root, files, statistics, database, helpers: scanner.helpers, problems: scanner.problems, warnings };
}

function output(result, { json, quiet }) {
  if (json) return document(result);
  return quiet ? complaints(result) : summary(result);
}

/** The options of the configuration, and those that the command line overrides. */
function scannerOptions({ scanner, shard = scanner.shard, cache = scanner.cache }) {
  return { ...scanner, shard, cache };
}

/** Scans, saves and prints. */
async function answer(scanner, settings, drawing, signal) {
  const result = await collect(scanner, path.resolve(settings.tests), signal);
  if (settings.save) await result.database.save(settings.save, { signal });
  drawing.stop();
  await print(output(result, settings), signal);
}

async function scan(tests, options) {
  const settings = await completeProject(await readSettings({ tests, ...options }), ['tests']);
  await checkFolder(settings.tests);
  const { PgTapScanner } = load();
  const scanner = new PgTapScanner(scannerOptions(settings));
  const drawing = canDraw() && !settings.quiet ? drawProgress(scanner) : IDLE;
  try {
    await interruptible((signal) => answer(scanner, settings, drawing, signal), drawing);
  } catch (error) {
    throw folderFailure(error, settings.tests) ?? error;
  } finally {
    scanner.dispose();
  }
}

function addScan(program) {
  const command = program
    .command('scan')
    .description('scan a folder of pgTAP tests and say what they assert')
    .argument('[tests]', 'the folder; folders inside it are scanned, too');
  addConfigOptions(command)
    .option('--json', 'print one JSON document with every file and assertion instead of the summary')
    .option('--save <file>', 'save the coverage as an SQLite file, too; docs/data-format.md describes it')
    .option('--cache <file>', 'keep what was read in a file, so that the next scan reads only what changed')
    .option('--shard <k/n>', 'list only part K of N parts of the suite, for machines that share the work', checkShard)
    .option('--quiet', 'print problems and warnings only, and draw no progress bar')
    .addHelpText('after', HELP)
    .action(scan);
}

module.exports = { addScan, checkFolder };
