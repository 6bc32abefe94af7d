'use strict';

const { inspect, types } = require('node:util');

const { PgTapError } = require('../../errors.js');

/** Causes of causes that are carried over. */
const MOST_CAUSES = 5;

/** A worker took more memory than it may. */
class WorkerMemoryLimitError extends PgTapError {
  constructor({ usedMB, limitMB, taskType, cause }) {
    const of = limitMB === null ? "V8's limit" : `${limitMB} MB`;
    const used = usedMB === null ? 'more than it may' : `${usedMB} MB`;
    const task = taskType === null ? 'A worker' : `The worker of a task of type "${taskType}"`;
    super('ERR_PGTAP_WORKER_MEMORY', `${task} took ${used} of ${of} and was ended`, cause === undefined ? undefined : { cause });
    this.name = 'WorkerMemoryLimitError';
    this.usedMB = usedMB;
    this.limitMB = limitMB;
    this.taskType = taskType;
  }
}

/** A worker that ended before it answered. */
function exitError({ exitCode, signal = null, cause }) {
  const how = signal === null ? `with exit code ${exitCode}` : `by ${signal}`;
  const why = cause === undefined ? '' : `: ${cause.message}`;
  const hint = signal === 'SIGKILL' ? '; the kernel does that when memory runs out' : '';
  const error = new PgTapError('ERR_PGTAP_WORKER_EXIT', `The worker ended ${how} before it answered${why}${hint}`, cause === undefined ? undefined : { cause });
  return Object.assign(error, { exitCode, signal });
}

/** A worker that was ended when nothing ran in it. */
const spareError = () => new PgTapError('ERR_PGTAP_WORKER_EXIT', 'it was not needed any more');

/** A worker that could not be started. */
function startError(file, cause) {
  const error = new PgTapError('ERR_PGTAP_WORKER_START', `The worker ${file} does not start: ${cause.message}`, { cause });
  return Object.assign(error, { file });
}

/** Not all that inherits from Error is native: DOMException, and what crossed from a thread that it ended. */
const isError = (value) => value instanceof Error || types.isNativeError(value);

const isCloneable = (value) => {
  try {
    structuredClone(value);
    return true;
  } catch {
    // Whatever the reason, this field stays where it is.
    return false;
  }
};

/** What crosses to another thread or process of something thrown; fields that cannot be cloned are left out. */
function encodeError(thrown, causes = MOST_CAUSES) {
  if (!isError(thrown)) {
    return { message: typeof thrown === 'string' ? thrown : inspect(thrown, { customInspect: false }) };
  }
  const fields = Object.fromEntries(Object.entries(thrown).filter(([name, value]) => name !== 'cause' && isCloneable(value)));
  const cause = thrown.cause === undefined || causes === 0 ? {} : { cause: encodeError(thrown.cause, causes - 1) };
  return { name: thrown.name, message: thrown.message, stack: thrown.stack, fields, ...cause };
}

/** An error from what a worker gave as one: text, an error, or an object with a message. */
function decodeError(given) {
  if (isError(given)) return given;
  if (typeof given !== 'object' || given === null || typeof given.message !== 'string') {
    return new Error(typeof given === 'string' ? given : `The worker answered with the error ${inspect(given)}`);
  }
  const { message, name, stack, code, fields = {}, cause } = given;
  if (fields.code === 'ERR_PGTAP_WORKER_MEMORY') return new WorkerMemoryLimitError({ ...fields, cause: cause && decodeError(cause) });
  const options = cause === undefined ? undefined : { cause: decodeError(cause) };
  const error = name === 'PgTapError' ? new PgTapError(fields.code, message, options) : new Error(message, options);
  if (typeof stack === 'string') error.stack = stack;
  if (typeof name === 'string' && name !== 'Error') Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return Object.assign(error, code === undefined ? {} : { code }, fields);
}

module.exports = { WorkerMemoryLimitError, decodeError, encodeError, exitError, spareError, startError };
