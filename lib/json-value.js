'use strict';

const { types } = require('node:util');

/** Objects of the language that JSON turns into `{}` or the like. */
const LOST = [
  ['a Map', types.isMap], ['a Set', types.isSet], ['a RegExp', types.isRegExp], ['an Error', types.isNativeError],
  ['a Promise', types.isPromise], ['an ArrayBuffer', types.isAnyArrayBuffer], ['a typed array', ArrayBuffer.isView],
];

/** What JSON cannot hold in the value: `{ at, what }`, or `undefined` when it holds all of it. */
function unfit(value, above) {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { at: '', what: String(value) };
  if (typeof value === 'bigint') return { at: '', what: 'a BigInt' };
  if (typeof value === 'function' || typeof value === 'symbol') return { at: '', what: `a ${typeof value}` };
  if (value === undefined) return { at: '', what: 'undefined' };
  return typeof value === 'object' && value !== null ? unfitObject(value, above) : undefined;
}

function unfitObject(value, above) {
  if (typeof value.toJSON === 'function') return undefined;
  if (above.includes(value)) return { at: '', what: 'an object that contains itself' };
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) {
    const [what] = LOST.find(([, is]) => is(value)) ?? [];
    if (what) return { at: '', what };
  }
  above.push(value);
  const found = Array.isArray(value) ? unfitElement(value, above) : unfitProperty(value, above);
  above.pop();
  return found;
}

function unfitElement(array, above) {
  for (let at = 0; at < array.length; at += 1) {
    const found = unfit(array[at], above);
    if (found) return { ...found, at: `[${at}]${found.at}` };
  }
  return undefined;
}

function unfitProperty(object, above) {
  for (const key of Object.keys(object)) {
    // As in JSON.stringify(), a property that is undefined is as good as absent.
    const found = object[key] === undefined ? undefined : unfit(object[key], above);
    if (found) return { ...found, at: `.${key}${found.at}` };
  }
  return undefined;
}

function notJson(what, owner, from, cause) {
  const error = new TypeError(`${owner} cannot be kept: it has ${what}, which JSON cannot hold; `
    + 'allowed are null, booleans, finite numbers, strings, arrays and plain objects of these', cause && { cause });
  error.code = 'ERR_PGTAP_NOT_JSON';
  Error.captureStackTrace(error, from);
  return error;
}

/**
 * The value as JSON text.
 *
 * @param {unknown} value
 * @param {string} type of the object, for the message
 * @param {string} name of the object, for the message
 * @param {Function} from the stack of an error begins with the caller of this function
 */
function toJson(value, type, name, from) {
  const owner = `The data of ${JSON.stringify(type)} ${JSON.stringify(name)}`;
  let found;
  let text;
  try {
    found = unfit(value, []);
    text = found ? undefined : JSON.stringify(value);
  } catch (cause) {
    // A getter or toJSON() of the value threw, or it is nested too deeply.
    throw notJson(`something that cannot be read (${cause?.message ?? cause})`, owner, from, cause);
  }
  if (found) throw notJson(found.at ? `${found.what} at ${found.at}` : found.what, owner, from);
  if (text === undefined) throw notJson('a toJSON() that gives nothing', owner, from);
  return text;
}

module.exports = { toJson };
