'use strict';

const { PgTapError, invalid } = require('../../errors.js');
const { readOptions, rule } = require('../../options.js');
const { FUNCTION, MEGABYTES, NAME, checkArgument } = require('../rules.js');
const { alive, highest } = require('./alive.js');
const { budgetTarget, budgetTargets } = require('./budget-targets.js');

const MB = 1024 * 1024;
const MOST_ITERATIONS = 1e6;

const count = (least) => rule(`an integer from ${least} to ${MOST_ITERATIONS}`, (value) => {
  if (typeof value !== 'number') return 'type';
  return Number.isInteger(value) && value >= least && value <= MOST_ITERATIONS ? undefined : 'range';
});

const BUDGET_OPTIONS = {
  maxMemoryMB: { default: undefined, ...MEGABYTES, meaning: 'the most that a call may hold at once, and all calls may keep' },
  iterations: { default: 100, ...count(1), meaning: 'calls that are measured' },
  warmup: { default: 3, ...count(0), meaning: 'calls before, for what is made once: caches, compiled code' },
  input: { default: undefined, ...rule('anything', () => undefined), meaning: 'what the function is called with' },
};

const inMB = (bytes) => Math.round((bytes / MB) * 100) / 100;

function targetOf(name, fn, from) {
  if (fn !== undefined) checkArgument(FUNCTION, fn, 'fn', from);
  const target = fn ?? budgetTarget(name);
  if (target) return target;
  const known = budgetTargets();
  const names = known.length > 0 ? `one of ${known.slice(0, 20).join(', ')}` : 'one that registerBudgetTarget() made known (none is)';
  throw invalid(`a function as third argument, or as name ${names},`, 'name', name, { range: true, from });
}

async function measure(target, { iterations, warmup, input }) {
  for (let i = 0; i < warmup; i += 1) await target(input);
  const first = alive();
  let peak = 0;
  for (let i = 0; i < iterations; i += 1) {
    // What earlier calls left is not this one's; it counts as kept.
    const before = alive();
    peak = Math.max(peak, (await highest(() => target(input))) - before);
  }
  return { peakBytes: Math.max(0, peak), keptBytes: Math.max(0, alive() - first) };
}

function overBudget(name, maxMemoryMB, result) {
  const { usedMB, peakMB, keptMB, iterations } = result;
  const what = keptMB >= peakMB ? `${iterations} calls kept ${keptMB} MB` : `a call held ${peakMB} MB at once`;
  const error = new PgTapError('ERR_PGTAP_MEMORY_BUDGET', `${name} is over its budget of ${maxMemoryMB} MB: ${what}`);
  return Object.assign(error, { maxMemoryMB, usedMB, ...result });
}

/** Measures a function and rejects when it takes more memory than it may; documented in index.d.ts. */
async function testMemoryBudget(name, options, fn) {
  checkArgument(NAME, name, 'name', testMemoryBudget);
  const { maxMemoryMB, ...how } = readOptions(options, testMemoryBudget, BUDGET_OPTIONS);
  const target = targetOf(name, fn, testMemoryBudget);
  const { peakBytes, keptBytes } = await measure(target, { ...how, input: options.input });
  const [peakMB, keptMB] = [inMB(peakBytes), inMB(keptBytes)];
  const result = { name, iterations: how.iterations, usedMB: Math.max(peakMB, keptMB), peakMB, keptMB, keptBytesPerCall: keptBytes / how.iterations };
  if (Math.max(peakBytes, keptBytes) > maxMemoryMB * MB) throw overBudget(name, maxMemoryMB, result);
  return result;
}

module.exports = { testMemoryBudget };
