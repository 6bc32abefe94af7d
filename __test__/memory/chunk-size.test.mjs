// Chunk sizes follow from the memory that is left.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { MB, child } from './collecting.mjs';

const require = createRequire(import.meta.url);
const { MemoryMonitor } = require('../../lib/index.js');
const { determineOptimalChunkSize } = require('../../lib/memory/index.js');

function given(t, left) {
  t.mock.method(MemoryMonitor, 'getAvailableMemory', () => left);
}

const LEFT = { heapBytes: 100 * MB, containerBytes: null, systemBytes: 1000 * MB };

test('the least of heap, container and system decides', async (t) => {
  for (const [left, expected] of [
    [LEFT, 10], [{ ...LEFT, containerBytes: 50 * MB }, 5], [{ ...LEFT, systemBytes: 20 * MB }, 2], [{ ...LEFT, heapBytes: 0 }, 1],
  ]) {
    given(t, left);
    assert.equal(await determineOptimalChunkSize({ bytesPerItem: MB }), expected, JSON.stringify(left));
    t.mock.restoreAll();
  }
});

test('options bound the answer', async (t) => {
  given(t, LEFT);
  for (const [options, expected] of [
    [undefined, 10_000], [{ max: 20_000 }, 10_240], [{ bytesPerItem: MB, maxFraction: 0.5 }, 50], [{ bytesPerItem: 1000 * MB }, 1],
    [{ bytesPerItem: 1000 * MB, min: 7 }, 7], [{ bytesPerItem: MB, max: 4 }, 4], [{ bytesPerItem: 0.5 }, 10_000],
  ]) assert.equal(await determineOptimalChunkSize(options), expected, JSON.stringify(options));
});

test('a heap that may not grow much gives small chunks', async () => {
  const program = 'memory.determineOptimalChunkSize({ bytesPerItem: 10240, max: 1e9 }).then(print);';
  const [small] = await child(program, ['--max-old-space-size=64']);
  assert.ok(small > 300 && small < 6000, `${small}`);
});

test('wrong options say what is allowed', async () => {
  const rejects = (options, message, name = 'RangeError') => (
    assert.rejects(determineOptimalChunkSize(options), { name, code: 'ERR_PGTAP_INVALID_OPTION', message }));
  await rejects({ bytesPerItem: 0 }, /bytes above 0 for option "bytesPerItem"/);
  await rejects({ bytesPerItem: '1' }, /bytesPerItem/, 'TypeError');
  await rejects({ maxFraction: 1.1 }, /above 0 and up to 1/);
  await rejects({ min: 1.5 }, /an integer of 1 or more/);
  await rejects({ min: 5, max: 4 }, /at most option "max" \(4\) for option "min"/);
});
