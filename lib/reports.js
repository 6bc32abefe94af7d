'use strict';

const { coverageFormats, lintFormats, renderCoverage, renderLint: renderFindings } = require('./native.js');
const { invalid } = require('./errors.js');

/** The formats of a coverage of the schema; the first is the default. */
const REPORT_FORMATS = Object.freeze(coverageFormats());
/** The formats of findings; the first is the default. */
const LINT_FORMATS = Object.freeze(lintFormats());

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function checkKeys(options, known, from) {
  if (!isObject(options)) throw invalid('an object', 'the options of a report', options, { from });
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw invalid(`one of ${known.join(', ')}`, 'the name of an option of a report', key, { range: true, from });
  }
}

function checkFormat(format, known, from) {
  if (known.includes(format)) return format;
  throw invalid(`one of ${known.join(', ')}`, 'option "format"', format, { range: typeof format === 'string', from });
}

function checkColour(colour, from) {
  if (typeof colour !== 'boolean') throw invalid('true or false', 'option "colour"', colour, { from });
  return colour;
}

function checkLabel(label, from) {
  if (label === undefined || typeof label === 'string') return label;
  throw invalid('a string', 'option "label"', label, { from });
}

function checkSources(sources, from) {
  if (!Array.isArray(sources)) throw invalid('an array of { path, text }', 'option "sources"', sources, { from });
  return sources.map((source, at) => {
    const fits = isObject(source) && typeof source.path === 'string' && typeof source.text === 'string';
    if (!fits) throw invalid('an object with the strings path and text', `option "sources[${at}]"`, source, { from });
    return { path: source.path, text: source.text };
  });
}

function checkTime(generatedAt, from) {
  const time = generatedAt instanceof Date ? generatedAt.getTime() : Number.NaN;
  if (time >= 0) return generatedAt;
  throw invalid('a Date from 1970 on', 'option "generatedAt"', generatedAt, { range: generatedAt instanceof Date, from });
}

/** The value as JSON that the native side can read: halves of surrogate pairs, which UTF-8 has not, become U+FFFD. */
function wellFormed(value, expected, name, from) {
  let text;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw Object.assign(invalid(expected, name, value, { from }), { cause });
  }
  // JSON.stringify() writes a lone half as an escape; a backslash of the text itself stands before another.
  return text.replace(/\\(?:[^u]|u(?:d[89a-f][0-9a-f]{2})?)/g, (found) => (found.startsWith('\\ud') ? '\\ufffd' : found));
}

/** What the native side says of a shape that is not as documented, as an error about the argument. */
function rendered(render, expected, name, value, from) {
  try {
    return render();
  } catch (cause) {
    if (cause.code !== 'ERR_PGTAP_INVALID_ARGUMENT') throw cause;
    const error = invalid(expected, name, value, { from });
    error.message += ` (${cause.message})`;
    throw Object.assign(error, { cause });
  }
}

const COVERAGE = 'a coverage of format "pgtap-scanner-coverage" and version 1, as analyzeGaps() answers it';

/**
 * The coverage of a schema as text in one of `REPORT_FORMATS`.
 *
 * @param {object} coverage as docs/coverage.schema.json describes it
 * @param {object} [options] lib/reports.d.ts has them
 */
function renderReport(coverage, options = {}) {
  const from = renderReport;
  const name = 'the coverage of a report';
  if (!isObject(coverage)) throw invalid(COVERAGE, name, coverage, { from });
  const { format: shape, version } = coverage;
  if (shape !== 'pgtap-scanner-coverage' || version !== 1) throw invalid(COVERAGE, name, { format: shape, version }, { range: true, from });
  checkKeys(options, ['format', 'colour', 'label', 'sources', 'generatedAt'], from);
  const format = checkFormat(options.format ?? REPORT_FORMATS[0], REPORT_FORMATS, from);
  const generatedAt = checkTime(options.generatedAt ?? new Date(), from);
  const sources = checkSources(options.sources ?? [], from);
  const chosen = {
    colour: checkColour(options.colour ?? false, from),
    label: checkLabel(options.label ?? undefined, from),
    // They are large, and no other format looks at them.
    sources: format === 'html' ? sources : [],
    generated: generatedAt.toISOString(),
    generatedMs: generatedAt.getTime(),
  };
  const json = wellFormed(coverage, COVERAGE, name, from);
  return rendered(() => renderCoverage(format, json, wellFormed(chosen)), COVERAGE, name, coverage, from);
}

const FINDINGS = 'an array of findings, as lint() answers it';

/**
 * Findings as text in one of `LINT_FORMATS`.
 *
 * @param {object[]} findings as docs/lint.schema.json describes them
 * @param {object} [options] lib/reports.d.ts has them
 */
function renderLint(findings, options = {}) {
  const from = renderLint;
  const name = 'the findings of a report';
  if (!Array.isArray(findings)) throw invalid(FINDINGS, name, findings, { from });
  checkKeys(options, ['format', 'colour'], from);
  const format = checkFormat(options.format ?? LINT_FORMATS[0], LINT_FORMATS, from);
  const colour = checkColour(options.colour ?? false, from);
  const json = wellFormed(findings, FINDINGS, name, from);
  return rendered(() => renderFindings(format, json, colour), FINDINGS, name, findings, from);
}

module.exports = { LINT_FORMATS, REPORT_FORMATS, renderLint, renderReport };
