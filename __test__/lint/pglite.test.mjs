// The examples of docs/lint.md on pgTAP 1.3, which Debian does not have yet, in a PostgreSQL inside this process.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { PGlite } from '@electric-sql/pglite';
import { pgtap } from '@electric-sql/pglite-pgtap';

import { EXPECTED, RULES, SCHEMA, lintExample, lintFiles, nameOf } from './examples.mjs';

const database = await PGlite.create({ extensions: { pgtap } });
after(() => database.close());
await database.exec(`CREATE EXTENSION pgtap; ${SCHEMA}`);

/** As `outcome` in postgres.test.mjs. pgTAP keeps the plan in temporary tables: they go with the session, or here. */
async function outcome(sql) {
  try {
    await database.exec('SET search_path = app, public');
    const lines = (await database.exec(sql)).flatMap(({ rows }) => rows.flatMap(Object.values)).join('\n');
    if (/^not ok/m.test(lines)) return 'fails';
    const ran = lines.match(/^ok /gm)?.length ?? 0;
    const planned = /^1\.\.(\d+)$/m.exec(lines)?.[1];
    if (planned === undefined) return 'no plan';
    return Number(planned) === ran ? 'passes' : `planned ${planned} ran ${ran}`;
  } catch (error) {
    if (!error.code) throw error;
    return error.code;
  } finally {
    for (const sql of ['ROLLBACK', 'DISCARD ALL', 'DELETE FROM app.users']) await database.exec(sql);
  }
}

test('it has pgTAP 1.3', async () => {
  const { rows } = await database.query('SELECT pgtap_version()::text AS version');
  assert.equal(rows[0].version, '1.3');
});

for (const { rule, bad, good } of RULES) {
  bad.forEach((sql, at) => {
    const [before, mended] = EXPECTED[rule][at];
    // This is the version that reads it as it was meant.
    const does = rule === 'version-dependent' ? 'passes' : before;
    test(`${rule}, bad example ${at + 1}: ${does}`, async () => {
      assert.equal(await outcome(sql), does);
      assert.equal(await outcome(good[at]), 'passes');
      if (!mended) return;
      const { after: files } = await lintExample(rule, 'bad', sql, { fix: true });
      assert.equal(await outcome(files[nameOf(rule, 'bad')].toString()), mended);
    });
  });
}

const CALLS = [
  "col_is_pk('app', 'users', 'id'::name)",
  "has_pk('app', 'users'::name)",
  "hasnt_composite('app', 'pair'::name)",
];

test('a version that is given is the one that calls are read by', async () => {
  for (const call of CALLS) {
    const sql = `${SCHEMA}BEGIN;\nSELECT plan(1);\nSELECT ${call};\nSELECT * FROM finish();\nROLLBACK;\n`;
    const codes = async (options) => (await lintFiles({ 'a.sql': sql }, options)).findings.map(({ code }) => code);
    assert.deepEqual(await codes({ pgtapVersion: '1.3' }), [], call);
    assert.deepEqual(await codes({ pgtapVersion: '1.2' }), [call.startsWith('hasnt') ? 'vacuous-absence' : 'misread-overload'], call);
    assert.deepEqual(await codes({}), ['version-dependent'], call);
  }
});
