'use strict';

const { Session } = require('node:inspector');

const { PgTapError } = require('../../errors.js');
const check = require('../argument-checks.js');

const MOST_INTERVAL = 2 ** 30;

// V8 has one sampler per isolate, and whoever stops it stops it for all: so there is one session, which the handles
// share.
let session;
let intervalInUse;
const handles = new Set();

/** Asks the inspector of this isolate; it answers before post() returns. */
function ask(method, params) {
  let answer;
  session.post(method, params, (error, result) => { answer = { error, result }; });
  if (answer.error) {
    throw new PgTapError('ERR_PGTAP_SAMPLING', `The allocation sampler does not answer (${method}); another debugger may have stopped it`, { cause: answer.error });
  }
  return answer.result;
}

/** Ends the session, and with it V8's sampler. */
function disconnect() {
  session.disconnect();
  session = undefined;
}

function begin(intervalBytes) {
  session = new Session();
  session.connect();
  try {
    ask('HeapProfiler.startSampling', { samplingInterval: intervalBytes });
  } catch (error) {
    disconnect();
    throw error;
  }
  intervalInUse = intervalBytes;
}

const place = ({ functionName, url, lineNumber, columnNumber }) => ({
  functionName: functionName || '(anonymous)',
  url,
  // The inspector counts from 0, and says -1 where there is none.
  line: lineNumber < 0 ? null : lineNumber + 1,
  column: columnNumber < 0 ? null : columnNumber + 1,
});

const shown = ({ functionName, url, line, column }) => (url ? `${functionName} (${url}:${line}:${column})` : functionName);

/** The places of a profile that hold most, each with the calls that led there, nearest first. */
function rank(head, n) {
  const found = [];
  const open = [{ node: head, callers: null }];
  while (open.length > 0) {
    const { node, callers } = open.pop();
    const here = { place: place(node.callFrame), callers };
    if (node.selfSize > 0) found.push({ selfBytes: node.selfSize, here });
    for (const child of node.children) open.push({ node: child, callers: node === head ? null : here });
  }
  found.sort((a, b) => b.selfBytes - a.selfBytes);
  return found.slice(0, n).map(({ selfBytes, here }) => {
    const stack = [];
    for (let at = here; at; at = at.callers) stack.push(shown(at.place));
    return { ...here.place, selfBytes, stack };
  });
}

class AllocationSampling {
  #stopped = false;

  constructor() {
    handles.add(this);
  }

  get intervalBytes() {
    return intervalInUse;
  }

  topAllocators(n = 10) {
    check.integer(n, 'n', [1, 10000], this.topAllocators);
    if (this.#stopped) throw new PgTapError('ERR_PGTAP_CLOSED', 'This allocation sampling was stopped');
    return rank(ask('HeapProfiler.getSamplingProfile').profile.head, n);
  }

  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    handles.delete(this);
    if (handles.size === 0) disconnect();
  }

  [Symbol.dispose]() {
    this.stop();
  }
}

/** Documented in sampling.d.ts. */
function topAllocators(n = 10) {
  const [running] = handles;
  check.integer(n, 'n', [1, 10000], topAllocators);
  if (!running) throw new PgTapError('ERR_PGTAP_SAMPLING', 'No allocations are sampled: call startAllocationSampling() first');
  return running.topAllocators(n);
}

/** Documented in sampling.d.ts. */
function startAllocationSampling(options = {}) {
  check.object(options, 'options', startAllocationSampling);
  const { intervalBytes = 524288 } = options;
  check.integer(intervalBytes, 'option "intervalBytes"', [1024, MOST_INTERVAL], startAllocationSampling);
  if (handles.size === 0) begin(intervalBytes);
  return new AllocationSampling();
}

module.exports = { startAllocationSampling, topAllocators };
