// The oracle is checked by itself before anything is compared with it: against hand-written answers, and against
// generated suites that know their own number of assertions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'libpg-query';
import { generateFile, generateHostile, generateSuite, HOSTILE_KINDS, pathOf } from '../../benchmark/generate.mjs';
import { ORACLE_CASES } from './cases.mjs';
import { loadNames } from './catalog.mjs';
import { compareFile } from './compare.mjs';
import { callsOf, scanSql } from './pg-query.mjs';

const shown = ({ name, line, argCount, wrapper, inFunction }) =>
  `${name}:${line}:${argCount}${wrapper ? `<${wrapper}` : ''}${inFunction ? `@${inFunction}` : ''}`;

const countsOf = (calls) => {
  const counts = {};
  for (const { name } of calls) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

test('hand-written cases', async (t) => {
  let ran = 0;
  for (const { title, sql, calls, unparsed, lines, tokensOnly = 0 } of ORACLE_CASES) {
    await t.test(title, async () => {
      const report = await scanSql(sql);
      assert.deepEqual(report.calls.map(shown), calls);
      assert.equal(report.unparsed.length, unparsed, JSON.stringify(report.unparsed));
      if (lines) assert.deepEqual(report.unparsed.map(({ from, to }) => [from, to]), lines);
      assert.equal(report.bodies.tokensOnly, tokensOnly);
      ran += 1;
    });
  }
  assert.equal(ran, ORACLE_CASES.length);
  assert.ok(ran >= 40, `only ${ran} cases ran`);
});

test('the catalogue gives assertions and controls', () => {
  const { assertions, controls } = loadNames();
  assert.ok(assertions.size >= 200, `${assertions.size} assertions`);
  for (const name of ['plan', 'finish', 'check_test', 'collect_tap', 'todo']) assert.ok(controls.has(name), name);
  for (const name of ['ok', 'has_table', 'throws_ok', 'policy_exists']) assert.ok(assertions.has(name), name);
});

test('generated suites parse whole and hold what they say', async () => {
  let files = 0;
  let assertions = 0;
  let bodies = 0;
  for (let seed = 1; seed <= 400; seed += 1) {
    const suite = generateSuite(seed, 10 + (seed % 40));
    const report = await scanSql(suite.sql);
    assert.deepEqual(report.unparsed, [], `seed ${seed}`);
    assert.equal(report.bodies.tokensOnly, 0, `seed ${seed}: a body that the PL/pgSQL parser refuses`);
    assert.deepEqual(countsOf(report.calls), countsOf(Object.entries(suite.counts).flatMap(([name, n]) => Array(n).fill({ name }))), `seed ${seed}`);
    files += 1;
    assertions += report.calls.length;
    bodies += report.bodies.sql + report.bodies.plpgsql;
  }
  assert.equal(files, 400);
  assert.ok(assertions > 15000, `${assertions} assertions`);
  assert.ok(bodies > 1000, `${bodies} bodies`);
});

test('a suite follows from its seed alone', () => {
  assert.equal(generateSuite(7, 30).sql, generateSuite(7, 30).sql);
  assert.notEqual(generateSuite(7, 30).sql, generateSuite(8, 30).sql);
});

test('a corpus file follows from its seed alone, parses, and holds what it says', async () => {
  for (const index of [0, 1, 99, 9999]) {
    const file = generateFile(1, index, 40);
    assert.equal(file.sql, generateFile(1, index, 40).sql);
    await parse(file.sql);
    const calls = await callsOf(file.sql);
    assert.deepEqual(countsOf(calls), file.counts);
    assert.equal(calls.length, 40);
    assert.ok(file.sql.length > 2300 && file.sql.length < 3600, `${file.sql.length} bytes`);
  }
  assert.notEqual(generateFile(1, 0, 40).sql, generateFile(2, 0, 40).sql);
  assert.equal(pathOf(0), 'suite_00000/test_00000.sql');
  assert.equal(pathOf(100), 'suite_00001/test_00100.sql');
});

test('hostile inputs have about the size asked for', () => {
  assert.ok(HOSTILE_KINDS.length >= 30);
  for (const kind of HOSTILE_KINDS) {
    const { length } = generateHostile(kind, 20000);
    assert.ok(length > 15000 && length < 32000, `${kind}: ${length}`);
  }
  assert.throws(() => generateHostile('no such kind', 1), /unknown kind/);
});

test('compareFile tells matched, missing and extra', async () => {
  const oracle = await callsOf("SELECT ok(true), ok(true);\nSELECT is(1, 2);\nSELEC pass();");
  const assertion = (type, lineNumber, count, more = {}) => ({ type, lineNumber, parameters: Array(count).fill('x'), ...more });
  const scanner = [
    assertion('ok', 1, 1), assertion('is', 2, 3), assertion('pass', 3, 0),
    assertion('fail', 1, 0, { commented: true }), assertion('has_table', 1, 1, { helper: 'tests.h' }),
  ];
  const { matched, missing, extra, leftOut } = compareFile(scanner, oracle);
  assert.equal(matched, 1);
  assert.deepEqual(missing.map(shown), ['ok:1:1', 'is:2:2']);
  assert.deepEqual(extra, [{ name: 'is', line: 2, argCount: 3 }]);
  assert.equal(leftOut, 1);
});

test('compareFile counts equal calls on one line', async () => {
  const oracle = await callsOf('SELECT ok(true), ok(true);');
  const assertion = { type: 'ok', lineNumber: 1, parameters: ['true'] };
  assert.equal(compareFile([assertion, assertion], oracle).matched, 2);
  assert.equal(compareFile([assertion, assertion, assertion], oracle).extra.length, 1);
});
