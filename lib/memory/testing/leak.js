'use strict';

const { queryObjects } = require('node:v8');

const { PgTapError, invalid } = require('../../errors.js');
const { FUNCTION, OBJECT, POSITIVE, checkArgument, integer } = require('../rules.js');
const { MB, floorBytes, inMB, lastingGrowth } = require('./floor.js');

function classesOf(classes, from) {
  if (!Array.isArray(classes)) throw invalid('an array of classes', 'option "classes"', classes, { from });
  return classes.map((each, at) => checkArgument(FUNCTION, each, `option "classes"[${at}]`, from));
}

function optionsOf(options, from) {
  checkArgument(OBJECT, options, 'options', from);
  const { cycles = 6, warmup = 2, maxGrowthMB = 1, classes = [] } = options;
  return {
    // Both halves of the series need two cycles, else one step decides.
    cycles: checkArgument(integer(4, 1000), cycles, 'option "cycles"', from),
    warmup: checkArgument(integer(0, 1e6), warmup, 'option "warmup"', from),
    maxGrowthMB: checkArgument(POSITIVE, maxGrowthMB, 'option "maxGrowthMB"', from),
    classes: classesOf(classes, from),
  };
}

const countOf = (constructor) => queryObjects(constructor, { format: 'count' });

/** The series of floors and counts: before the first cycle and after each. */
async function measure(fn, { cycles, classes }) {
  const floors = [await floorBytes()];
  const counts = classes.map((each) => [countOf(each)]);
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    await fn();
    floors.push(await floorBytes());
    classes.forEach((each, at) => counts[at].push(countOf(each)));
  }
  return { floors, counts };
}

const steps = (series) => series.slice(1).map((value, at) => value - series[at]);

function faults({ growthBytes, floorsBytes, classes }, maxGrowthMB) {
  const found = [];
  if (growthBytes > maxGrowthMB * MB) {
    found.push(`${inMB(growthBytes)} MB more are alive after ${floorsBytes.length - 1} cycles, of ${maxGrowthMB} MB allowed (MB per cycle: ${steps(floorsBytes).map(inMB).join(', ')})`);
  }
  for (const { name, counts, growth } of classes) {
    if (growth > 0) found.push(`instances of ${name} grow (per cycle: ${steps(counts).join(', ')}; now ${counts.at(-1)})`);
  }
  return found;
}

/** Documented in leak.d.ts. */
async function expectNoLeak(fn, options = {}) {
  checkArgument(FUNCTION, fn, 'fn', expectNoLeak);
  const how = optionsOf(options, expectNoLeak);
  for (let at = 0; at < how.warmup; at += 1) await fn();
  const { floors, counts } = await measure(fn, how);
  const classes = how.classes.map((each, at) => ({ name: each.name || '(anonymous)', counts: counts[at], growth: lastingGrowth(counts[at]) }));
  const result = { cycles: how.cycles, growthBytes: lastingGrowth(floors), floorsBytes: floors, classes };
  const found = faults(result, how.maxGrowthMB);
  if (found.length > 0) throw Object.assign(new PgTapError('ERR_PGTAP_LEAK', `It leaks: ${found.join('; ')}`), { result });
  return result;
}

module.exports = { expectNoLeak };
