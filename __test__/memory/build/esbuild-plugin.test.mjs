// The plugin in real builds of esbuild: the monitor runs while they do.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import * as esbuild from 'esbuild';

import { suiteFolder } from '../../suite-folder.mjs';

const require = createRequire(import.meta.url);
const toolkit = require('../../../lib/memory/index.js');
const { engine } = require('../../../lib/memory/engine.js');
const { memoryMonitorPlugin } = require('../../../lib/memory/build/index.js');

/** Counts the watches that are open, and the most that were. */
function watches(t) {
  const counts = { open: 0, started: 0, options: [] };
  const { watch } = engine();
  t.mock.method(engine(), 'watch', function count(options) {
    const made = watch.call(this, options);
    const stop = made.stop.bind(made);
    counts.open += 1;
    counts.started += 1;
    counts.options.push(options);
    made.stop = () => {
      counts.open -= 1;
      stop();
    };
    return made;
  });
  return counts;
}

/** A plugin that notes how many watches are open while a file is loaded, and holds that up until it is told. */
function during(counts, seen, until = async () => {}) {
  return {
    name: 'during',
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, async () => {
        seen.push(counts.open);
        await until();
        return undefined;
      });
    },
  };
}

function entry(t, code = 'export const a = 1') {
  const file = join(suiteFolder(t, { 'a.js': code }), 'a.js');
  return { file, options: (...plugins) => ({ entryPoints: [file], write: false, bundle: true, logLevel: 'silent', plugins }) };
}

test('it is one function, by both entries', () => {
  assert.equal(toolkit.memoryMonitorPlugin, memoryMonitorPlugin);
});

test('the monitor runs during a build, with its options', async (t) => {
  const counts = watches(t);
  const seen = [];
  const { options } = entry(t);
  await esbuild.build(options(memoryMonitorPlugin({ intervalMs: 77, autoGC: true }), during(counts, seen)));
  assert.deepEqual([seen, counts.open, counts.started, counts.options[0].intervalMs], [[1], 0, 1, 77]);
});

test('a build that fails stops it, too', async (t) => {
  const counts = watches(t);
  const seen = [];
  const broken = entry(t, 'export const = 1').options(memoryMonitorPlugin(), during(counts, seen));
  await assert.rejects(esbuild.build(broken), /Build failed/);
  const thrower = { name: 'thrower', setup: ({ onStart, onEnd }) => { onStart(() => { throw new Error('at start'); }); onEnd(() => { throw new Error('at end'); }); } };
  for (const plugins of [[memoryMonitorPlugin(), thrower], [thrower, memoryMonitorPlugin()]]) {
    await assert.rejects(esbuild.build(entry(t).options(...plugins)), /at start/);
  }
  assert.deepEqual([seen, counts.open, counts.started], [[1], 0, 3]);
});

test('each rebuild of a context has it, and nothing between', async (t) => {
  const counts = watches(t);
  const seen = [];
  const { options, file } = entry(t);
  const context = await esbuild.context(options(memoryMonitorPlugin(), during(counts, seen)));
  assert.equal(counts.started, 0);
  for (let i = 0; i < 3; i += 1) {
    await context.rebuild();
    assert.equal(counts.open, 0);
    writeFileSync(file, `export const a = ${i}`);
  }
  const cancelled = context.rebuild().catch(() => {});
  await context.cancel();
  await cancelled;
  await context.dispose();
  assert.deepEqual([seen.slice(0, 3), counts.open, counts.started], [[1, 1, 1], 0, 4]);
});

test('watch mode', async (t) => {
  const counts = watches(t);
  const seen = [];
  const { options, file } = entry(t);
  const context = await esbuild.context(options(memoryMonitorPlugin(), during(counts, seen)));
  await context.watch();
  const builds = async (number) => {
    for (let tries = 0; (seen.length < number || counts.open > 0) && tries < 400; tries += 1) await wait(25);
    assert.deepEqual([seen.length, counts.open], [number, 0]);
  };
  await builds(1);
  writeFileSync(file, 'export const a = "changed"');
  await builds(2);
  await context.dispose();
  assert.deepEqual([seen, counts.open, counts.started], [[1, 1], 0, 2]);
});

test('builds at once with one plugin share the monitor, which runs until the last ends', async (t) => {
  const counts = watches(t);
  const seen = [];
  const plugin = memoryMonitorPlugin();
  const loading = Promise.withResolvers?.() ?? (() => { let resolve; const promise = new Promise((done) => { resolve = done; }); return { promise, resolve }; })();
  const { options } = entry(t);
  const slow = esbuild.build(options(plugin, during(counts, seen, () => loading.promise)));
  while (seen.length === 0) await wait(5);
  await esbuild.build(options(plugin, during(counts, seen)));
  assert.deepEqual([seen, counts.open], [[1, 1], 1], 'one build is left');
  loading.resolve();
  await slow;
  assert.deepEqual([counts.open, counts.started], [0, 1]);
});

test('a context that is disposed while it builds stops it', async (t) => {
  const counts = watches(t);
  const seen = [];
  const context = await esbuild.context(entry(t).options(memoryMonitorPlugin(), during(counts, seen, () => wait(200))));
  const building = context.rebuild().catch(() => {});
  while (seen.length === 0) await wait(5);
  await context.dispose();
  await building;
  assert.deepEqual([counts.open, counts.started], [0, 1]);
});

test("the program's own monitor goes on", async (t) => {
  const counts = watches(t);
  const handle = toolkit.startMemoryMonitor();
  await esbuild.build(entry(t).options(memoryMonitorPlugin()));
  assert.deepEqual([counts.open, counts.started], [1, 2]);
  handle.stop();
  assert.equal(counts.open, 0);
});

test('wrong options are told when the plugin is made', () => {
  assert.throws(() => memoryMonitorPlugin({ intervalMs: '5' }), (error) => {
    assert.equal(error.code, 'ERR_PGTAP_INVALID_OPTION');
    assert.match(error.stack.split('\n').find((line) => line.includes('  at ')), /esbuild-plugin\.test\.mjs/);
    return true;
  });
});
