// A panic on the native side kills no process: it becomes an error, and the object refuses further calls.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { NativeScanner } = require('../lib/native.js');

test('a panic becomes an error with a code, and the scanner refuses what follows', () => {
  const broken = new NativeScanner('{}');
  assert.throws(() => broken.__panic(), { code: 'ERR_PGTAP_INTERNAL' });
  assert.throws(() => broken.extract('SELECT pass();'), { code: 'ERR_PGTAP_POISONED' });
});

test('other scanners go on', () => {
  assert.equal(JSON.parse(new NativeScanner('{}').extract('SELECT pass();')).length, 1);
});
