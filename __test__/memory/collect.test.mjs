import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const path = require.resolve('../../lib/memory/collect.js');
const { collect } = require(path);

/** What `code` prints in a process of its own, where `collect` is at hand. */
const run = (code, ...flags) =>
  JSON.parse(execFileSync(process.execPath, [...flags, '-e', `const { collect } = require(${JSON.stringify(path)});${code}`]));

const GARBAGE = 'let all = []; for (let i = 0; i < 200_000; i++) all.push({ i }); all = null;';

for (const flags of [[], ['--expose-gc']]) {
  test(`garbage is collected ${flags.length ? 'with' : 'without'} --expose-gc`, () => {
    const found = run(`${GARBAGE} console.log(JSON.stringify(collect()))`, ...flags);
    assert.equal(found.ran, true);
    assert.ok(found.freedBytes > 4e6, `${found.freedBytes} freed`);
    assert.ok(found.durationMs > 0);
    assert.equal('why' in found, false);
  });
}

test('a minor collection leaves old objects to a major one', () => {
  const found = run(`
    let old = Array.from({ length: 300_000 }, (_, i) => ({ i }));
    collect();
    old = null;
    console.log(JSON.stringify([collect({ kind: 'minor' }), collect()]));`);
  const [minor, major] = found;
  assert.ok(minor.ran && major.ran);
  assert.ok(minor.freedBytes < major.freedBytes / 4, `${minor.freedBytes} against ${major.freedBytes}`);
});

test('memory of Buffers counts as freed', () => {
  const found = run('(() => Buffer.alloc(64 << 20, 1).length)(); console.log(JSON.stringify(collect()))');
  assert.ok(found.freedBytes > 60e6, `${found.freedBytes} freed`);
});

test("a gc() of the program's own that collects nothing is told apart", () => {
  const found = run('globalThis.gc = () => {}; console.log(JSON.stringify(collect()))');
  assert.equal(found.ran, false);
  assert.match(found.why, /globalThis\.gc collected nothing/);
});

test('later contexts get no gc() that they did not ask for', () => {
  const kinds = run(`collect(); console.log(JSON.stringify([typeof gc, require('node:vm').runInNewContext('typeof gc')]))`);
  assert.deepEqual(kinds, ['undefined', 'undefined']);
});

test('a gc() that throws is the caller’s to see', () => {
  const before = globalThis.gc;
  globalThis.gc = () => {
    throw new Error('mine');
  };
  try {
    assert.throws(() => collect(), /mine/);
  } finally {
    if (before === undefined) delete globalThis.gc;
    else globalThis.gc = before;
  }
});
