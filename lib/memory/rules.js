'use strict';

const { invalid } = require('../errors.js');
const { BOOLEAN, integer, rule } = require('../options.js');

/** The sampler is asked no more often. */
const SHORTEST_INTERVAL_MS = 10;
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
const DELAY_MS = integer(1, LONGEST_DELAY_MS);
const INTERVAL_MS = integer(SHORTEST_INTERVAL_MS, LONGEST_DELAY_MS);
const DURATION_MS = number(`a number from 0 to ${LONGEST_DELAY_MS}`, (value) => value >= 0 && value <= LONGEST_DELAY_MS);
const MEGABYTES = number(`a number above 0 and up to ${LARGEST_MB}`, (value) => value > 0 && value <= LARGEST_MB);
/** What a cleanup waits for: 0 is above any use at all. */
const SHARE = number('a number from 0 to 100', (value) => value >= 0 && value <= 100);
const POSITIVE = number('a number above 0', (value) => value > 0);
const PRIORITY = number('a finite number', Number.isFinite);
/** No history goes back further. */
const MINUTES = number('a number of minutes above 0 and up to 720', (value) => value > 0 && value <= 720);
const NAME = rule('a string that is not empty', (value) => {
  if (typeof value !== 'string') return 'type';
  return value.length > 0 ? undefined : 'range';
});
const FUNCTION = rule('a function', (value) => (typeof value === 'function' ? undefined : 'type'));
const OBJECT = rule('an object', (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'type'));
const LOGGER = rule('an object with a method log()', (value) => (isObject(value) && typeof value.log === 'function' ? undefined : 'type'));
const SIGNAL = optional(rule('an AbortSignal', (value) => (value instanceof AbortSignal ? undefined : 'type')));

function oneOf(...allowed) {
  return rule(`one of ${allowed.map((each) => `'${each}'`).join(', ')}`, (value) => {
    if (typeof value !== 'string') return 'type';
    return allowed.includes(value) ? undefined : 'range';
  });
}

/** `value`, the argument `name`, or the error that it does not pass, whose stack begins with the caller of `from`. */
function checkArgument({ check }, value, name, from) {
  const fault = check(value);
  if (fault) throw invalid(fault.allowed, name, value, { range: fault.range, from });
  return value;
}

/** Throws unless the values of the options `names` grow from each to the next; of two it names the one that was `given`. */
function checkRising(options, names, given, from) {
  for (let at = 1; at < names.length; at += 1) {
    const [lower, upper] = [names[at - 1], names[at]];
    if (options[lower] < options[upper]) continue;
    const [wrong, side, other] = (given[lower] ?? null) === null ? [upper, 'above', lower] : [lower, 'below', upper];
    throw invalid(`a number ${side} ${other} (${options[other]})`, `option "${wrong}"`, options[wrong], {
      code: 'ERR_PGTAP_INVALID_OPTION', range: true, from,
    });
  }
}

module.exports = {
  BOOLEAN, DELAY_MS, DURATION_MS, FUNCTION, INTERVAL_MS, LOGGER, LONGEST_DELAY_MS, MEGABYTES, MINUTES, NAME, OBJECT, PERCENT, POSITIVE, PRIORITY,
  SHARE, SHORTEST_INTERVAL_MS, SIGNAL, checkArgument, checkRising, integer, oneOf, optional,
};
