'use strict';

const { getHeapStatistics } = require('node:v8');

const { MB } = require('../figures.js');
const { callSafely } = require('../listeners.js');
const { resultLog } = require('../log-result.js');
const { operations } = require('../operations.js');
const { exemption, targetOf } = require('./exempt-paths.js');
const { OpenRequest } = require('./open-request.js');
const { samplingOf } = require('./request-sampling.js');
const { onceEnded } = require('./response-end.js');
const { RouteNames } = require('./route-names.js');

/** What a request took, until now or, when it ended, in all; documented in index.d.ts. */
class RequestMemory {
  #operation;

  constructor(operation) {
    this.#operation = operation;
    this.startBytes = operation.heap;
  }

  get deltaBytes() {
    const { ended, heap } = this.#operation;
    return ended ? heap : getHeapStatistics().used_heap_size - heap;
  }

  get overlapped() {
    return operations.overlapsOf(this.#operation);
  }

  get confidence() {
    return this.overlapped > 0 ? 'shared' : 'exclusive';
  }

  toJSON() {
    const { startBytes, deltaBytes, overlapped, confidence } = this;
    return { startBytes, deltaBytes, confidence, overlapped };
  }
}

/** `request.memory` of one that is not measured. */
const UNMEASURED = Object.freeze({ startBytes: null, deltaBytes: null, confidence: 'unmeasured', overlapped: null });

/**
 * Says of a request that it is not measured. Express gives each request another prototype, and V8 then takes more than a
 * microsecond for each property that is added: there the app's prototype says it, once for all.
 */
function markUnmeasured(request) {
  if (request.memory === UNMEASURED) return;
  const ofApp = request.app?.request;
  const isOfApp = ofApp !== undefined && Object.getPrototypeOf(request) === ofApp && !Object.hasOwn(request, 'memory');
  (isOfApp ? ofApp : request).memory = UNMEASURED;
}

/** What it took, or, when others ran beside it, what each of them took if all took alike. */
function bytesEach({ adjustedBytes, externalDeltaBytes, overlapped }) {
  return (Math.max(0, adjustedBytes) + Math.max(0, externalDeltaBytes)) / (overlapped + 1);
}

/** Measures requests as operations; documented in index.d.ts. */
class RequestMonitor {
  #sampling;
  #slowBytes;
  #als;
  #names;
  #exempt;
  #onSlow;
  #logged;

  /** @param {object} options those of REQUEST_OPTIONS, complete */
  constructor({ sampleRate, slowMB, als, name, exempt, onSlow, logger }, { routeOf, random = Math.random } = {}) {
    if (als === true) operations.nesting = 'async';
    this.#sampling = samplingOf(sampleRate, random);
    this.#slowBytes = slowMB * MB;
    this.#als = als;
    this.#names = new RouteNames(name, routeOf);
    this.#exempt = exemption(exempt);
    this.#onSlow = onSlow;
    this.#logged = resultLog({ logLevel: 'warn', thresholdMB: 0, logger });
  }

  /**
   * Calls `next` as a part of the request, which ends with its response.
   *
   * @param {object} request what is named, and Node's
   * @param {object} [raw] Node's, where that is another one
   */
  run(request, response, next, raw = request) {
    // Mounted twice, it counts once.
    if (raw.memory instanceof RequestMemory || response.closed) return next();
    if (this.#exempt(targetOf(raw))) {
      markUnmeasured(raw);
      return next();
    }
    if (!this.#sampling.choose()) return this.#pass(raw, response, next);
    const operation = this.#measure(request, response, raw);
    return this.#als === false ? next() : operations.within(operation, next);
  }

  /** One that is not measured: measured ones must know that it runs beside them, and nothing of it may cost. */
  #pass(raw, response, next) {
    markUnmeasured(raw);
    const open = new OpenRequest(raw, response);
    operations.enter(open);
    if (this.#als === false) return next();
    return this.#als === true ? operations.within(open, next) : operations.withinCall(open, next);
  }

  #measure(request, response, raw) {
    const operation = operations.begin('request');
    raw.memory = new RequestMemory(operation);
    onceEnded(raw, response, () => {
      // Only now is it known what it was for.
      operation.name = this.#names.of(request);
      operation.onResult = this.#onSlow === null ? this.#tellOnly : (result) => this.#tell(result, raw);
      operations.end(operation);
    });
    return operation;
  }

  /** Where nobody wants the request it is let go of: thousands may wait for their results. */
  #tellOnly = (result) => this.#tell(result);

  #tell(result, raw) {
    if (bytesEach(result) <= this.#slowBytes) operations.tell(result);
    else if (this.#onSlow === null) this.#logged(result);
    else {
      operations.tell(result);
      callSafely(this.#onSlow, 'onSlow', result, raw);
    }
  }
}

module.exports = { RequestMonitor };
