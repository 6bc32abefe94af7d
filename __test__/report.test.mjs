// Coverage reports: every format is read back with names that try to break out of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PgTapScanner, scannedSuite } from './suite-folder.mjs';

const HOSTILE = [
  'a"b,c|d<e>&f\'', 'line\nbreak', 'carriage\r\nreturn', '</table><script>alert(1)</script>', '`code` *bold* _it_ [x](y)',
  '=1+1', '__proto__', '\u{1F600} \u00e4', '\\', ',', '"', ' space ', 'app.user_accounts',
];
const HEADER = 'Object Type,Object Name,Assertion Count,Assertion Types,Test Files,Coverage %';
const FORMATS = ['json', 'csv', 'html', 'markdown'];

/** A scanner with one schema for each name, in a file with a hostile name. */
function hostile() {
  const scanner = new PgTapScanner();
  const assertions = HOSTILE.map((target, at) => ({ type: 'has_schema', target, lineNumber: at + 1, parameters: [] }));
  scanner.testFiles = [{ filePath: '/x/f', fileName: 'f",\n<b>|.sql', assertions }];
  return scanner;
}

/** RFC 4180, and nothing but: a quote inside an unquoted field, or text behind a closing quote, throws. */
function parseCsv(text) {
  const rows = [[]];
  let at = 0;
  for (;;) {
    const match = /"((?:[^"]|"")*)"|([^",\n\r]*)/y;
    match.lastIndex = at;
    const [whole, quoted, bare] = match.exec(text);
    rows.at(-1).push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (at === text.length) return rows;
    if (text[at] === '\n') rows.push([]);
    else assert.equal(text[at], ',', `offset ${at}`);
    at += 1;
  }
}

test('the strict parser is strict', () => {
  assert.deepEqual(parseCsv('a,"b""\n",c\nd,,'), [['a', 'b"\n', 'c'], ['d', '', '']]);
  assert.throws(() => parseCsv('a"b'));
  assert.throws(() => parseCsv('"a"b'));
  assert.throws(() => parseCsv('a\rb'));
});

test('csv reads back', () => {
  const text = hostile().exportCoverageReport({ format: 'csv' });
  assert.equal(text.split('\n')[0], HEADER);
  const [header, ...rows] = parseCsv(text);
  assert.equal(header.join(','), HEADER);
  assert.deepEqual(rows.map((row) => row[1]), HOSTILE);
  for (const row of rows) {
    assert.deepEqual([row.length, row[0], row[2], row[3], row[4], row[5]], [6, 'schemas', '1', 'has_schema', 'f",\n<b>|.sql', '50']);
  }
});

test('json reads back, and is indented by 2', () => {
  const text = hostile().exportCoverageReport();
  const report = JSON.parse(text);
  assert.ok(text.startsWith('{\n  "'));
  assert.deepEqual(Object.keys(report.objects), ['schemas']);
  assert.deepEqual(Object.keys(report.objects.schemas), HOSTILE);
  for (const name of HOSTILE) {
    const expected = { assertionCount: 1, assertionTypes: ['has_schema'], testFiles: ['f",\n<b>|.sql'], coveragePercentage: 50 };
    assert.deepEqual(Object.getOwnPropertyDescriptor(report.objects.schemas, name).value, expected);
  }
  assert.equal(report.statistics.totalAssertions, HOSTILE.length);
});

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#13': '\r' };
const decoded = (html) => html.replace(/&(#?\w+);/g, (_, name) => ENTITIES[name]);

test('html holds the names as text, and nothing that loads or runs', () => {
  const html = hostile().exportCoverageReport({ format: 'html', includeDetails: true });
  const names = [...html.matchAll(/<th scope="row">([^<]*)<\/th>/g)].map(([, text]) => decoded(text));
  assert.deepEqual(names, HOSTILE);
  assert.doesNotMatch(html, /<script|<b>|<img|<link|\ssrc=|\shref=|url\(|@import|https?:/i);
  assert.match(html, /^<!doctype html>\n<html lang="en">/);
  assert.match(html, /prefers-color-scheme: dark/);
  assert.match(html, /<caption>schemas<\/caption>/);
  assert.match(html, /<th scope="col">Name<\/th>/);
  // Every element that is opened is closed, in order.
  const open = [];
  let tags = 0;
  for (const [, close, name] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (name === 'meta') continue;
    if (close) assert.equal(open.pop(), name);
    else open.push(name);
    tags += 1;
  }
  assert.deepEqual(open, []);
  assert.ok(tags > 100);
});

test('markdown keeps one row a name and five cells a row', () => {
  const lines = hostile().exportCoverageReport({ format: 'markdown', includeGaps: false }).split('\n');
  const rows = lines.filter((line) => line.startsWith('| ') && !line.startsWith('| Name'));
  assert.equal(rows.length, HOSTILE.length);
  for (const row of rows) {
    const cells = row.replaceAll(/\\./g, 'x').split('|').slice(1, -1);
    assert.equal(cells.length, 5, row);
    assert.doesNotMatch(row.replaceAll('<br>', ''), /[<>]/);
    assert.doesNotMatch(row.replaceAll(/\\./g, ''), /[`*[\]]/);
  }
  const text = rows.join('\n');
  assert.ok(text.includes('| line<br>break |') && text.includes('| carriage<br>return |'));
  assert.ok(text.includes('| app.user_accounts |'), 'an ordinary name is left alone');
  assert.ok(text.includes('\\_\\_proto\\_\\_'));
});

const SUITE = {
  'a.sql': "SELECT has_table('app', 't', 'a table');\nSELECT has_schema('app');\n",
  'sub/a.sql': "SELECT has_table('app', 't', 'again');\nSELECT results_eq('SELECT 1 FROM app.seen', 'SELECT 1');\nSELECT has_role('r');\n",
};

test('details name type, file and line', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  const table = (options) => JSON.parse(scanner.exportCoverageReport(options)).objects.tables['app.t'];
  assert.deepEqual(table({ includeDetails: true }), {
    assertionCount: 2, assertionTypes: ['has_table'], testFiles: ['a.sql'], coveragePercentage: 25,
    assertions: [{ type: 'has_table', testFile: 'a.sql', lineNumber: 1 }, { type: 'has_table', testFile: 'a.sql', lineNumber: 1 }],
  });
  assert.equal(Object.hasOwn(table({}), 'assertions'), false);
  assert.match(scanner.exportCoverageReport({ format: 'html', includeDetails: true }), /<li>has_table: a\.sql, line 1<\/li>/);
  assert.match(scanner.exportCoverageReport({ format: 'markdown', includeDetails: true }), /\| app\.t \| has_table \| a\.sql \| 1 \|/);
});

test('gaps are listed unless they are not wanted', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  let ran = 0;
  for (const format of ['json', 'html', 'markdown']) {
    assert.ok(scanner.exportCoverageReport({ format }).includes('app.seen'), format);
    assert.ok(!scanner.exportCoverageReport({ format, includeGaps: false }).includes('app.seen'), format);
    ran += 1;
  }
  assert.equal(ran, 3);
  assert.deepEqual(JSON.parse(scanner.exportCoverageReport()).gaps.uncoveredObjects, ['tables:app.seen']);
});

test('objectTypes chooses the kinds', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  const kinds = (objectTypes) => {
    const [, ...rows] = parseCsv(scanner.exportCoverageReport({ format: 'csv', objectTypes }));
    return rows.map((row) => `${row[0]}:${row[1]}`);
  };
  const all = ['schemas:app', 'tables:app.t', 'roles:r'];
  assert.deepEqual(kinds(undefined), all);
  assert.deepEqual(kinds(null), all);
  assert.deepEqual(kinds(['roles', 'schemas']), ['schemas:app', 'roles:r']);
  assert.deepEqual(kinds(['tables', 'tables']), ['tables:app.t']);
  assert.deepEqual(kinds(['views']), []);
  assert.deepEqual(kinds([]), []);
  const html = scanner.exportCoverageReport({ format: 'html', objectTypes: ['roles'] });
  assert.ok(!html.includes('app.seen'), 'gaps of other kinds are left out');
});

test('a report of nothing is whole', () => {
  let ran = 0;
  for (const format of FORMATS) {
    const text = new PgTapScanner().exportCoverageReport({ format, includeDetails: true });
    assert.doesNotMatch(text, /NaN|null|undefined|Infinity/);
    ran += 1;
  }
  assert.equal(ran, 4);
  assert.equal(new PgTapScanner().exportCoverageReport({ format: 'csv' }), HEADER);
  assert.deepEqual(JSON.parse(new PgTapScanner().exportCoverageReport()).objects, {});
});

test('what is not allowed throws, and says what is', () => {
  const scanner = hostile();
  const cases = [
    [{ format: 'xml' }, 'RangeError', /'xml'/, /json, csv, html, markdown/], [{ format: 'JSON' }, 'RangeError', /'JSON'/, /json/],
    [{ format: 5 }, 'TypeError', /5/, /json/], [{ format: '' }, 'RangeError', /''/, /json/],
    [{ objectTypes: ['tables', 'tabels'] }, 'RangeError', /objectTypes\[1\].*'tabels'/, /tables, columns, functions/],
    [{ objectTypes: 'tables' }, 'TypeError', /objectTypes/, /array/], [{ objectTypes: [1] }, 'TypeError', /1/, /tables/],
    [{ includeGaps: 'no' }, 'TypeError', /includeGaps/, /true or false/], [{ includeDetails: 1 }, 'TypeError', /includeDetails/, /true or false/],
    [5, 'TypeError', /5/, /object/], ['csv', 'TypeError', /'csv'/, /object/],
  ];
  let ran = 0;
  for (const [options, name, ...messages] of cases) {
    assert.throws(() => scanner.exportCoverageReport(options), (error) => {
      assert.equal(error.name, name);
      assert.equal(error.code, 'ERR_PGTAP_INVALID_ARGUMENT');
      for (const message of messages) assert.match(error.message, message);
      return true;
    });
    ran += 1;
  }
  assert.equal(ran, 11);
});
