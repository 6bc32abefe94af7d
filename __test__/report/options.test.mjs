// What the renderers take, and what they say of what they do not.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LINT_FORMATS, REPORT_FORMATS, renderLint, renderReport } from '../../lib/index.js';
import { bookshop } from './bookshop-data.mjs';
import { hostile, hostileFindings } from './coverage-data.mjs';

test('the formats are listed, the default first', () => {
  assert.deepEqual(REPORT_FORMATS, ['text', 'json', 'csv', 'markdown', 'html', 'junit', 'sarif', 'lcov', 'cobertura', 'badge']);
  assert.deepEqual(LINT_FORMATS, ['text', 'json', 'markdown', 'junit', 'sarif']);
  assert.equal(renderReport(bookshop()), renderReport(bookshop(), { format: 'text' }));
  assert.equal(renderLint([]), renderLint([], { format: 'text' }));
  assert.ok(Object.isFrozen(REPORT_FORMATS) && Object.isFrozen(LINT_FORMATS));
});

test('every format takes hostile names, and gives text without halves of surrogate pairs', () => {
  let ran = 0;
  for (const format of REPORT_FORMATS) {
    assert.ok(renderReport(hostile(), { format, label: '\ud800' }).isWellFormed(), format);
    ran += 1;
  }
  for (const format of LINT_FORMATS) {
    assert.ok(renderLint(hostileFindings(), { format }).isWellFormed(), format);
    ran += 1;
  }
  assert.equal(ran, 15);
});

test('backslashes before what looks like half a surrogate pair stay', () => {
  const coverage = bookshop();
  const names = ['\\ud800', '\\\\ud800', '\\\ud800', '\\u', '\\'];
  names.forEach((name, at) => { coverage.objects[at].name = name; });
  const back = JSON.parse(renderReport(coverage, { format: 'json' }));
  assert.deepEqual(back.objects.slice(0, 5).map(({ name }) => name), ['\\ud800', '\\\\ud800', '\\\ufffd', '\\u', '\\']);
});

const wrong = (coverage, options) => () => renderReport(coverage, options);
const wrongLint = (findings, options) => () => renderLint(findings, options);
const unreadable = () => Object.assign(bookshop(), { stale: [{ get file() { throw new Error('no file'); } }] });

test('what is not allowed throws, and says what is', () => {
  const cases = [
    [wrong(undefined), 'TypeError', /a coverage of format "pgtap-scanner-coverage" and version 1/], [wrong('{}'), 'TypeError', /coverage/],
    [wrong([]), 'TypeError', /of type array/], [wrong({}), 'RangeError', /version 1.*undefined/], [wrong({ ...bookshop(), version: 2 }), 'RangeError', /version: 2/],
    [wrong({ ...bookshop(), objects: 5 }), 'TypeError', /coverage: invalid type: integer `5`, expected a sequence/],
    [wrong({ ...bookshop(), stale: [{}] }), 'TypeError', /missing field `file`/], [wrong(unreadable()), 'TypeError', /a coverage of format/],
    [wrong(bookshop(), null), 'TypeError', /an object for the options of a report/], [wrong(bookshop(), 'html'), 'TypeError', /'html'/],
    [wrong(bookshop(), { format: 'xml' }), 'RangeError', /text, json, csv, .* for option "format" but received 'xml'/],
    [wrong(bookshop(), { format: 5 }), 'TypeError', /received 5/], [wrong(bookshop(), { fromat: 'csv' }), 'RangeError', /format, colour, .*'fromat'/],
    [wrong(bookshop(), { colour: 'yes' }), 'TypeError', /true or false for option "colour"/], [wrong(bookshop(), { label: 5 }), 'TypeError', /a string for option "label"/],
    [wrong(bookshop(), { sources: {} }), 'TypeError', /array of \{ path, text \}/], [wrong(bookshop(), { sources: [{ path: 'a' }] }), 'TypeError', /option "sources\[0\]"/],
    [wrong(bookshop(), { generatedAt: 5 }), 'TypeError', /a Date/], [wrong(bookshop(), { generatedAt: new Date(NaN) }), 'RangeError', /a Date/],
    [wrong(bookshop(), { generatedAt: new Date(-1) }), 'RangeError', /from 1970/],
    [wrongLint({}), 'TypeError', /an array of findings/], [wrongLint([{}]), 'TypeError', /missing field `code`/],
    [wrongLint([], { format: 'html' }), 'RangeError', /text, json, markdown, junit, sarif/], [wrongLint([], { label: 'x' }), 'RangeError', /format, colour/],
  ];
  let ran = 0;
  for (const [call, name, message] of cases) {
    assert.throws(call, (error) => {
      assert.equal(error.name, name, `${call}`);
      assert.equal(error.code, 'ERR_PGTAP_INVALID_ARGUMENT');
      assert.match(error.message, message);
      // The stack begins in the code of the caller.
      assert.match(error.stack.split('\n').find((line) => /^\s+at /.test(line)), /options\.test\.mjs/);
      return true;
    });
    ran += 1;
  }
  assert.equal(ran, 24);
});

test('sources beyond 8 MiB are left out, and counted', () => {
  const sources = [{ path: 'a.sql', text: ' '.repeat(8 << 20) }, { path: 'b.sql', text: 'x' }];
  const html = renderReport(bookshop(), { format: 'html', sources });
  assert.match(html, /"leftOut":1\}/);
});
