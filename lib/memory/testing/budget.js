'use strict';

const { PgTapError } = require('../../errors.js');
const { FUNCTION, NAME, OBJECT, POSITIVE, checkArgument, integer } = require('../rules.js');
const { registerBudgetTarget, targetNames, targetOf } = require('./budget-targets.js');
const { MB, collectAll, floorBytes, inMB } = require('./floor.js');
const { peakOf, usedNow } = require('./peak.js');

function targetNamed(name, fn, from) {
  checkArgument(NAME, name, 'name', from);
  if (fn !== undefined) return checkArgument(FUNCTION, fn, 'fn', from);
  const target = targetOf(name);
  if (target) return target;
  const known = targetNames().slice(0, 10).join(', ') || 'none';
  throw new PgTapError('ERR_PGTAP_BUDGET_TARGET', `No function is registered as '${name}' (registered: ${known}). Give it as the third argument, call registerBudgetTarget(), or make an object whose class has the profiled method, and keep it`);
}

function optionsOf(options, from) {
  checkArgument(OBJECT, options, 'options', from);
  const { maxMemoryMB, iterations = 100, input, warmup = 3 } = options;
  return {
    maxMemoryMB: checkArgument(POSITIVE, maxMemoryMB, 'option "maxMemoryMB"', from),
    iterations: checkArgument(integer(1, 1e6), iterations, 'option "iterations"', from),
    warmup: checkArgument(integer(0, 1e6), warmup, 'option "warmup"', from),
    input,
  };
}

function verdict({ name, maxMemoryMB, peakBytes, retainedBytes, iterations }) {
  const most = maxMemoryMB * MB;
  if (peakBytes <= most) return undefined;
  return `${name} took ${inMB(peakBytes)} MB in one of ${iterations} calls, of ${maxMemoryMB} MB allowed; `
    + `${inMB(retainedBytes)} MB were still held after the last call`;
}

/** Documented in budget.d.ts. */
async function testMemoryBudget(name, options, fn) {
  const target = targetNamed(name, fn, testMemoryBudget);
  const { maxMemoryMB, iterations, warmup, input } = optionsOf(options, testMemoryBudget);
  for (let at = 0; at < warmup; at += 1) await target(input);
  const floor = await floorBytes();
  const base = usedNow();
  let peak = base;
  for (let at = 0; at < iterations; at += 1) {
    peak = Math.max(peak, await peakOf(() => target(input)));
    // The next call begins without this one's garbage.
    collectAll();
  }
  const retainedBytes = Math.max(0, await floorBytes() - floor);
  const result = { name, iterations, maxMemoryMB, peakBytes: peak - base, retainedBytes };
  const fault = verdict(result);
  if (fault) throw Object.assign(new PgTapError('ERR_PGTAP_BUDGET_EXCEEDED', fault), { result });
  return result;
}

module.exports = { registerBudgetTarget, testMemoryBudget };
