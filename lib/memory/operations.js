'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { performance } = require('node:perf_hooks');
const { getHeapStatistics } = require('node:v8');

const { invalid } = require('../errors.js');
const { Bystanders, running } = require('./bystanders.js');
const { ListenerList } = require('./listener-list.js');
const { openGcStatistics, statistics } = require('./gc-statistics.js');

const LONGEST_NAME = 200;
/** No collection is shorter, with what surrounds it. */
const SHORTEST_GC_MS = 0.03;
/** Operations that ended and whose figures are not made up yet. */
const MOST_PENDING = 1024;
/** From here on a promise's chain knows its async context at no cost; before, each await pays. */
const ASYNC_CONTEXT_IS_FREE = Number(process.versions.node.split('.')[0]) >= 24;

function checkName(name, from) {
  if (typeof name !== 'string') throw invalid(`a string of 1 to ${LONGEST_NAME} characters`, 'name', name, { from });
  if (name.length === 0 || name.length > LONGEST_NAME) {
    throw invalid(`a string of 1 to ${LONGEST_NAME} characters`, 'name', name, { range: true, from });
  }
}

/** What runs, or ran, under a name. */
class Operation {
  ended = false;
  parent;
  /** Operations that ran when it began; all that had begun then; those of them begun since that it caused itself. */
  beside = 0;
  begunBefore = 0;
  own = 0;
  /** How many others ran beside it; known when it ended. */
  overlapped = undefined;
  mark = statistics.mark();
  /** Given the result in place of the listeners. */
  onResult = null;

  constructor(name, context, parent) {
    this.name = name;
    this.context = context;
    this.parent = parent;
  }

  startClock() {
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
    this.heap = heap;
    this.external = external;
    this.start = performance.now();
  }

  stopClock() {
    this.end = performance.now();
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
    this.heap = heap - this.heap;
    this.external = external - this.external;
  }
}

/** Which operations run now, which of them overlap, and what each took. */
class Operations {
  #listeners = new ListenerList('A listener of operations');
  #gc = null;
  #begun = 0;
  #running = 0;
  #bystanders = new Bystanders();
  /** Ended in this turn of the loop or the one before. */
  #fresh = [];
  /** Ended earlier: Node has told of their collections. */
  #ripe = [];
  #scheduled = false;
  #asyncContext = ASYNC_CONTEXT_IS_FREE ? new AsyncLocalStorage() : null;
  #current = undefined;

  /** How many run now. */
  get running() {
    return this.#running + this.#bystanders.count;
  }

  /** How an operation that runs inside another is known: documented in operations.d.ts. */
  get nesting() {
    return this.#asyncContext ? 'async' : 'sync';
  }

  set nesting(value) {
    if (value !== 'async' && value !== 'sync') throw invalid("'async' or 'sync'", 'nesting', value, { range: typeof value === 'string' });
    if (value !== this.nesting) this.#asyncContext = value === 'async' ? new AsyncLocalStorage() : null;
  }

  on(listener) {
    return this.#listeners.add(listener, this.on);
  }

  /**
   * @param {string} name
   * @param {object} [context] given with the result
   * @param {Function} [from] the stack of an error begins with the caller of this function
   * @param {boolean} [now] it will be ended by `endNow`
   */
  begin(name, context, from = this.begin, now = false) {
    checkName(name, from);
    if (context !== undefined && (typeof context !== 'object' || context === null)) throw invalid('an object', 'context', context, { from });
    this.#gc ??= openGcStatistics();
    const operation = new Operation(name, context, this.#innermost());
    const ancestors = this.#count(operation);
    operation.beside = this.running - ancestors;
    operation.begunBefore = this.#begun;
    this.#running += 1;
    // Else a collection of this turn that came before could be taken for one of its own.
    if (now) statistics.rotate();
    operation.startClock();
    return operation;
  }

  /** Begins what is not measured, only known to others as running beside them or as what they are a part of. */
  enter(bystander) {
    bystander.parent = this.#innermost();
    this.#count(bystander);
    this.#bystanders.add(bystander);
  }

  /** What runs here; a bystander, which has no async context, only where none is left of an operation. */
  #innermost() {
    return running(this.#asyncContext?.getStore()) ?? running(this.#current);
  }

  /** Counts what begins, also as own part of what it is a part of; answers how many those are. */
  #count({ parent }) {
    this.#begun += 1;
    let ancestors = 0;
    for (let each = parent; each; each = running(each.parent)) {
      each.own += 1;
      ancestors += 1;
    }
    return ancestors;
  }

  /** How many others ran beside it until now, or until it ended. */
  overlapsOf(operation) {
    return operation.overlapped ?? operation.beside + this.#begun - operation.begunBefore - operation.own;
  }

  /** Calls `fn`, so that operations that begin in it are known to be parts of this one. */
  within(operation, fn) {
    return this.#asyncContext ? this.#asyncContext.run(operation, fn) : this.withinCall(operation, fn);
  }

  /** The same for those that begin before `fn` returns, which costs nothing. */
  withinCall(operation, fn) {
    const before = this.#current;
    this.#current = operation;
    try {
      return fn();
    } finally {
      this.#current = before;
    }
  }

  /** Ends it; listeners are told within two turns of the loop, when its collections are known. */
  end(operation) {
    this.#stop(operation);
    this.#fresh.push(operation);
    if (this.#fresh.length >= MOST_PENDING) this.flush();
    else this.#schedule();
  }

  /** Ends it; answers its figures. Those of collections in this turn of the loop may be estimates. */
  endNow(operation) {
    this.#stop(operation);
    // Its result comes in its turn: after those that ended before it.
    this.flush();
    return this.#settle(operation, true);
  }

  #stop(operation) {
    operation.stopClock();
    operation.ended = true;
    operation.parent = running(operation.parent);
    this.#running -= 1;
    operation.overlapped = this.overlapsOf(operation);
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Node tells of a collection in the turn after it.
    setImmediate(() => {
      this.#ripe.push(...this.#fresh.splice(0));
      setImmediate(() => {
        this.#scheduled = false;
        this.#settleAll(this.#ripe, false);
        if (this.#fresh.length > 0) this.#schedule();
      });
    });
  }

  /** Makes up the figures of all that ended. */
  flush() {
    this.#settleAll(this.#ripe, false);
    this.#settleAll(this.#fresh, true);
  }

  #settleAll(ended, early) {
    for (const operation of ended.splice(0)) this.#settle(operation, early);
  }

  #settle(operation, early) {
    const result = resultOf(operation, early);
    const { onResult } = operation;
    // An async context that goes on keeps the operation: not what belongs to its user.
    operation.context = undefined;
    operation.onResult = null;
    if (onResult) onResult(result);
    else this.tell(result);
    return result;
  }

  /** Tells the listeners of a result. */
  tell(result) {
    this.#listeners.tell(result);
  }
}

/** What was collected while it ran. */
function collectedIn({ start, end, heap, mark }, early) {
  if (end - start < SHORTEST_GC_MS && heap >= 0) return { gcCount: 0, gcFreedBytes: 0, gcEstimated: 0 };
  // With less than before, there was a collection.
  statistics.know(start, end, early, heap < 0);
  return statistics.between(start, end, mark, early);
}

function resultOf(operation, early) {
  const { name, start, end, heap, external, overlapped, context } = operation;
  const { gcCount, gcFreedBytes, gcEstimated } = collectedIn(operation, early);
  return {
    name,
    at: performance.timeOrigin + start,
    durationMs: end - start,
    heapDeltaBytes: heap,
    externalDeltaBytes: external,
    gcFreedBytes,
    gcCount,
    gcEstimated,
    adjustedBytes: heap + gcFreedBytes,
    confidence: overlapped > 0 ? 'shared' : 'exclusive',
    overlapped,
    context,
  };
}

const operations = new Operations();
// What ended in the last turn is told, too, when the program calls process.exit().
process.once('exit', () => operations.flush());

module.exports = { LONGEST_NAME, checkName, operations };

// Whatever is measured is counted by name, too; at the end, for the tracker needs what is exported.
require('./memory-tracker.js');
