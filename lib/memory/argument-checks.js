'use strict';

const { invalid } = require('../errors.js');

// Each answers the value, or throws the error that names the option.

function integer(value, name, [least, most], from) {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`an integer from ${least} to ${most}`, name, value, { range: typeof value === 'number', from });
}

function positive(value, name, from) {
  if (typeof value === 'number' && value > 0) return value;
  throw invalid('a number above 0', name, value, { range: typeof value === 'number', from });
}

function boolean(value, name, from) {
  if (typeof value === 'boolean') return value;
  throw invalid('true or false', name, value, { from });
}

function text(value, name, from) {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid('a string that is not empty', name, value, { range: value === '', from });
}

function object(value, name, from) {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalid('an object', name, value, { from });
}

function fn(value, name, from) {
  if (typeof value === 'function') return value;
  throw invalid('a function', name, value, { from });
}

function signal(value, name, from) {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw invalid('an AbortSignal', name, value, { from });
}

module.exports = { boolean, fn, integer, object, positive, signal, text };
