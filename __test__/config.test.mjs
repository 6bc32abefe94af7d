// The configuration file: where it is found, what it may hold, and what is said of a wrong one.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { readConfig } = require('../lib/cli/config.js');
const { CONFIG } = require('../lib/cli/config-options.js');
const { readSettings } = require('../lib/cli/settings.js');

/** Runs `work` in a folder. */
async function within(folder, work) {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await work();
  } finally {
    process.chdir(before);
  }
}

/** What the configuration of a folder with these files is. */
function read(t, files, { from = '.', file } = {}) {
  const root = suiteFolder(t, files);
  mkdirSync(join(root, from), { recursive: true });
  return within(join(root, from), () => readConfig(file)).then((settings) => ({ root, settings }));
}

const json = (config) => ({ 'pgtap-scanner.config.json': JSON.stringify(config) });
const refused = async (t, config, message) => {
  await assert.rejects(read(t, json(config)), (error) => {
    assert.match(error.message, message);
    assert.match(error.message, /pgtap-scanner\.config\.json/, 'it names the file');
    assert.equal(error.exitCode, 2);
    return true;
  });
};

const PLACES = {
  'pgtap-scanner.config.js': 'module.exports = { baseline: "here.json" };',
  'pgtap-scanner.config.mjs': 'export default { baseline: "here.json" };',
  'pgtap-scanner.config.cjs': 'module.exports = { baseline: "here.json" };',
  'pgtap-scanner.config.json': '{ "baseline": "here.json" }',
  'package.json': '{ "name": "x", "pgtap-scanner": { "baseline": "here.json" } }',
};

test('it is found in each place, and from folders below', async (t) => {
  let tried = 0;
  for (const [name, text] of Object.entries(PLACES)) {
    const { root, settings } = await read(t, { [name]: text }, { from: 'a/b' });
    assert.equal(settings.baseline, join(root, 'here.json'), name);
    tried += 1;
  }
  assert.equal(tried, 5);
});

test('a module of ES in a package that says so', async (t) => {
  const { settings } = await read(t, { 'package.json': '{ "type": "module" }', 'pgtap-scanner.config.js': 'export default { continue: true };' });
  assert.equal(settings.continue, true);
});

test('the nearest file counts, and a package.json without the key does not end the search', async (t) => {
  const near = { ...json({ continue: true }), 'sub/pgtap-scanner.config.json': '{ "continue": false }', 'sub/deep/package.json': '{}' };
  assert.equal((await read(t, near, { from: 'sub/deep' })).settings.continue, false);
});

test('the search ends at the repository: what lies above belongs to others', async (t) => {
  const files = { ...json({ continue: true }), 'repository/.git/HEAD': '', 'repository/readme': '' };
  assert.deepEqual((await read(t, files, { from: 'repository' })).settings, {});
  assert.equal((await read(t, files)).settings.continue, true);
});

test('none, one by name, and one by name that is missing, empty or broken', async (t) => {
  assert.deepEqual((await read(t, json({ continue: true }), { file: false })).settings, {});
  assert.deepEqual((await read(t, {})).settings, {});
  assert.deepEqual((await read(t, { 'other.json': '{ "continue": true }' }, { file: 'other.json' })).settings.continue, true);
  const fails = (files, file, message) => assert.rejects(read(t, files, { file }), { message, exitCode: 2 });
  await fails({}, 'other.json', /^There is no configuration file other\.json\.\nLooked for .*other\.json\.$/);
  await fails({ 'other.json': ' ' }, 'other.json', /other\.json is empty/);
  await fails({ 'package.json': '{}' }, 'package.json', /has no key "pgtap-scanner"/);
  await fails({ 'other.json': '{ "continue": ' }, 'other.json', /^The configuration file .*other\.json cannot be read: .*JSON/);
  await fails({ 'other.cjs': 'throw new Error("of its own");' }, 'other.cjs', /other\.cjs cannot be read: of its own$/);
  await fails({ 'other.yaml': 'a: b' }, 'other.yaml', /other\.yaml cannot be read/);
  await fails({ 'package.json': '{' }, undefined, /^The configuration file .*package\.json cannot be read/);
});

test('an unknown key is refused with the nearest one', async (t) => {
  await refused(t, { failUndr: 80 }, /^Unknown option "failUndr" in .*; the nearest known one is "failUnder"\.$/);
  await refused(t, { lint: { disabel: [] } }, /"lint\.disabel".*"disable"/);
  await refused(t, { scanner: { exludePatterns: [] } }, /"scanner\.exludePatterns".*"excludePatterns"/);
  await refused(t, { failUnder: { tabels: 1 } }, /"failUnder\.tabels".*nearest one is "tables"/);
  await refused(t, JSON.parse('{ "__proto__": {} }'), /Unknown option "__proto__"/);
});

const WRONG = [
  [[], /^Expected an object for .*config\.json but received \[\] of type array$/],
  ['text', /^Expected an object for .* of type string/],
  [{ tests: 1 }, /^Expected a string that is not empty for option "tests" in .* received 1 of type number$/],
  [{ tests: '' }, /"tests"/],
  [{ connection: null }, /"connection" .* received null$/],
  [{ preset: 'firebase' }, /^Expected one of supabase, none for option "preset" .* 'firebase'/],
  [{ continue: 'yes' }, /^Expected true or false for option "continue"/],
  [{ report: 1 }, /"report"/],
  [{ report: ['text', 2] }, /"report\[1\]"/],
  [{ report: 'pdf:x' }, /^Option "report" in .*: There is no format "pdf"/],
  [{ report: ['text', 'html:'] }, /^Option "report\[1\]" in .*: The file behind "html:" is missing/],
  [{ failUnder: '80' }, /^Expected a number from 0 to 100, or \{ kind: number \} for option "failUnder"/],
  [{ failUnder: 101 }, /"failUnder"/],
  [{ failUnder: { tables: '95' } }, /^Expected a number from 0 to 100 for option "failUnder\.tables"/],
  [{ lint: [] }, /^Expected an object for option "lint"/],
  [{ lint: { disable: 'all' } }, /"lint\.disable"/],
  [{ scanner: { batchSize: 0 } }, /^Expected an integer from 1 .* for option "scanner\.batchSize"/],
  [{ scanner: { assertions: [{ name: 'x', kind: 'tabel', roles: ['table'] }] } }, /"scanner\.assertions\[0\]\.kind"/],
  [{ migrations: 'a', catalog: 'b' }, /has both "migrations" and "catalog"; a schema comes from one of them\.$/],
  [{ connection: 'a', schema: 'b' }, /has both "connection" and "schema"/],
];

test('a wrong value is refused: the option, what was found, what is allowed, in which file', async (t) => {
  let tried = 0;
  for (const [config, message] of WRONG) {
    await refused(t, config, message);
    tried += 1;
  }
  assert.equal(tried, 20);
});

test('every option is read, in the form of the command line; paths start at the file', async (t) => {
  const config = {
    tests: 'db/tests', schema: '/all/base.sql', migrations: '/all/migrations', preset: 'supabase', continue: true, report: ['text', 'html:out/page.html'],
    failUnder: 80, baseline: '../main.json', lint: { disable: ['duplicate'] },
    scanner: { maxDepth: 3, cache: 'cache.sqlite', tempDir: null },
  };
  const { root, settings } = await read(t, json(config), { from: 'db' });
  assert.deepEqual(settings, {
    ...config,
    tests: join(root, 'db/tests'),
    report: [{ format: 'text', file: null }, { format: 'html', file: join(root, 'out/page.html') }],
    failUnder: { total: 80 },
    baseline: join(dirname(root), 'main.json'),
    scanner: { maxDepth: 3, cache: join(root, 'cache.sqlite'), tempDir: null },
  });
  const tried = new Set(Object.keys(settings));
  for (const key of ['connection', 'catalog']) {
    const one = await read(t, json({ [key]: 'x' }));
    assert.equal(one.settings[key], key === 'connection' ? 'x' : join(one.root, 'x'));
    tried.add(key);
  }
  assert.deepEqual([...tried].sort(), Object.keys(CONFIG).sort(), 'all were tried');
});

test('the command line wins, and its source replaces that of the file with all that belongs to it', async (t) => {
  const root = suiteFolder(t, json({ tests: 'a', migrations: 'm', preset: 'supabase', continue: true, baseline: 'b' }));
  const settings = (options) => within(root, () => readSettings(options));
  const plain = await settings({ tests: undefined });
  assert.deepEqual([plain.tests, plain.migrations, plain.preset], [join(root, 'a'), join(root, 'm'), 'supabase']);
  const other = await settings({ tests: 'mine', catalog: 'c' });
  assert.deepEqual(other, { tests: 'mine', catalog: 'c', baseline: join(root, 'b'), scanner: {} });
  assert.deepEqual(await settings({ config: false }), { scanner: {} });
});

test('the documented type has the keys that there are', () => {
  const types = readFileSync(new URL('../lib/cli/config.d.ts', import.meta.url), 'utf8');
  const [, body] = /^export interface Config \{\n([^]*?)^\}$/m.exec(types);
  assert.deepEqual([...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, key]) => key), Object.keys(CONFIG));
});
