// Servers that run out of memory under load: with the middleware they refuse requests and live, without it they die.
//
// A short version of `npm run bench -- shedding`. What is asserted is who was answered how, and in which order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeline, verdict } from '../../benchmark/shedding-story.mjs';
import { dueBy, runShedding } from '../../benchmark/shedding.mjs';
import { memoryGroup } from '../memory-group.mjs';

const MB = 2 ** 20;
const FEW = 5;
/** When the load has fallen; the last requests of that time must be answered again. */
const CALM_SECONDS = 10;
const LAST = 5;
const phasesTo = (peak) => [{ seconds: 5, from: FEW, to: peak }, { seconds: 1, from: peak, to: FEW }, { seconds: CALM_SECONDS, from: FEW, to: FEW }];
const LOAD = { megabytes: 1, options: { pressure: { at: 'critical' } } };

function assertLived(run) {
  const { answers, probes, ended } = run;
  const story = () => JSON.stringify([verdict(run), ...timeline(run)], null, 1);
  assert.equal(ended, null, story());
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 503], story());
  // It refuses when memory is short, not before.
  assert.ok(answers.findIndex(({ status }) => status === 503) > FEW * 4, story());
  assert.deepEqual(answers.slice(-LAST).map(({ status }) => status), Array(LAST).fill(200), story());
  assert.ok(probes.length > CALM_SECONDS, story());
  assert.ok(probes.every(({ status }) => status === 200), story());
  assert.ok(probes.some(({ level }) => level === 'critical' || level === 'emergency'), story());
  assert.ok(['healthy', 'warning'].includes(probes.at(-1).level), story());
}

/** None was refused: what was not answered was lost. */
function assertDied({ answers, ended }) {
  const statuses = new Set(answers.map(({ status }) => status));
  assert.ok(statuses.has('ECONNRESET') && !statuses.has(503), JSON.stringify([...statuses]));
  assert.notEqual(ended, null);
}

const BUFFERS = { ...LOAD, holds: 'buffers', heldMs: 3_000, phases: phasesTo(120) };

test('Buffers in a container: 503 and alive with the middleware', async (t) => {
  const group = memoryGroup(t, 192 * MB);
  if (!group) return;
  assertLived(await runShedding({ ...BUFFERS, group, way: 'with' }));
  assert.equal(group.kills(), 0);
});

test('Buffers in a container: killed by the system without it', async (t) => {
  const group = memoryGroup(t, 192 * MB);
  if (!group) return;
  const run = await runShedding({ ...BUFFERS, group, way: 'without' });
  assertDied(run);
  assert.equal(run.ended.signal, 'SIGKILL');
  assert.equal(group.kills(), 1);
});

const HEAP = { ...LOAD, flags: ['--max-old-space-size=256'], holds: 'arrays', heldMs: 5_000, phases: phasesTo(120) };

test('arrays on the heap: 503 and alive with the middleware', async () => {
  assertLived(await runShedding({ ...HEAP, way: 'with' }));
});

test('arrays on the heap: ended by V8 without it', async () => {
  const run = await runShedding({ ...HEAP, way: 'without' });
  assertDied(run);
  assert.match(run.ended.stderr, /JavaScript heap out of memory/);
});

test('requests are due as the phases say', () => {
  const phases = [{ seconds: 2, from: 0, to: 10 }, { seconds: 1, from: 10, to: 10 }];
  assert.deepEqual([0, 1, 2, 2.5, 3, 9].map((seconds) => dueBy(seconds, phases)), [0, 2, 10, 15, 20, 20]);
});
