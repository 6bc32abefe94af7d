// A panic on the native side kills no process: it becomes an error, and the object refuses further calls.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { NativeScanner } = require('../lib/native.js');
const { PgTapScanner } = require('../lib/index.js');
const { engine } = require('../lib/memory/engine.js');
const { MemoryManagerService, startMemoryMonitor, getMemoryStats } = require('../lib/memory/index.js');

test('a panic becomes an error with a code, and the scanner refuses what follows', () => {
  const broken = new NativeScanner('{}');
  assert.throws(() => broken.__panic(), { code: 'ERR_PGTAP_INTERNAL' });
  assert.throws(() => broken.extract('SELECT pass();'), { code: 'ERR_PGTAP_POISONED' });
});

test('other scanners go on', () => {
  assert.equal(JSON.parse(new NativeScanner('{}').extract('SELECT pass();')).length, 1);
});

const REFUSED = { code: 'ERR_PGTAP_POISONED' };

test('a panic of the memory engine is told once, what it left refuses calls, and what is started again works', async (t) => {
  const keepAlive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(keepAlive));
  const manager = new MemoryManagerService();
  await manager.initialize({ intervalMs: 1000 });
  t.after(() => manager.shutdown());
  const broken = engine();
  const watch = broken.watch({ intervalMs: 10, leaks: true });
  await once(watch, 'sample');
  const warnings = [];
  const onWarning = ({ code, detail }) => warnings.push([code, /ERR_PGTAP_POISONED|earlier call/.test(detail)]);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));

  assert.throws(() => broken.native.__panic(), { code: 'ERR_PGTAP_INTERNAL' });
  await once(process, 'warning');
  const calls = [() => watch.check(), () => watch.read(), () => watch.level, () => watch.history(), () => watch.trend(5), () => broken.watch(),
    () => broken.leakReport(), () => broken.forget(0), () => broken.native.collection(1, true, 2, 1)];
  for (const call of calls) assert.throws(call, REFUSED, String(call));
  await assert.rejects(manager.checkMemoryPressure(), REFUSED);
  watch.stop();

  assert.notEqual(engine(), broken);
  const next = engine().watch({ intervalMs: 10 });
  t.after(() => next.stop());
  for (let count = 0; count < 3; count += 1) await once(next, 'sample');
  assert.equal(next.level, 'healthy');
  await manager.shutdown();
  await manager.initialize({ intervalMs: 1000 });
  assert.equal((await manager.checkMemoryPressure()).level, 'healthy');
  startMemoryMonitor().stop();
  assert.ok(getMemoryStats().heapUsedMB > 0);
  const scanner = new PgTapScanner({ cleanupInterval: 10 });
  assert.ok((await scanner.scanDirectory(new URL('../examples/bookshop/tests', import.meta.url).pathname)).length > 0);
  assert.deepEqual(warnings, [['PGTAP_MEMORY_STOPPED', true]]);
});
