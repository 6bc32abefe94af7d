// Text, CSV and LCOV: read back with names that try to break out.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parse } from 'csv-parse/sync';

import { renderLint, renderReport } from '../../lib/index.js';
import { bookshop } from './bookshop-data.mjs';
import { HOSTILE, generated, hostile, hostileFindings, wellFormedDocument } from './coverage-data.mjs';

/** Control characters but the line end, and marks that turn text. */
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

test('text shows every name on its line', () => {
  const text = renderReport(hostile());
  assert.doesNotMatch(text, HIDDEN);
  for (const line of text.split('\n')) assert.ok(line.length < 400, line);
  assert.ok(text.includes('\\u{202e}elbat\\u{202c}') && text.includes('<script>'));
  assert.match(renderReport(hostile(), { colour: true }), /\u001b\[1m/);
});

test('text of findings, too', () => {
  const text = renderLint(hostileFindings());
  assert.doesNotMatch(text, HIDDEN);
  // A line for the place, one for the message, one for the help if there is one, one between; and the sum.
  assert.equal(text.split('\n').length, HOSTILE.length * 4 - 1 + 2);
});

test('the columns of a text begin at the same cell', () => {
  const lines = renderReport(bookshop()).split('\n');
  const from = lines.findIndex((line) => line.startsWith('Kind '));
  const rows = lines.slice(from, lines.indexOf('', from));
  assert.equal(rows.length, 21);
  const end = rows[0].indexOf('Percent') + 'Percent'.length;
  for (const row of rows.slice(1)) assert.match(row.slice(0, end), / \d+\.\d$/, row);
});

const FORMULA = /^[=+\-@\t\r]/;
const guarded = (text) => (FORMULA.test(text) ? `'${text}` : text);

test('csv has a row for each object, and no formula', () => {
  const coverage = wellFormedDocument(hostile());
  const rows = parse(renderReport(hostile(), { format: 'csv' }), { columns: true, record_delimiter: '\r\n' });
  assert.equal(rows.length, coverage.objects.length);
  rows.forEach((row, at) => {
    const object = coverage.objects[at];
    for (const key of ['kind', 'schema', 'name', 'display', 'state']) assert.equal(row[key], guarded(object[key]), key);
    for (const key of ['relation', 'signature', 'role', 'suggestion']) assert.equal(row[key], guarded(object[key] ?? ''), key);
    assert.equal(row.assertion_count, String(object.assertionCount));
    assert.equal(row.origin_file, guarded(object.origin.file));
    for (const value of Object.values(row)) assert.doesNotMatch(value, FORMULA);
  });
  assert.ok(rows.filter(({ name }) => name.startsWith("'")).length >= 20, 'some names were guarded');
});

/** An LCOV tracefile, read strictly: any other line throws. */
function parseLcov(text) {
  const files = [];
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === 'TN:') files.push({ lines: [], branches: [] });
    else if (line.startsWith('SF:')) files.at(-1).path = line.slice(3);
    else if (/^DA:\d+,\d+$/.test(line)) files.at(-1).lines.push(line.slice(3).split(',').map(Number));
    else if (/^BRDA:\d+,0,\d+,\d+$/.test(line)) files.at(-1).branches.push(line.slice(5).split(',').map(Number));
    else if (/^(LF|LH|BRF|BRH):\d+$/.test(line)) files.at(-1)[line.split(':')[0]] = Number(line.split(':')[1]);
    else if (line === 'end_of_record') files.at(-1).ended = true;
    else assert.fail(`not a line of a tracefile: ${line}`);
  }
  return files;
}

test('the strict reader is strict', () => {
  assert.throws(() => parseLcov('TN:\nDA:x,1\n'));
});

function checkLcov(coverage) {
  const files = parseLcov(renderReport(coverage, { format: 'lcov' }));
  for (const { path, lines, branches, LF, LH, BRF, BRH, ended } of files) {
    assert.ok(ended, path);
    assert.deepEqual([LF, LH], [lines.length, lines.filter(([, hits]) => hits > 0).length], path);
    assert.deepEqual([BRF, BRH], [branches.length, branches.filter(([, , , hits]) => hits > 0).length], path);
    assert.deepEqual(lines.map(([line]) => line), [...new Set(lines.map(([line]) => line))].sort((a, b) => a - b), path);
  }
  return files;
}

test('lcov of hostile paths', () => {
  const paths = new Set(wellFormedDocument(hostile()).objects.map(({ origin }) => origin.file.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')));
  assert.deepEqual(new Set(checkLcov(hostile()).map(({ path }) => path)), paths);
});

test('lcov counts as the objects say', () => {
  const coverage = bookshop();
  const files = checkLcov(coverage);
  const covered = new Set(coverage.objects.filter(({ state }) => state !== 'untested').map(({ origin }) => `${origin.file}:${origin.line}`));
  const found = files.flatMap(({ path, lines }) => lines.filter(([, hits]) => hits > 0).map(([line]) => `${path}:${line}`));
  assert.deepEqual(new Set(found), covered);
  assert.ok(found.length >= 20, `${found.length}`);
  assert.equal(renderReport({ ...coverage, objects: coverage.objects.map((object) => ({ ...object, origin: null })) }, { format: 'lcov' }), '');
});

test('5,000 objects have 5,000 rows', () => {
  assert.equal(parse(renderReport(generated(), { format: 'csv' })).length, 5001);
});
