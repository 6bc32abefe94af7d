// What a program that only monitors memory does not load, and that all the rest is there for who asks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const MEMORY = fileURLToPath(new URL('../../lib/memory/', import.meta.url));

/** What the program printed, as JSON. `loaded()` are the files of this package that it has loaded, `names` the last part of each. */
function outcome(code, ...flags) {
  const program = `const toolkit = ${JSON.stringify(MEMORY)};
    const loaded = () => Object.keys(require.cache).map((file) => file.split(/[\\\\/]/).at(-1));
    ${code}`;
  return JSON.parse(execFileSync(process.execPath, [...flags, '-e', program], { encoding: 'utf8' }));
}

test('a monitor at its defaults loads what it needs and no more', () => {
  const files = outcome(`
    const { startMemoryMonitor, getMemoryStats } = require(toolkit + 'index.js');
    startMemoryMonitor();
    getMemoryStats();
    console.log(JSON.stringify(loaded()));`);
  // After more of them V8 optimizes Node's own code for paths; see docs/toolkit/sampling.md.
  assert.ok(files.length >= 10 && files.length <= 15, files.join(' '));
  assert.ok(!files.some((name) => /operations|gc-statistics|service|spike/.test(name)), files.join(' '));
});

test('each other part is loaded by the first that reads its name, and is a value from then on', () => {
  const { before, after, wrong, count, kept } = outcome(`
    const memory = require(toolkit + 'index.js');
    const before = loaded().includes('operations.js');
    const values = Object.entries(memory);
    const after = loaded().includes('operations.js');
    const wrong = values.filter(([name, value]) => value === undefined || memory[name] !== value).map(([name]) => name);
    const kept = Object.values(Object.getOwnPropertyDescriptors(memory)).every(({ value, writable }) => value && writable);
    console.log(JSON.stringify({ before, after, wrong, count: values.length, kept }));`);
  assert.deepEqual({ before, after, wrong, kept }, { before: false, after: true, wrong: [], kept: true });
  assert.ok(count >= 29, `${count} names`);
});

test('a part may be replaced before anybody read it', () => {
  const { own, loads } = outcome(`
    const memory = require(toolkit + 'index.js');
    memory.openBlackBox = () => 'mine';
    console.log(JSON.stringify({ own: memory.openBlackBox(), loads: loaded().includes('black-box.js') }));`);
  assert.deepEqual({ own, loads }, { own: 'mine', loads: false });
});

test('the type of a file that is loaded stands in the folder it lies in', () => {
  for (const folder of ['lib/memory', 'lib']) assert.equal(require(`../../${folder}/package.json`).type, 'commonjs', folder);
});

test('an ES module can import each name', async () => {
  const required = require('../../lib/memory/index.js');
  const imported = await import('../../lib/memory/index.js');
  const names = Object.keys(required);
  assert.ok(names.length >= 29, `${names.length} names`);
  for (const name of names) assert.equal(imported[name], required[name], name);
});

test('operations are counted by name, whoever measures them', () => {
  const top = outcome(`
    const { trackOperationSync } = require(toolkit + 'index.js');
    trackOperationSync('counted', () => {});
    // Until whoever listens was told.
    setTimeout(() => {
      const { memoryTracker } = require(toolkit + 'index.js');
      console.log(JSON.stringify(memoryTracker.getTopConsumers(1)));
    }, 100);`);
  assert.deepEqual(top.map(({ operation, callCount }) => [operation, callCount]), [['counted', 1]]);
});

test('every entry of the toolkit can be the first that is loaded', () => {
  const entries = ['operations', 'log-result', 'memory-tracker', 'spike-detector', 'database-memory', 'parts', 'clearable', 'gc-statistics'];
  for (const entry of entries) {
    const text = execFileSync(process.execPath, ['--trace-warnings', '-e', `
      const all = require(${JSON.stringify(`${MEMORY}${entry}.js`)});
      const { memoryTracker } = require(${JSON.stringify(`${MEMORY}memory-tracker.js`)});
      console.log(Object.values(all).every((value) => value !== undefined), typeof memoryTracker.getReport().current.heapUsed);`], { encoding: 'utf8' });
    assert.equal(text.trim(), 'true string', entry);
  }
});
