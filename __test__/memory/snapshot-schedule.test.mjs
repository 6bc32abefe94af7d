// scheduleSnapshots: when, what instead, and that nothing of it reaches the program.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { Session } from 'node:inspector';
import { createRequire } from 'node:module';
import { afterEach, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { suiteFolder } from '../suite-folder.mjs';

const require = createRequire(import.meta.url);
const { scheduleWith } = require('../../lib/memory/snapshots/snapshot-schedule.js');
const { scheduleSnapshots } = require('../../lib/memory/snapshots/schedule.js');
const LIBRARY = JSON.stringify(fileURLToPath(new URL('../../lib/memory/snapshots/schedule.js', import.meta.url)));
const MINUTE = 60_000;

afterEach(() => { delete process.env.MEMORY_ENABLE_SNAPSHOTS; });

/** A schedule under fake time, over a taker that remembers what it was asked. */
function scheduled(t, options, answer = async ({ reason }) => ({ file: 'x', reason })) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const asked = [];
  const schedule = scheduleWith({ dir: suiteFolder(t), ...options }, (how) => { asked.push(how); return answer(how); }, scheduled);
  t.after(() => schedule.stop());
  return { schedule, asked };
}

for (const [production, minutes] of [[true, 30], [false, 10]]) {
  test(`every ${minutes} minutes with production: ${production}`, async (t) => {
    process.env.MEMORY_ENABLE_SNAPSHOTS = 'true';
    const { schedule, asked } = scheduled(t, { production, take: { maxPauseMs: 7 } });
    assert.equal(schedule.intervalMs, minutes * MINUTE);
    t.mock.timers.tick(minutes * MINUTE - 1);
    assert.equal(asked.length, 0);
    for (const count of [1, 2, 3]) {
      t.mock.timers.tick(count === 1 ? 1 : minutes * MINUTE);
      await turn();
      assert.equal(asked.length, count);
    }
    assert.deepEqual([asked[0].reason, asked[0].maxPauseMs], ['scheduled', 7]);
    schedule.stop();
    schedule.stop();
    t.mock.timers.tick(90 * MINUTE);
    assert.equal(asked.length, 3);
  });
}

test('snapshots are off in production unless the environment says true', (t) => {
  const on = (production) => {
    const schedule = scheduleSnapshots({ dir: suiteFolder(t), production });
    schedule.stop();
    return schedule.snapshots;
  };
  const found = [undefined, '', 'true', 'false', '1'].map((said) => {
    if (said === undefined) delete process.env.MEMORY_ENABLE_SNAPSHOTS;
    else process.env.MEMORY_ENABLE_SNAPSHOTS = said;
    return [on(true), on(false)];
  });
  assert.deepEqual(found, [[false, true], [false, true], [true, true], [false, false], [false, false]]);
});

test('a summary instead: switched off, and refused', async (t) => {
  const dir = suiteFolder(t);
  const refusal = { refused: true, why: 'memory', needBytes: 2, haveBytes: 1, message: 'no' };
  const off = scheduled(t, { dir, production: true });
  t.mock.timers.tick(30 * MINUTE);
  const [first] = await once(off.schedule, 'summary');
  assert.deepEqual([first.why, off.asked.length], ['disabled', 0]);
  const saved = JSON.parse(readFileSync(first.file, 'utf8'));
  assert.deepEqual([saved.reason, saved.why, saved.intervalBytes], ['scheduled', 'disabled', 524288]);
  assert.ok(saved.heapUsedBytes > 0 && Array.isArray(saved.allocators));
  assert.equal(statSync(first.file).mode & 0o777, 0o600);
  t.mock.timers.reset();
  const refused = scheduled(t, { dir, production: false }, async () => refusal);
  const told = [];
  refused.schedule.on('refused', (info) => told.push(info));
  t.mock.timers.tick(10 * MINUTE);
  const [second] = await once(refused.schedule, 'summary');
  assert.deepEqual([told, second.why], [[refusal], 'memory']);
  assert.equal(readdirSync(dir).length, 2);
});

for (const kind of ['onSpike', 'emitter']) {
  test(`critical spikes: ${kind}`, async (t) => {
    const emitter = new EventEmitter();
    const onSpike = (callback) => { emitter.on('spike', callback); return () => emitter.off('spike', callback); };
    const { schedule, asked } = scheduled(t, { spikes: kind === 'emitter' ? emitter : { onSpike }, production: false });
    const spike = async (severity) => { emitter.emit('spike', { severity }); await turn(); };
    await spike('high');
    assert.equal(asked.length, 0);
    await spike('critical');
    await spike('critical');
    assert.deepEqual(asked.map(({ reason }) => reason), ['critical spike'], 'a storm of spikes makes one');
    t.mock.timers.tick(5 * MINUTE);
    await spike('critical');
    assert.equal(asked.length, 2);
    schedule.stop();
    assert.equal(emitter.listenerCount('spike'), 0);
  });
}

test('critical spikes are answered, others are not, and not those that follow a save', async (t) => {
  let finish;
  const spikes = new EventEmitter();
  const { asked } = scheduled(t, { production: false, intervalMs: 60 * MINUTE, spikes }, () => new Promise((settle) => { finish = settle; }));
  const spike = async (severity) => { spikes.emit('spike', { severity }); await turn(); };
  const saved = async () => { finish({ file: 'x' }); await turn(); };
  await spike('medium');
  await spike('high');
  assert.equal(asked.length, 0);
  t.mock.timers.tick(60 * MINUTE);
  await saved();
  // What the schedule's own snapshot took shows as a spike.
  await spike('critical');
  t.mock.timers.tick(5 * MINUTE - 1);
  await spike('critical');
  assert.equal(asked.length, 1);
  t.mock.timers.tick(1);
  await spike('critical');
  assert.equal(asked.length, 2);
  t.mock.timers.tick(4 * MINUTE);
  await saved();
  t.mock.timers.tick(4 * MINUTE);
  await spike('critical');
  assert.equal(asked.length, 2, 'eight minutes from its beginning are four from its end');
  t.mock.timers.tick(MINUTE);
  await spike('critical');
  assert.equal(asked.length, 3);
  await saved();
});

test('sampling that somebody else ended is a failure once, and there for the next summary', async (t) => {
  const { schedule } = scheduled(t, { production: true });
  const other = new Session();
  other.connect();
  other.post('HeapProfiler.stopSampling', () => {});
  other.disconnect();
  const next = async (event) => { t.mock.timers.tick(30 * MINUTE); return (await once(schedule, event))[0]; };
  assert.equal((await next('failure')).code, 'ERR_PGTAP_SAMPLING');
  assert.equal((await Promise.race([next('summary'), once(schedule, 'failure')])).why, 'disabled');
});

test('a trigger during the work of another adds nothing', async (t) => {
  let finish;
  const { asked } = scheduled(t, { production: false }, () => new Promise((settle) => { finish = settle; }));
  t.mock.timers.tick(30 * MINUTE);
  assert.equal(asked.length, 1);
  finish({ file: 'x' });
  await turn();
  t.mock.timers.tick(10 * MINUTE);
  assert.equal(asked.length, 2);
});

test('failures are told, and so is each listener that fails, once', async (t) => {
  const warnings = [];
  const onWarning = ({ code, message }) => warnings.push([code, message]);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const { schedule } = scheduled(t, { production: false }, async () => { throw Object.assign(new Error('disk gone'), { code: 'ERR_PGTAP_SNAPSHOT_IO' }); });
  const round = async () => { t.mock.timers.tick(10 * MINUTE); await turn(); await turn(); };
  await round();
  assert.equal(warnings.length, 1, 'nobody listens, so it is a warning');
  assert.equal(warnings[0][0], 'ERR_PGTAP_SNAPSHOT_IO');
  const failures = [];
  schedule.on('failure', () => { throw new Error('mine'); });
  schedule.on('failure', async () => { throw new Error('mine, later'); });
  schedule.on('failure', (error) => failures.push(error.message));
  await round();
  await round();
  assert.deepEqual(failures, ['disk gone', 'disk gone']);
  assert.deepEqual(warnings.slice(1), [
    ['PGTAP_MEMORY_LISTENER', 'A listener of "failure" failed: mine'],
    ['PGTAP_MEMORY_LISTENER', 'A listener of "failure" failed: mine, later'],
  ]);
});

test('it does not keep the process', (t) => {
  const program = `require(${LIBRARY}).scheduleSnapshots({ dir: ${JSON.stringify(suiteFolder(t))} }); console.log('end');`;
  assert.equal(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 60_000 }), 'end\n');
});

test('wrong options', () => {
  for (const [options, name] of [[{ dir: '' }, 'dir'], [{ dir: '.', spikes: {} }, 'spikes'], [{ dir: '.', production: 1 }, 'production'],
    [{ dir: '.', intervalMs: 999 }, 'intervalMs'], [{ dir: '.', intervalMs: '5000' }, 'intervalMs'], [{ dir: '.', take: 5 }, 'take']]) {
    assert.throws(() => scheduleSnapshots(options), (error) => error.code === 'ERR_PGTAP_INVALID_ARGUMENT' && error.message.includes(`"${name}"`));
  }
});
