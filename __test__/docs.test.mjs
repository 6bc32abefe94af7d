// What the documents say is true: their examples run and print what they promise, and their links lead somewhere.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SUITE = join(ROOT, '__test__', 'fixtures', 'docs', 'tests');
const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true }).filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...inDocs];

// One folder per run: the package as installed, and a small suite in `tests`.
const scratch = mkdtempSync(join(tmpdir(), 'pgtap-docs-'));
after(() => rmSync(scratch, { recursive: true }));
mkdirSync(join(scratch, 'node_modules'));
symlinkSync(ROOT, join(scratch, 'node_modules', 'pgtap-scanner'), 'junction');
// Packages of others that examples use.
for (const name of ['@opentelemetry', 'express', 'fastify', 'prom-client']) symlinkSync(join(ROOT, 'node_modules', name), join(scratch, 'node_modules', name), 'junction');

const read = (document) => readFileSync(join(ROOT, document), 'utf8');

/** The fenced `js` blocks of a document, each with its line. */
function blocks(document) {
  const text = read(document);
  return [...text.matchAll(/^```js\n([^]*?)^```$/gm)].map(({ 1: code, index }) => ({
    name: `${document}:${text.slice(0, index).split('\n').length}`,
    code,
  }));
}

const EXAMPLES = DOCUMENTS.flatMap(blocks);
// Each line of output is promised by a comment: `// prints: …`.
const promised = (code) => [...code.matchAll(/\/\/ prints: (.*)$/gm)].map((match) => match[1]);

EXAMPLES.forEach(({ name, code }, at) => {
  test(`example ${name}`, async () => {
    const dir = join(scratch, `example-${at}`);
    cpSync(SUITE, join(dir, 'tests'), { recursive: true });
    const file = join(dir, /^import /m.test(code) ? 'example.mjs' : 'example.cjs');
    writeFileSync(file, code);
    const { stdout, stderr } = await run(process.execPath, [file], { cwd: dir, timeout: 120000 });
    assert.equal(stderr, '');
    assert.deepEqual(stdout.split('\n').filter(Boolean), promised(code));
  });
});

test('as many examples ran as there should be', () => {
  assert.equal(EXAMPLES.length, 58);
  assert.equal(EXAMPLES.filter(({ code }) => promised(code).length === 0).length, 0, 'each promises something');
});

/** GitHub's anchors of a document's headings. */
function anchors(path) {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading]) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'));
}

test('relative links lead somewhere', () => {
  let links = 0;
  for (const document of DOCUMENTS) {
    for (const [, target] of read(document).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = target.split('#');
      const file = path ? resolve(ROOT, dirname(document), path) : join(ROOT, document);
      assert.ok(existsSync(file), `${document}: ${target}`);
      if (anchor) assert.ok(anchors(file).includes(anchor), `${document}: ${target}`);
      links += 1;
    }
  }
  assert.ok(links >= 15, `${links} links`);
});

test('every option and every error code is documented', () => {
  const api = read('docs/api.md');
  const options = readFileSync(join(ROOT, 'lib', 'options.js'), 'utf8').match(/^ {2}\w+: \{/gm).map((m) => m.match(/\w+/)[0]);
  assert.equal(options.length, 23);
  for (const option of options) assert.ok(api.includes(`| \`${option}\` |`), option);
  const stores = require('../lib/store-options.js');
  const ofStores = [stores.STREAMING_OPTIONS, stores.COVERAGE_OPTIONS].flatMap(Object.keys);
  assert.equal(ofStores.length, 11);
  for (const option of ofStores) assert.ok(api.slice(api.indexOf('## Stores')).includes(`| \`${option}\` |`), option);
  const sources = ['lib', 'src'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .filter((name) => /\.(js|rs)$/.test(name))
      .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')));
  const codes = new Set(sources.flatMap((source) => source.match(/\b(?:ERR_)?PGTAP_[A-Z]+_[A-Z0-9_]+|\bERR_PGTAP_[A-Z0-9]+\b/g) ?? []));
  assert.ok(codes.size >= 8, `${[...codes]}`);
  const documented = [...read('docs/errors.md').matchAll(/^### `(\w+)`$/gm)].map((match) => match[1]);
  for (const code of codes) assert.ok(documented.includes(code), code);
});
