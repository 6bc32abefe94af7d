'use strict';

const { availableParallelism } = require('node:os');

const { invalid } = require('../../errors.js');
const { BOOLEAN, readOptions } = require('../../options.js');
const { INTERVAL_MS, LOGGER, NAME, OBJECT, SIGNAL, integer, optional } = require('../rules.js');

/** V8's limits are whole MB; no machine has more. */
const LARGEST_MB = 2 ** 26;
const MOST_AT_ONCE = 1024;

const STRINGS = {
  allowed: 'an array of strings',
  check: (value) => (Array.isArray(value) && value.every((each) => typeof each === 'string') ? undefined : { allowed: 'an array of strings' }),
};
const VARIABLES = {
  allowed: 'an object whose values are strings',
  check(value) {
    const strings = OBJECT.check(value) === undefined && Object.values(value).every((each) => typeof each === 'string');
    return strings ? undefined : { allowed: 'an object whose values are strings' };
  },
};

/** What a step may have; `needed` are those without which it is none. */
const FIELDS = { name: NAME, command: NAME, args: STRINGS, cwd: NAME, env: VARIABLES, shell: BOOLEAN };
const NEEDED = ['name', 'command'];

/** The fault of one step, or nothing. */
function stepFault(step, at) {
  if (typeof step === 'string' && step !== '') return undefined;
  if (OBJECT.check(step)) return { allowed: 'a command line, or { name, command, args?, cwd?, env?, shell? }', value: step, at };
  const unknown = Object.keys(step).find((key) => !Object.hasOwn(FIELDS, key));
  if (unknown) return { allowed: `only ${Object.keys(FIELDS).join(', ')}`, value: step, at };
  for (const [field, { allowed, check }] of Object.entries(FIELDS)) {
    const given = step[field] !== undefined || NEEDED.includes(field);
    if (given && check(step[field])) return { allowed, value: step[field], at: `${at}.${field}` };
  }
  return undefined;
}

const STEPS = {
  allowed: 'an array of at least one step',
  check(value) {
    if (!Array.isArray(value) || value.length === 0) return { allowed: STEPS.allowed, value, at: '', range: Array.isArray(value) };
    for (const [i, step] of value.entries()) {
      const fault = stepFault(step, `[${i}]`);
      if (fault) return { range: false, ...fault };
    }
    return undefined;
  },
};

/** The options of runManagedBuild. */
const BUILD_OPTIONS = {
  steps: { default: [], ...STEPS, meaning: 'the commands to run' },
  heapMB: { default: 8192, ...integer(1, LARGEST_MB), meaning: 'the heap limit of each Node.js process of a step' },
  sequential: { default: true, ...BOOLEAN, meaning: 'one step at a time' },
  concurrency: { default: null, ...optional(integer(1, MOST_AT_ONCE)), meaning: 'how many steps at once; null for as many as there are cores' },
  requiredMB: { default: 256, ...integer(0, LARGEST_MB), meaning: 'the build is refused with less memory available' },
  intervalMs: { default: 30000, ...INTERVAL_MS, meaning: 'milliseconds between two lines about memory' },
  autoGC: { default: true, ...BOOLEAN, meaning: 'Node.js processes of the steps collect garbage while their heap is nearly full' },
  json: { default: false, ...BOOLEAN, meaning: 'log JSON lines' },
  logger: { default: console, ...LOGGER, meaning: 'where it logs' },
  signal: { default: null, ...SIGNAL, meaning: 'stops the build' },
};

const complete = (step) => (typeof step === 'string'
  ? { name: step, command: step, args: [], cwd: process.cwd(), env: {}, shell: true }
  : { name: step.name, command: step.command, args: step.args ?? [], cwd: step.cwd ?? process.cwd(), env: step.env ?? {}, shell: step.shell ?? false });

/** The complete options of a build, or the error that says which is wrong. */
function readBuildOptions(given, from) {
  const options = readOptions(given, from, BUILD_OPTIONS);
  if (options.sequential && options.concurrency !== null) {
    const how = { code: 'ERR_PGTAP_INVALID_OPTION', range: true, from };
    throw invalid('null, unless sequential is false,', 'option "concurrency"', options.concurrency, how);
  }
  const atOnce = options.sequential ? 1 : options.concurrency ?? availableParallelism();
  return { ...options, concurrency: Math.min(atOnce, options.steps.length), steps: options.steps.map(complete) };
}

module.exports = { BUILD_OPTIONS, readBuildOptions };
