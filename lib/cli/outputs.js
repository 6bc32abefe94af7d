'use strict';

const { readFile } = require('node:fs/promises');
const path = require('node:path');

const { InvalidArgumentError } = require('commander');

const { nearest, quoted } = require('../nearest.js');
const { wantsColour } = require('./colour.js');
const { Failure, USAGE } = require('./failure.js');
const { load } = require('./load.js');
const { print, save } = require('./output.js');

/** What a coverage can be written as. */
const FORMATS = ['text', 'json', 'csv', 'markdown', 'html', 'junit', 'sarif', 'lcov', 'cobertura', 'badge'];

const parts = (text) => /^([^:]*)(?::(.*))?$/s.exec(text);

/** What is wrong with `FORMAT` or `FORMAT:FILE`, in words; undefined when nothing is. */
function reportFault(text) {
  const [, format, file] = parts(text);
  if (!FORMATS.includes(format)) return `There is no format ${quoted(format)}; the nearest one is "${nearest(format, FORMATS)}".`;
  return file === '' ? `The file behind "${format}:" is missing.` : undefined;
}

/** The report that `FORMAT[:FILE]` names; without a file it goes to stdout. */
function readReport(text) {
  const [, format, file = null] = parts(text);
  return { format, file };
}

/** The reports of an option that may be repeated. */
function parseReports(text, before = []) {
  const wrong = reportFault(text);
  if (wrong) throw new InvalidArgumentError(wrong);
  return [...before, readReport(text)];
}

function addReportOption(command) {
  return command.option('--report <format[:file]>', `write a report: ${FORMATS.join(', ')}; may be repeated`, parseReports);
}

function checkTargets(reports) {
  const targets = reports.map(({ file }) => (file === null ? 'stdout' : path.resolve(file)));
  const twice = targets.find((target, at) => targets.indexOf(target) !== at);
  if (twice) throw new Failure(`Two reports go to ${twice}; give each a file of its own, as html:coverage.html.`, USAGE);
}

/** The reports that are wanted. The text goes to stdout when nothing else does. */
function chosenReports({ report = [], json = false, quiet = false }) {
  const reports = json ? [...report, { format: 'json', file: null }] : report;
  checkTargets(reports);
  const silent = quiet || reports.some(({ file }) => file === null);
  return silent ? reports : [{ format: 'text', file: null }, ...reports];
}

/** The text of the test files that a coverage names. What lies outside `folder` stays out, whatever the coverage says. */
async function testSources({ files }, folder) {
  const root = path.resolve(folder);
  const inside = files.filter((file) => path.resolve(root, file.path).startsWith(root + path.sep));
  const read = async (file) => ({ path: file.path, text: await readFile(path.resolve(root, file.path), 'utf8') });
  return Promise.all(inside.map(read));
}

async function deliverOne({ file, text }, signal) {
  if (file !== null) return save(file, text, signal);
  return print([text.endsWith('\n') ? text : `${text}\n`], signal);
}

/**
 * Renders all reports, then writes them: when one of them fails, none is there.
 *
 * @param {object} coverage
 * @param {{ format: string, file: string | null }[]} reports
 * @param {string} [tests] folder of the tests, whose source a page of html shows
 * @param {AbortSignal} [signal]
 */
async function deliver(coverage, reports, tests, signal) {
  const { renderReport } = load('../reports.js');
  const showsSource = tests !== undefined && reports.some(({ format }) => format === 'html');
  const sources = showsSource ? await testSources(coverage, tests) : [];
  const texts = reports.map(({ format, file }) => {
    const colour = file === null && wantsColour(process.stdout);
    return { file, text: renderReport(coverage, { format, colour, sources }) };
  });
  for (const text of texts) await deliverOne(text, signal);
}

module.exports = { FORMATS, addReportOption, chosenReports, deliver, readReport, reportFault };
