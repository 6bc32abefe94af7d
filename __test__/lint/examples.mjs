// The examples of docs/lint.md, as folders that can be linted and files that can be run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import index from '../../lib/index.js';

const text = readFileSync(fileURLToPath(new URL('../../docs/lint.md', import.meta.url)), 'utf8');

const blocks = (section, kind) =>
  [...section.matchAll(/^```sql (\w+)\n([^]*?)^```$/gm)].filter(([, of]) => of === kind).map(([, , sql]) => sql);

/** The schema that the examples run on. */
export const SCHEMA = blocks(text, 'schema')[0];

/** An example as a whole test file: those without a plan of their own get one. */
function whole(sql, rule) {
  if (/plan\(|finish\(/.test(sql) || rule === 'no-plan') return sql;
  return `BEGIN;\nSELECT plan(1);\n${sql}SELECT * FROM finish();\nROLLBACK;\n`;
}

/** `{ rule, severity, bad: [sql], good: [sql] }` for each section of a rule. */
export const RULES = text.slice(text.indexOf('\n## Rules')).split(/^### /m).slice(1).map((section) => {
  const rule = section.match(/^`([\w-]+)`/)[1];
  const severity = section.match(/^(Error|Warning)\./m)[1].toLowerCase();
  const of = (kind) => blocks(section, kind).map((sql) => whole(sql, rule));
  return { rule, severity, bad: of('bad'), good: of('good') };
});

/** What each bad example does with pgTAP 1.2, and what its fix makes of it; none where --fix leaves it. */
export const EXPECTED = {
  'misread-overload': [['fails', 'passes'], ['fails', 'passes']],
  // app.users exists: the mended assertion finds it.
  'vacuous-absence': [['passes', 'fails'], ['passes']],
  // The arguments are integer and text.
  'array-as-description': [['passes', 'fails']],
  'ambiguous-call': [['42725', 'passes']],
  'description-is-identifier': [['passes'], ['passes']],
  'cannot-run': [['42883'], ['42703', 'passes'], ['42804'], ['42883'], ['22P02']],
  'plan-bigint': [['42883', 'passes']],
  'plan-mismatch': [['planned 2 ran 1']],
  'several-plans': [['P0001']],
  'no-plan': [['P0001'], ['no plan']],
  'unknown-function': [['42883']],
  'duplicate-assertion': [['passes']],
  'version-dependent': [['fails', 'passes']],
  'unmatched-file': [['passes']],
  'missing-rollback': [['passes', 'passes'], ['passes']],
  'unknown-rule': [['passes']],
};

/** What each bad example is called: only one rule is about names of files. */
export const nameOf = (rule, kind) => (rule === 'unmatched-file' && kind === 'bad' ? 'users_test.pg' : 'users_test.sql');

/** Writes files into a folder of their own, lints it, and answers the result and the files' contents afterwards. */
export async function lintFiles(files, options = {}, scannerOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'pgtap-lint-'));
  const scanner = new index.PgTapScanner(scannerOptions);
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    scanner.on('warning', () => {});
    await scanner.scanDirectory(folder);
    const result = await scanner.lint(options);
    const after = Object.fromEntries(Object.keys(files).map((name) => [name, readFileSync(join(folder, name))]));
    return { ...result, after };
  } finally {
    await scanner.close();
    rmSync(folder, { recursive: true });
  }
}

/** Lints one example beside the schema. */
export const lintExample = (rule, kind, sql, options) =>
  lintFiles({ 'schema.sql': `${SCHEMA}SET search_path = app, public;\n`, [nameOf(rule, kind)]: sql }, options);
