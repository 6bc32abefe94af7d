'use strict';

const { operations } = require('./operations.js');

/** Sums up the steps of one iteration; what the consumer does between them belongs to the consumer. */
class Iteration {
  #name;
  #onResult;
  #sum = null;
  #open = 0;
  finished = false;

  constructor(name, onResult) {
    this.#name = name;
    this.#onResult = onResult;
  }

  begin() {
    const step = operations.begin(this.#name);
    this.#open += 1;
    step.onResult = (result) => this.#add(result);
    return step;
  }

  #add(result) {
    this.#sum = this.#sum ? added(this.#sum, result) : result;
    this.#open -= 1;
    if (this.finished && this.#open === 0) this.#onResult(this.#sum);
  }
}

const SUMMED = ['durationMs', 'heapDeltaBytes', 'externalDeltaBytes', 'gcFreedBytes', 'gcCount', 'gcEstimated', 'adjustedBytes'];

function added(sum, result) {
  for (const field of SUMMED) sum[field] += result[field];
  sum.overlapped = Math.max(sum.overlapped, result.overlapped);
  if (result.confidence === 'shared') sum.confidence = 'shared';
  return sum;
}

function runStep(iteration, fn) {
  if (iteration.finished) return fn();
  const step = iteration.begin();
  try {
    const answer = operations.within(step, fn);
    iteration.finished = answer.done;
    return answer;
  } catch (error) {
    iteration.finished = true;
    throw error;
  } finally {
    operations.end(step);
  }
}

async function runAsyncStep(iteration, fn) {
  if (iteration.finished) return fn();
  const step = iteration.begin();
  try {
    const answer = await operations.within(step, fn);
    iteration.finished ||= answer.done;
    return answer;
  } catch (error) {
    iteration.finished = true;
    throw error;
  } finally {
    operations.end(step);
  }
}

/**
 * A generator that does what `inner` does, and whose steps are one operation together, told of when the last is done.
 *
 * @param {Generator | AsyncGenerator} inner
 * @param {(result: object) => void} onResult
 */
function profiledIterator(inner, name, onResult) {
  const iteration = new Iteration(name, onResult);
  const run = Symbol.asyncIterator in inner ? runAsyncStep : runStep;
  const method = (key) => ({ value: (...args) => run(iteration, () => inner[key](...args)), writable: true, configurable: true });
  // Of the same prototype, so that it is an instance of its function, has a tag and can be iterated.
  return Object.create(Object.getPrototypeOf(inner), { next: method('next'), return: method('return'), throw: method('throw') });
}

module.exports = { profiledIterator };
