'use strict';

const { queryObjects } = require('node:v8');

const { PgTapError } = require('../../errors.js');
const { readOptions, rule } = require('../../options.js');
const { FUNCTION, checkArgument } = require('../rules.js');
const { alive } = require('./alive.js');

const MB = 1024 * 1024;
const MOST = 1e6;
/** Less is noise: compiled code, feedback of the engine's. */
const NOISE_MB = 0.25;

const count = (least) => rule(`an integer from ${least} to ${MOST}`, (value) => {
  if (typeof value !== 'number') return 'type';
  return Number.isInteger(value) && value >= least && value <= MOST ? undefined : 'range';
});
const GROWTH = rule('a number of MB, 0 or more', (value) => {
  if (typeof value !== 'number') return 'type';
  return value >= 0 && Number.isFinite(value) ? undefined : 'range';
});
const CLASSES = rule('an array of classes', (value) => {
  if (!Array.isArray(value)) return 'type';
  return value.every((each) => typeof each === 'function') ? undefined : 'range';
});

const LEAK_OPTIONS = {
  cycles: { default: 6, ...count(3), meaning: 'floors that are taken' },
  iterationsPerCycle: { default: 10, ...count(1), meaning: 'calls between two floors' },
  warmup: { default: 10, ...count(0), meaning: 'calls before the first floor' },
  maxGrowthMB: { default: NOISE_MB, ...GROWTH, meaning: 'growth from the first floor to the last that is no leak' },
  classes: { default: [], ...CLASSES, meaning: 'classes of which not one more instance may stay' },
};

/** Floors that go up and down leak nothing: all but one step must go up. */
function rises(floors) {
  const down = floors.filter((floor, at) => at > 0 && floor <= floors[at - 1]).length;
  return down <= (floors.length > 4 ? 1 : 0);
}

const instances = (classes) => classes.map((each) => queryObjects(each, { format: 'count' }));

async function repeat(fn, times) {
  for (let i = 0; i < times; i += 1) await fn();
}

async function measure(fn, { cycles, iterationsPerCycle, warmup, classes }) {
  await repeat(fn, warmup);
  const floors = [alive()];
  const before = instances(classes);
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    await repeat(fn, iterationsPerCycle);
    floors.push(alive());
  }
  const after = instances(classes);
  const grown = classes.map((each, at) => ({ className: each.name || '(anonymous)', grownBy: after[at] - before[at] }));
  return { floors, grown };
}

function leakError(result, message) {
  return Object.assign(new PgTapError('ERR_PGTAP_MEMORY_LEAK', message), result);
}

function describe({ growthBytes, growthPerCycleBytes, cycles }) {
  const mb = (bytes) => (bytes / MB).toFixed(2);
  const steps = growthPerCycleBytes.map(mb).join(', ');
  return `Memory grew by ${mb(growthBytes)} MB over ${cycles} cycles (${steps} MB); take two heap snapshots and compare them to see what stays`;
}

/** Calls a function again and again and rejects when memory stays behind; documented in index.d.ts. */
async function expectNoLeak(fn, options = {}) {
  checkArgument(FUNCTION, fn, 'fn', expectNoLeak);
  const settings = readOptions(options, expectNoLeak, LEAK_OPTIONS);
  const { floors, grown } = await measure(fn, settings);
  const growthBytes = floors.at(-1) - floors[0];
  const result = {
    cycles: settings.cycles,
    growthBytes,
    growthPerCycleBytes: floors.slice(1).map((floor, at) => floor - floors[at]),
    classes: grown,
  };
  // As often as there were cycles: an instance that is replaced by the next is no leak.
  const kept = grown.filter(({ grownBy }) => grownBy >= settings.cycles);
  if (kept.length > 0) {
    const names = kept.map(({ className, grownBy }) => `${grownBy} of ${className}`).join(', ');
    throw leakError(result, `Instances stayed behind: ${names}, in ${settings.cycles} cycles of ${settings.iterationsPerCycle} calls`);
  }
  if (growthBytes > settings.maxGrowthMB * MB && rises(floors)) throw leakError(result, describe(result));
  return result;
}

module.exports = { expectNoLeak };
