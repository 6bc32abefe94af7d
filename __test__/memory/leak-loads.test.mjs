// The leak detector on real heaps: quiet where nothing leaks, and right about what does.
//
// A short version of `npm run bench -- leaks`, with other seeds. V8 collects when it likes, so the figures differ a
// little from run to run, and of so few windows two more or less are chance: the shares that docs/toolkit/leaks.md
// promises are the benchmark's to show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanRow, jobsOf, leakRow, rowsOf, runLoads } from '../../benchmark/leaks.mjs';
import { CLEAN, LEAKS } from '../children/memory/loads.mjs';

const WINDOWS = 5;
const SEED = 501;

test('leak-free loads of fourteen kinds raise no alarm', async () => {
  const rows = rowsOf(await runLoads(jobsOf(CLEAN, [SEED], WINDOWS)), CLEAN, cleanRow);
  assert.equal(Object.keys(rows).length, 14);
  const all = Object.values(rows);
  assert.equal(all.reduce((sum, row) => sum + row.windows, 0), 14 * WINDOWS);
  // 1 % of 70 windows is less than one.
  assert.ok(all.reduce((sum, row) => sum + row.alarms, 0) <= 1, JSON.stringify(rows));
});

test('leaks are found from the first pair of windows on, each with its label', async () => {
  const rows = rowsOf(await runLoads(jobsOf(LEAKS, [SEED], WINDOWS + 1)), LEAKS, leakRow);
  assert.equal(Object.keys(rows).length, 6);
  const sum = (each, key) => each.reduce((all, row) => all + row[key], 0);
  for (const [name, row] of Object.entries(rows)) {
    assert.equal(row.windows, WINDOWS);
    assert.ok(row.found >= WINDOWS - 1, `${name}: ${JSON.stringify(row)}`);
    // Most of the time, for each; nearly always, for all together.
    assert.ok(row.labelled > WINDOWS / 2, `${name}: ${JSON.stringify(row)}`);
  }
  // A cache is told from a steady growth by its bend, which has to show first.
  const others = Object.entries(rows).filter(([name]) => LEAKS[name].pattern !== 'cache_growth').map(([, row]) => row);
  assert.ok(sum(Object.values(rows), 'found') >= 0.9 * sum(Object.values(rows), 'windows'), JSON.stringify(rows));
  assert.ok(sum(others, 'labelled') >= 0.8 * sum(others, 'windows'), JSON.stringify(rows));
});
