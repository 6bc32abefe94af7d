// Thresholds and baselines: which coverage passes, and what is said of one that does not.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { coverageOf } from './coverage-shape.mjs';

const require = createRequire(import.meta.url);
const { KINDS } = require('../lib/cli/kinds.js');
const { belowThresholds, parseThresholds, worseThanBaseline } = require('../lib/cli/thresholds.js');

/** So many tables of which so many are asserted. */
const tables = (asserted, total) => coverageOf(Array.from({ length: total }, (_, at) => ['tables', `app.t${at}`, at < asserted ? 'asserted' : 'untested']));
const below = (coverage, text) => belowThresholds(coverage, parseThresholds(text));

test('--fail-under takes a number, kinds, and both, repeated', () => {
  assert.deepEqual(parseThresholds('80'), { total: 80 });
  assert.deepEqual(parseThresholds('tables=95,policies=100'), { tables: 95, policies: 100 });
  assert.deepEqual(parseThresholds('70,tables=95.5', { total: 1, columns: 5 }), { total: 70, columns: 5, tables: 95.5 });
  assert.deepEqual(parseThresholds('total=3'), { total: 3 });
  assert.deepEqual(KINDS.map((kind) => Object.keys(parseThresholds(`${kind}=1`))[0]), KINDS);
});

const WRONG = {
  '': /percentage from 0 to 100/,
  '80,': /percentage from 0 to 100/,
  '101': /percentage from 0 to 100/,
  '-1': /percentage from 0 to 100/,
  '80%': /percentage from 0 to 100/,
  '1e1': /percentage from 0 to 100/,
  'tables=': /percentage from 0 to 100/,
  'tables=many': /percentage from 0 to 100/,
  'tabels=95': /no kind "tabels"; the nearest one is "tables"/,
  'Policies=1': /no kind "Policies"; the nearest one is "policies"/,
  'toString=1': /no kind "toString"/,
  '=80': /no kind ""/,
};

test('what is no threshold is refused, with the nearest kind', () => {
  let tried = 0;
  for (const [text, message] of Object.entries(WRONG)) {
    assert.throws(() => parseThresholds(text), message, text);
    tried += 1;
  }
  assert.equal(tried, 12);
});

test('a threshold is a percentage of what is asserted; exercised objects do not count', () => {
  const coverage = coverageOf([['tables', 'app.a', 'asserted'], ['tables', 'app.b', 'exercised']]);
  assert.deepEqual(below(coverage, 'tables=50'), []);
  assert.deepEqual(below(coverage, 'tables=51'), ['tables: 50 % asserted (1 of 2), 51 % wanted; not asserted: app.b']);
});

test('counts are compared, not rounded percentages', () => {
  assert.equal(tables(1899, 2000).summary.percent, 95);
  assert.equal(below(tables(1899, 2000), '95').length, 1);
  assert.match(below(tables(1899, 2000), '95')[0], /^total: 94\.9 % asserted \(1899 of 2000\), 95 % wanted/);
  assert.match(below(tables(1999, 2000), '100')[0], /^total: 99\.9 % asserted/);
  assert.match(below(tables(348, 521), '90')[0], /^total: 66\.8 % asserted/, 'elsewhere as the reports round it');
  assert.deepEqual(below(tables(2000, 2000), '100'), []);
  // 333 of 1000 is what a reader calls 33.3 %.
  assert.deepEqual(below(tables(333, 1000), '33.3'), []);
});

test('the first three that are missing are named, control characters made visible', () => {
  assert.equal(below(tables(1, 6), 'tables=100')[0],
    'tables: 16.7 % asserted (1 of 6), 100 % wanted; not asserted: app.t1, app.t2, app.t3 and 2 more');
  assert.match(below(tables(1, 4), 'tables=100')[0], /app\.t1, app\.t2, app\.t3$/);
  const hostile = coverageOf([['tables', 'app.\x1b[2J\n', 'untested']]);
  assert.match(below(hostile, 'total=1')[0], /not asserted: app\.\\x1b\[2J\\x0a \(tables\)$/);
});

test('every threshold that is missed is told; the total names the kinds', () => {
  const coverage = coverageOf([['tables', 'app.a', 'untested'], ['policies', 'app.a.p', 'untested'], ['views', 'app.v', 'asserted']]);
  assert.deepEqual(below(coverage, '90,views=100,policies=10'), [
    'total: 33.3 % asserted (1 of 3), 90 % wanted; not asserted: app.a (tables), app.a.p (policies)',
    'policies: 0 % asserted (0 of 1), 10 % wanted; not asserted: app.a.p',
  ]);
});

test('a kind that the schema does not have is complete, and so is an empty schema', () => {
  assert.deepEqual(below(tables(1, 1), 'policies=100'), []);
  assert.deepEqual(below(coverageOf([]), '100'), []);
});

test('a baseline: nothing to say when nothing got worse', () => {
  assert.deepEqual(worseThanBaseline(tables(2, 4), tables(2, 4)), []);
  assert.deepEqual(worseThanBaseline(tables(3, 4), tables(2, 4)), []);
  // Equal ratios of other sizes: a third is a third.
  assert.deepEqual(worseThanBaseline(tables(2, 6), tables(1, 3)), []);
  // Still badly covered is no worse.
  assert.deepEqual(worseThanBaseline(tables(0, 4), tables(0, 4)), []);
});

test('a baseline: a lower percentage of the total or of a kind', () => {
  assert.equal(tables(1000, 2001).summary.percent, 50);
  assert.equal(worseThanBaseline(tables(1000, 2001), tables(1000, 2000)).length, 2, 'counts are compared');
  assert.deepEqual(worseThanBaseline(tables(2, 5), tables(2, 4)), [
    'total: 40 % asserted (2 of 5), 50 % asserted (2 of 4) in the baseline',
    'tables: 40 % asserted (2 of 5), 50 % asserted (2 of 4) in the baseline',
  ]);
  const before = coverageOf([['tables', 'app.a', 'asserted'], ['tables', 'app.b', 'untested'], ['views', 'app.v', 'untested'], ['views', 'app.w', 'untested']]);
  const now = coverageOf([['tables', 'app.a', 'asserted'], ['tables', 'app.b', 'untested'], ['tables', 'app.c', 'untested'], ['views', 'app.v', 'asserted'], ['views', 'app.w', 'untested']]);
  assert.deepEqual(worseThanBaseline(now, before), ['tables: 33.3 % asserted (1 of 3), 50 % asserted (1 of 2) in the baseline']);
});

test('a baseline: an object that is no longer asserted, even where the percentage holds', () => {
  const before = coverageOf([['tables', 'app.a', 'asserted'], ['tables', 'app.b', 'untested'], ['columns', 'app.a', 'untested']]);
  const now = coverageOf([['tables', 'app.a', 'exercised'], ['tables', 'app.b', 'asserted'], ['columns', 'app.a', 'untested']]);
  assert.deepEqual(worseThanBaseline(now, before), ['no longer asserted: app.a (tables)']);
});

test('a baseline: what was dropped is not missed, and a new kind is not compared by kind', () => {
  const before = coverageOf([['tables', 'app.a', 'asserted'], ['tables', 'app.b', 'asserted']]);
  assert.deepEqual(worseThanBaseline(tables(0, 0), before), []);
  const now = coverageOf([['tables', 'app.a', 'asserted'], ['tables', 'app.b', 'asserted'], ['views', 'app.v', 'untested']]);
  assert.deepEqual(worseThanBaseline(now, before), ['total: 66.7 % asserted (2 of 3), 100 % asserted (2 of 2) in the baseline']);
});
