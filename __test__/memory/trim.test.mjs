// trimNativeMemory gives back what the C library holds.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { trimNativeMemory } = require('../../lib/memory/trim.js');
const MODULE = JSON.stringify(fileURLToPath(new URL('../../lib/memory/trim.js', import.meta.url)));
const MB = 1024 * 1024;

const isGlibc = process.platform === 'linux' && Boolean(process.report.getReport().header.glibcVersionRuntime);

test('at least half of what freed buffers left behind goes back', { skip: !isGlibc && 'needs glibc' }, () => {
  const program = `
    const { trimNativeMemory } = require(${MODULE});
    const start = process.memoryUsage.rss();
    let held = Array.from({ length: 40_000 }, () => Buffer.allocUnsafeSlow(4_000).fill(1));
    held = held.filter((_, at) => at % 100 === 0);
    // Nothing on the stack holds the others any more when they are collected.
    setImmediate(() => {
      gc();
      gc();
      const freed = process.memoryUsage().arrayBuffers < 10 * 1024 * 1024;
      console.log(JSON.stringify([start, trimNativeMemory(), freed, held.length]));
    });`;
  const [start, trimmed, freed] = JSON.parse(execFileSync(process.execPath, ['--expose-gc', '-e', program], { encoding: 'utf8' }));
  assert.ok(freed);
  assert.deepEqual([trimmed.ran, trimmed.allocator, 'why' in trimmed], [true, 'glibc', false]);
  const kept = trimmed.rssBeforeBytes - start;
  assert.ok(kept > 60 * MB, `collecting gave nearly all of it back: ${kept} bytes are kept`);
  const given = trimmed.rssBeforeBytes - trimmed.rssAfterBytes;
  assert.ok(given > kept / 2, `${given} of ${kept} bytes`);
});

test('a trim says what it did', () => {
  const trimmed = trimNativeMemory();
  assert.equal(trimmed.ran, isGlibc);
  assert.equal(typeof trimmed.why, isGlibc ? 'undefined' : 'string');
  assert.ok(trimmed.durationMs >= 0);
  assert.ok(trimmed.rssBeforeBytes > 10 * MB);
});

const JEMALLOC = ['/usr/lib/x86_64-linux-gnu/libjemalloc.so.2', '/usr/lib/aarch64-linux-gnu/libjemalloc.so.2'].find(existsSync);

test('another allocator is told, and not trimmed', { skip: !JEMALLOC && 'jemalloc is not installed' }, () => {
  const program = `console.log(JSON.stringify(require(${MODULE}).trimNativeMemory()))`;
  const env = { ...process.env, LD_PRELOAD: JEMALLOC };
  const trimmed = JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', env }));
  assert.deepEqual([trimmed.ran, trimmed.allocator], [false, 'jemalloc']);
  assert.match(trimmed.why, /malloc_trim/);
});
