'use strict';

const path = require('node:path');

const { folderFailure } = require('./failure.js');
const { load } = require('./load.js');
const { IDLE, canDraw, drawApplying, drawProgress } = require('./progress.js');
const { sourceOf } = require('./project.js');
const { checkFolder } = require('./scan.js');
const { count, place } = require('./summary.js');

/** Runs `work` with the source of the schema that the settings name, as schemaSource() and analyzeGaps() take it. */
async function withSource(settings, signal, work) {
  const drawing = canDraw() && !settings.quiet ? drawApplying() : IDLE;
  try {
    return await work({ ...sourceOf(settings), signal, onProgress: drawing.draw });
  } finally {
    drawing.stop();
  }
}

function tellProblems({ problems }, { tests, quiet }) {
  if (quiet || problems.length === 0) return;
  const where = place(path.resolve(tests));
  process.stderr.write(`${count(problems.length, 'problem')} in the test files; 'pgtap-scanner scan ${where} --quiet' lists them.\n`);
}

async function scanned(scanner, settings, signal) {
  const drawing = canDraw() && !settings.quiet ? drawProgress(scanner) : IDLE;
  // Nobody listens to single problems; with an empty listener they are no warnings of the process.
  scanner.on('error', () => {});
  try {
    await scanner.scanDirectory(path.resolve(settings.tests), { signal });
  } catch (error) {
    throw folderFailure(error, settings.tests) ?? error;
  } finally {
    drawing.stop();
  }
}

/**
 * Compares the tests with the schema, and hands the coverage to `use`, with the scanner that still knows the tests.
 *
 * @param {object} settings
 * @param {AbortSignal} signal
 * @param {(coverage: object, scanner: object) => Promise<unknown>} use
 */
async function measure(settings, signal, use) {
  await checkFolder(settings.tests);
  const { PgTapScanner } = load();
  const scanner = new PgTapScanner(settings.scanner);
  try {
    await scanned(scanner, settings, signal);
    tellProblems(scanner, settings);
    const { coverage } = await withSource(settings, signal, (source) => scanner.analyzeGaps(source));
    await use(coverage, scanner);
  } finally {
    scanner.dispose();
  }
}

module.exports = { measure, withSource };
