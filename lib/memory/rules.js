'use strict';

const { invalid } = require('../errors.js');
const { rule } = require('../options.js');

/** Timers take no longer delay. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
/** Bytes are counted in numbers, exact up to 2^53. */
const LARGEST_MB = 2 ** 33;

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** The check that also takes `null`, which stands for "not given". */
const optional = ({ allowed, check }) => ({ allowed: `${allowed}, or null`, check: (value) => (value === null ? undefined : check(value)) });

function number(allowed, holds) {
  return rule(allowed, (value) => {
    if (typeof value !== 'number') return 'type';
    return holds(value) ? undefined : 'range';
  });
}

/** What an option's value may be; the form of lib/options.js. */
const PERCENT = number('a number above 0 and up to 100', (value) => value > 0 && value <= 100);
const DELAY_MS = number(`an integer from 1 to ${LONGEST_DELAY_MS}`, (value) => Number.isInteger(value) && value >= 1 && value <= LONGEST_DELAY_MS);
const DURATION_MS = number(`a number from 0 to ${LONGEST_DELAY_MS}`, (value) => value >= 0 && value <= LONGEST_DELAY_MS);
const MEGABYTES = number(`a number above 0 and up to ${LARGEST_MB}`, (value) => value > 0 && value <= LARGEST_MB);
const FUNCTION = rule('a function', (value) => (typeof value === 'function' ? undefined : 'type'));
const LOGGER = rule('an object with a method log()', (value) => (isObject(value) && typeof value.log === 'function' ? undefined : 'type'));
const SIGNAL = optional(rule('an AbortSignal', (value) => (value instanceof AbortSignal ? undefined : 'type')));

function oneOf(...allowed) {
  return rule(`one of ${allowed.map((each) => `'${each}'`).join(', ')}`, (value) => {
    if (typeof value !== 'string') return 'type';
    return allowed.includes(value) ? undefined : 'range';
  });
}

/** Throws unless `value`, the argument `name`, passes; its error's stack begins with the caller of `from`. */
function checkArgument({ check }, value, name, from) {
  const fault = check(value);
  if (fault) throw invalid(fault.allowed, name, value, { range: fault.range, from });
}

/** Throws unless the values of the options `names` grow from each to the next. */
function checkRising(options, names, from) {
  for (let at = 1; at < names.length; at += 1) {
    const [lower, upper] = [names[at - 1], names[at]];
    if (options[lower] < options[upper]) continue;
    throw invalid(`a number below ${upper} (${options[upper]})`, `option "${lower}"`, options[lower], {
      code: 'ERR_PGTAP_INVALID_OPTION', range: true, from,
    });
  }
}

module.exports = {
  DELAY_MS, DURATION_MS, FUNCTION, LOGGER, LONGEST_DELAY_MS, MEGABYTES, PERCENT, SIGNAL, checkArgument, checkRising, oneOf, optional,
};
