// JSON and SARIF against their schemas.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import Ajv2020 from 'ajv/dist/2020.js';
import AjvDraft4 from 'ajv-draft-04';

import { renderLint, renderReport } from '../../lib/index.js';
import { bookshop } from './bookshop-data.mjs';
import { HOSTILE, generated, hostile, hostileFindings, wellFormedDocument } from './coverage-data.mjs';

const require = createRequire(import.meta.url);
const published = (name) => JSON.parse(readFileSync(new URL(`../../docs/${name}.schema.json`, import.meta.url), 'utf8'));
const validator = (name) => new Ajv2020({ strict: true, allowUnionTypes: true }).compile(published(name));

function valid(validate, document) {
  assert.ok(validate(document), JSON.stringify(validate.errors?.slice(0, 3)));
}

/** Each change of a document that was right makes it wrong. */
function refuses(validate, document, changes) {
  for (const change of changes) {
    const changed = structuredClone(document);
    change(changed);
    assert.ok(!validate(changed), `${change}`);
  }
}

test('a coverage keeps to its schema', () => {
  const validate = validator('coverage');
  for (const coverage of [bookshop(), hostile(), generated({ size: 500 })]) {
    const text = renderReport(coverage, { format: 'json' });
    valid(validate, JSON.parse(text));
    assert.deepEqual(JSON.parse(text), wellFormedDocument(coverage));
    assert.deepEqual(Object.keys(JSON.parse(text)), Object.keys(coverage));
    assert.ok(text.startsWith('{\n  "format": "pgtap-scanner-coverage"') && text.endsWith('}\n'));
  }
  refuses(validate, bookshop(), [
    (d) => { d.version = 2; }, (d) => { delete d.stale; }, (d) => { d.kinds.tabels = d.kinds.tables; }, (d) => { d.objects[0].state = 'tested'; },
    (d) => { d.objects[0].more = 1; }, (d) => { d.summary.percent = '3'; }, (d) => { d.objects[0].assertions[0].by = 'luck'; },
  ]);
});

test('findings keep to their schema', () => {
  const validate = validator('lint');
  const findings = hostileFindings();
  const text = renderLint(findings, { format: 'json' });
  valid(validate, JSON.parse(text));
  assert.deepEqual(JSON.parse(text), wellFormedDocument(findings));
  refuses(validate, findings, [
    (d) => { d[0].severity = 'fatal'; }, (d) => { d[0].line = 0; }, (d) => { delete d[0].fix; }, (d) => { d[1].fix.certain = 1; },
  ]);
});

const CATALOG = {
  format: 'pgtap-scanner-catalog', version: 1, server: { version: 150020, text: '15.20' }, searchPath: ['$user', 'public'],
  pgtap: { version: '1.2.0', schema: 'public' }, schemas: [{ name: 'app', owner: 'o' }],
  relations: [{
    schema: 'app', name: 't', kind: 'table', owner: 'o', rowSecurity: true, forceRowSecurity: false, partitionOf: null,
    inherits: [{ schema: 'app', name: 'p' }], columns: [{ name: 'id', type: 'integer', notNull: true, default: null }],
  }],
  functions: [{ schema: 'app', name: 'f', kind: 'function', arguments: ['integer'], returns: 'text', language: 'sql', owner: 'o' }],
  triggers: [{ schema: 'app', relation: 't', name: 'g', function: { schema: 'app', name: 'f' }, inherited: false }],
  policies: [{ schema: 'app', relation: 't', name: 'p', command: 'all', roles: ['public'], permissive: true }],
  indexes: [{ schema: 'app', relation: 't', name: 'i', columns: ['lower(a)'], unique: false, primary: false, method: 'btree', inherited: false }],
  constraints: [{ schema: 'app', relation: 't', name: 'c', type: 'foreign_key', columns: ['a'], references: { schema: 'app', relation: 'u', columns: ['id'] }, inherited: false }],
  types: [{ schema: 'app', name: 'e', kind: 'enum', owner: 'o', labels: ['a'], base: null }],
  rules: [{ schema: 'app', relation: 't', name: 'r', event: 'insert' }],
  extensions: [{ name: 'pg_trgm', schema: 'public', version: '1.6' }],
  roles: [{ name: 'r', superuser: false, canLogin: true, memberOf: [] }],
  privileges: [{ kind: 'schema', schema: 'app', name: null, arguments: null, role: 'r', privileges: ['USAGE'] }],
};

test('the schema of catalogs takes one with every kind, and refuses mistakes', () => {
  const validate = validator('catalog');
  valid(validate, CATALOG);
  valid(validate, { ...CATALOG, origins: [{ kind: 'tables', schema: 'app', relation: null, name: 't', file: '1.sql', line: 3 }] });
  refuses(validate, CATALOG, [
    (d) => { d.format = 'x'; }, (d) => { d.relations[0].kind = 'tables'; }, (d) => { delete d.roles; }, (d) => { d.policies[0].command = 'ALL'; },
    (d) => { d.functions[0].arguments = 'integer'; }, (d) => { d.more = []; },
  ]);
});

// The schema of the standard, as Microsoft's matchers carry it.
const SARIF = JSON.parse(readFileSync(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'));
const sarifValidator = () => new AjvDraft4({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(SARIF);

/** What the schema leaves to the text of the standard. */
function checkResults({ runs: [run] }) {
  const rules = new Set(run.tool.driver.rules.map(({ id }) => id));
  assert.equal(rules.size, run.tool.driver.rules.length);
  for (const result of run.results) {
    assert.ok(rules.has(result.ruleId));
    const { artifactLocation: { uri }, region } = result.locations[0].physicalLocation;
    assert.match(uri, /^[\w/.~%-]*$/);
    assert.ok(region.startLine >= 1);
    // No link in a message: every bracket is escaped.
    assert.doesNotMatch(result.message.text.replaceAll(/\\[[\]]/g, ''), /[[\]]/);
  }
  return run.results;
}

test('sarif of findings keeps to the schema of the standard', () => {
  const validate = sarifValidator();
  const log = JSON.parse(renderLint(hostileFindings(), { format: 'sarif' }));
  valid(validate, log);
  const results = checkResults(log);
  assert.equal(results.length, HOSTILE.length);
  const paths = results.map((result) => decodeURIComponent(result.locations[0].physicalLocation.artifactLocation.uri));
  assert.deepEqual(paths, HOSTILE.map((path) => path.toWellFormed().replaceAll('\\', '/')));
  assert.equal(results.filter(({ fixes }) => fixes).length, hostileFindings().filter(({ fix }) => fix).length);
  refuses(validate, log, [
    (d) => { d.version = '2.0.0'; }, (d) => { delete d.runs[0].tool.driver.name; }, (d) => { d.runs[0].results[0].level = 'fatal'; },
    (d) => { d.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0; }, (d) => { d.runs[0].results[0].text = ''; },
  ]);
});

test('sarif of a coverage keeps to the schema of the standard', () => {
  const validate = sarifValidator();
  for (const coverage of [hostile(), bookshop()]) {
    const log = JSON.parse(renderReport(coverage, { format: 'sarif' }));
    valid(validate, log);
    const gaps = coverage.objects.filter(({ state, origin }) => state !== 'asserted' && origin !== null);
    assert.equal(checkResults(log).length, gaps.length + coverage.stale.length);
  }
});
