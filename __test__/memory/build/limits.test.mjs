// What is decided before and after a step, by itself: the heap limit, NODE_OPTIONS, why a step ended.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { MB } from './building.mjs';

const require = createRequire(import.meta.url);
const { checkMemory } = require('../../../lib/memory/build/heap-limit.js');
const { nodeOptions } = require('../../../lib/memory/build/node-options.js');
const { exitCodeOf, reasonOf } = require('../../../lib/memory/build/verdict.js');
const { explain } = require('../../../lib/memory/build/explanation.js');
const { runManagedBuild, workspaceSteps } = require('../../../lib/memory/build/index.js');
const { BUILD_OPTIONS } = require('../../../lib/memory/build/options.js');

const memoryOf = (totalMB, availableMB, of = 'container') => ({ of, totalBytes: totalMB * MB, availableBytes: availableMB * MB });

test('the heap limit is at most three quarters of the memory, for all steps at once', () => {
  const cases = [
    [{ heapMB: 768, concurrency: 1 }, memoryOf(1024, 1000), 768, []],
    [{ heapMB: 769, concurrency: 1 }, memoryOf(1024, 1000), 768, ['The container has 1024 MB: the heap limit of 769 MB is lowered to 768 MB.']],
    [{ heapMB: 8192, concurrency: 4 }, memoryOf(16384, 16000, 'machine'), 3072, ['The machine has 16384 MB: the heap limit of 8192 MB is lowered to 3072 MB for each of 4 steps at once.']],
    [{ heapMB: 500, concurrency: 1 }, memoryOf(1024, 499), 500, ['Only 499 MB are available now: a step that fills its heap limit of 500 MB will not find the memory.']],
    [{ heapMB: 5, concurrency: 1 }, memoryOf(1, 1), 1, ['The container has 1 MB: the heap limit of 5 MB is lowered to 1 MB.']],
  ];
  for (const [options, memory, heapMB, warnings] of cases) {
    const found = checkMemory({ requiredMB: 0, ...options }, memory);
    assert.deepEqual([found.heapMB, found.warnings], [heapMB, warnings], JSON.stringify(options));
  }
  assert.doesNotThrow(() => checkMemory({ heapMB: 1, concurrency: 1, requiredMB: 100 }, memoryOf(1024, 100)));
  assert.throws(() => checkMemory({ heapMB: 1, concurrency: 1, requiredMB: 101 }, memoryOf(1024, 100)), {
    code: 'ERR_PGTAP_BUILD_MEMORY', requiredMB: 101, availableMB: 100, totalMB: 1024, message: /1 MB are missing/,
  });
});

test('NODE_OPTIONS keep what is there, with one limit of the heap', () => {
  const limit = '--max-old-space-size=100';
  const cases = [
    ['', limit, []],
    ['--no-warnings  --trace-gc', `--no-warnings --trace-gc ${limit}`, []],
    ['--max-old-space-size=7 --no-warnings', `--no-warnings ${limit}`, ['--max-old-space-size=7']],
    ['--max_old_space_size=7 --max-old-space-size=8', limit, ['--max_old_space_size=7', '--max-old-space-size=8']],
    ['--max-old-space-size 7 -r x', `-r x ${limit}`, ['--max-old-space-size 7']],
    ['--max-old-space-size-percentage=50', limit, ['--max-old-space-size-percentage=50']],
    ['--max-semi-space-size=16', `--max-semi-space-size=16 ${limit}`, []],
    ['--require "./a b.js" --require="c \\"d\\".js"', `--require "./a b.js" "--require=c \\"d\\".js" ${limit}`, []],
  ];
  for (const [given, text, replaced] of cases) {
    assert.deepEqual(nodeOptions(given, { heapMB: 100, autoGC: false }), { text, replaced }, given);
  }
  const collecting = nodeOptions('--expose-gc', { heapMB: 100, autoGC: true }).text;
  assert.equal(collecting.match(/--expose-gc/g).length, 1);
  assert.match(collecting, / --require \S+preload\.js$/);
});

test('Node.js reads them as they were written', () => {
  const { text } = nodeOptions('--title="a \\"b\\" \\\\ c"', { heapMB: 123, autoGC: false });
  const program = 'console.log(JSON.stringify([process.title, process.env.NODE_OPTIONS]))';
  const [title] = JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: text } }));
  assert.equal(title, 'a "b" \\ c');
});

const events = (oomKill, max) => ({ oomKill, max, oom: null, high: null });

/** A step that ended, with memory as it was before and after. */
function ended(more, { of = 'container', before = events(5, 10), after = before } = {}) {
  const memory = { of, totalBytes: 512 * MB, usedBytes: 256 * MB, availableBytes: 256 * MB };
  return { exitCode: null, signal: null, error: null, errors: '', peak: null, memory: { before: { ...memory, events: before }, after: { ...memory, events: after } }, ...more };
}

const FATAL = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n';

test('why a step ended', () => {
  const kill = { after: events(6, 12) };
  const cases = [
    [ended({ exitCode: 0 }), 'completed', 0],
    [ended({ exitCode: 0, errors: FATAL }), 'completed', 0],
    [ended({ signal: 'SIGABRT', errors: `x\n${FATAL}` }), 'heap-limit', 134],
    [ended({ exitCode: 134, errors: FATAL }), 'heap-limit', 134],
    [ended({ exitCode: 1, errors: FATAL }), 'heap-limit', 1],
    [ended({ signal: 'SIGABRT', errors: 'Assertion failed' }), 'aborted', 134],
    [ended({ exitCode: 134, errors: 'we print FATAL ERROR: JavaScript heap out of memory' }), 'aborted', 134],
    [ended({ signal: 'SIGKILL' }, kill), 'container-limit', 137],
    [ended({ exitCode: 137 }, kill), 'container-limit', 137],
    [ended({ exitCode: 1 }, kill), 'container-limit', 1],
    [ended({ signal: 'SIGKILL' }, { after: events(6, 10) }), 'machine-memory', 137],
    [ended({ signal: 'SIGKILL' }, { of: 'machine', after: events(6, 12) }), 'machine-memory', 137],
    [ended({ signal: 'SIGKILL' }, { before: events(5, null), after: events(6, null) }), 'container-limit', 137],
    [ended({ signal: 'SIGKILL' }, { after: events(5, 99) }), 'killed', 137],
    [ended({ exitCode: 137 }), 'killed', 137],
    [ended({ signal: 'SIGKILL' }, { before: null, after: null }), 'killed-unknown', 137],
    [ended({ exitCode: 1 }, { before: null, after: null }), 'failed', 1],
    [ended({ signal: 'SIGTERM' }), 'signal', 143],
    [ended({ exitCode: 9, errors: 'node: --expose-gc is not allowed in NODE_OPTIONS' }), 'node-options', 9],
    [ended({ exitCode: 9 }), 'failed', 9],
    [ended({ error: Object.assign(new Error('spawn x ENOENT'), { code: 'ENOENT' }) }), 'not-started', 127],
    [ended({ error: Object.assign(new Error('spawn x EACCES'), { code: 'EACCES' }) }), 'not-started', 126],
  ];
  for (const [how, reason, code] of cases) {
    assert.deepEqual([reasonOf(how), exitCodeOf(how)], [reason, code], JSON.stringify({ ...how, error: how.error?.code }));
    const words = explain(reason, { ...how, command: 'x', heapMB: 100, largestMB: 384 });
    assert.equal(words === null, reason === 'completed');
    if (words) assert.match(words, /\. Memory: 256\.00MB \/ 512\.00MB \(50%\)$|EACCES Memory/, words);
  }
});

test('what is told of a limit that was met', () => {
  const peak = { rssBytes: 500 * MB, anonymousBytes: 400 * MB, processes: 3, largest: { pid: 7, name: 'node', rssBytes: 450 * MB } };
  const of = { ...ended({ signal: 'SIGKILL', peak }, { after: events(6, 12) }), command: 'x', heapMB: 384, largestMB: 384 };
  assert.equal(explain('container-limit', of), "The kernel killed a process of it: the container's limit of 512.00MB was met. At the peak, node (process 7) took"
    + ' 450.00MB of 500.00MB. Give the container more memory, lower the heap limit (384 MB), or run fewer steps at once. Memory: 256.00MB / 512.00MB (50%), peak 500.00MB in 3 processes');
  assert.match(explain('heap-limit', of), /The limit is as high as memory allows/);
});

/** Kinds of values, by what they are. */
const KINDS = {
  number: 50, zero: 0, negative: -1, fraction: 10.5, nan: NaN, infinity: Infinity, huge: 2 ** 31, string: '50', boolean: true, null: null,
  bigint: 5n, symbol: Symbol('s'), array: [], object: {}, function: () => {}, signal: AbortSignal.abort(), logger: { log() {} },
};
const TAKEN = {
  steps: [], heapMB: ['number'], sequential: ['boolean'], concurrency: ['null'], requiredMB: ['number', 'zero'], intervalMs: ['number'],
  autoGC: ['boolean'], json: ['boolean'], logger: ['logger'], signal: ['signal', 'null'],
};

test('every option is told from a wrong kind of value', async () => {
  assert.deepEqual(Object.keys(TAKEN), Object.keys(BUILD_OPTIONS), 'all of them');
  // Aborted before it starts anything, unless that is what is tried.
  const fine = { steps: ['exit 0'], logger: { log() {} }, signal: AbortSignal.abort(new Error('checked')) };
  let tried = 0;
  for (const [option, taken] of Object.entries(TAKEN)) {
    for (const [kind, value] of Object.entries(KINDS)) {
      if (option === 'signal' && kind === 'null') continue;
      tried += 1;
      await assert.rejects(runManagedBuild({ ...fine, [option]: value }), (error) => {
        if (taken.includes(kind)) return option === 'signal' ? error.name === 'AbortError' : error.message === 'checked';
        return error.code === 'ERR_PGTAP_INVALID_OPTION' && error.message.includes(`option "${option}`);
      }, `${option}: ${kind}`);
    }
  }
  assert.equal(tried, 10 * 17 - 1);
  await assert.rejects(runManagedBuild({ ...fine, sequential: false, concurrency: 3 }), /checked/);
  await assert.rejects(runManagedBuild({ ...fine, concurrency: 3 }), /null, unless sequential is false, for option "concurrency" but received 3/);
});

test('every part of a step is checked, and named', async () => {
  const cases = [
    ['', 'steps[0]'], [7, 'steps[0]'], [null, 'steps[0]'], [{}, 'steps[0].name'], [{ name: 'a' }, 'steps[0].command'], [{ name: '', command: 'b' }, 'steps[0].name'],
    [{ name: 'a', command: 'b', args: 'c' }, 'steps[0].args'], [{ name: 'a', command: 'b', args: [1] }, 'steps[0].args'], [{ name: 'a', command: 'b', cwd: 1 }, 'steps[0].cwd'],
    [{ name: 'a', command: 'b', env: { A: 1 } }, 'steps[0].env'], [{ name: 'a', command: 'b', env: [] }, 'steps[0].env'], [{ name: 'a', command: 'b', shell: 'sh' }, 'steps[0].shell'],
    [{ name: 'a', command: 'b', arg: [] }, 'only name, command, args, cwd, env, shell for option "steps[0]"'],
  ];
  for (const [step, text] of cases) {
    await assert.rejects(runManagedBuild({ steps: [step] }), (error) => error.code === 'ERR_PGTAP_INVALID_OPTION' && error.message.includes(text), JSON.stringify(step));
  }
  await assert.rejects(runManagedBuild({ steps: ['exit 0', 5] }), /option "steps\[1\]" but received 5/);
  await assert.rejects(runManagedBuild(null), /the options/);
  await assert.rejects(workspaceSteps({ folder: 5 }), { code: 'ERR_PGTAP_INVALID_OPTION' });
  await assert.rejects(workspaceSteps({ script: '' }), { code: 'ERR_PGTAP_INVALID_OPTION' });
});
