// Each rule finds its bad example in docs/lint.md, and nothing in the good one.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import index from '../../lib/index.js';
import { RULES, lintExample, nameOf } from './examples.mjs';

const { PgTapScanner } = index;

test('every rule has a section with examples', () => {
  const documented = RULES.map(({ rule, severity }) => ({ code: rule, severity }));
  assert.deepEqual(documented, PgTapScanner.lintRules().map(({ code, severity }) => ({ code, severity })));
  assert.equal(RULES.length, 16);
  for (const { rule, bad, good } of RULES) assert.ok(bad.length >= 1 && bad.length === good.length, rule);
});

for (const { rule, severity, bad, good } of RULES) {
  bad.forEach((sql, at) => {
    test(`${rule} finds bad example ${at + 1}`, async () => {
      const { findings } = await lintExample(rule, 'bad', sql);
      assert.deepEqual(findings.map((f) => [f.file, f.code, f.severity]), [[nameOf(rule, 'bad'), rule, severity]]);
      const [{ message, help, line, column, endLine, endColumn }] = findings;
      assert.ok(message && help, 'says what and what to do');
      assert.ok(line >= 1 && column >= 1 && (endLine > line || endColumn >= column));
    });
    test(`good example ${at + 1} of ${rule} has no finding`, async () => {
      assert.deepEqual((await lintExample(rule, 'good', good[at])).findings, []);
    });
    test(`${rule} can be switched off, by option and by comment (${at + 1})`, async () => {
      const off = await lintExample(rule, 'bad', sql, { disable: [rule] });
      assert.deepEqual(off.findings, []);
      if (['unmatched-file', 'unknown-rule'].includes(rule)) return;
      const { line } = (await lintExample(rule, 'bad', sql)).findings[0];
      const lines = sql.split('\n');
      lines.splice(line - 1, 0, `-- pgtap-scanner-disable-next-line ${rule}`);
      assert.deepEqual((await lintExample(rule, 'bad', lines.join('\n'))).findings, []);
    });
  });
}
