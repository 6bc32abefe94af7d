// What the analysis, the catalog and lint give is what their JSON Schemas say.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { default: Ajv } = require('ajv/dist/2020');
const { PgTapScanner, renderReport } = require('../../lib/index.js');

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const json = (path) => JSON.parse(readFileSync(at(path), 'utf8'));

function faults(schema, value) {
  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(json(`docs/${schema}.schema.json`));
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`).slice(0, 10);
}

/** A catalog of the example, and one of every kind with names that are hard to quote. */
const CATALOGS = ['examples/bookshop/catalog.json', '__test__/fixtures/gaps/catalog.json'];

test('catalogs, and the coverage by them', async () => {
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(at('examples/bookshop/tests'));
  let ran = 0;
  for (const catalog of CATALOGS.map(json)) {
    assert.deepEqual(faults('catalog', catalog), []);
    const { coverage } = await scanner.analyzeGaps({ catalog });
    assert.ok(coverage.stale.length > 0 && coverage.objects.length > 100);
    assert.deepEqual(faults('coverage', coverage), []);
    assert.deepEqual(JSON.parse(scanner.exportCoverageReport({ coverage, format: 'json' })), coverage, 'a report loses nothing');
    const generatedAt = new Date(0);
    assert.equal(scanner.exportCoverageReport({ coverage, format: 'junit', generatedAt }), renderReport(coverage, { format: 'junit', generatedAt }));
    ran += 1;
  }
  assert.equal(ran, 2);
});

test('findings', async () => {
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(at('examples/bookshop/tests'));
  const { findings } = await scanner.lint();
  assert.ok(findings.length > 3 && findings.some(({ fix }) => fix !== null));
  assert.deepEqual(faults('lint', findings), []);
});
