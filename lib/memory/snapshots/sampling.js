'use strict';

const { Session } = require('node:inspector');

const { PgTapError } = require('../../errors.js');
const { OBJECT, checkArgument, integer } = require('../rules.js');

const MOST_INTERVAL = 2 ** 30;

// V8 has one sampler per isolate, and whoever stops it stops it for all: so there is one session, which the handles
// share, and which is gone with the last of them.
let running;

/** Asks the inspector of this isolate; it answers before post() returns. */
function ask(session, method, params) {
  let answer;
  session.post(method, params, (error, result) => { answer = { error, result }; });
  if (answer.error) {
    throw new PgTapError('ERR_PGTAP_SAMPLING', `The allocation sampler does not answer (${method}); another debugger may have stopped it. Start it again`, { cause: answer.error });
  }
  return answer.result;
}

const startSampler = (session, intervalBytes) => ask(session, 'HeapProfiler.startSampling', { samplingInterval: intervalBytes });
const headOf = ({ session }) => ask(session, 'HeapProfiler.getSamplingProfile').profile.head;

function begin(intervalBytes) {
  const session = new Session();
  session.connect();
  try {
    startSampler(session, intervalBytes);
  } catch (error) {
    session.disconnect();
    throw error;
  }
  return { session, intervalBytes, handles: 0 };
}

/** Starts again what somebody else ended, in the same session: V8's sampler ends with any session that started it. */
function revive(sampler, intervalBytes) {
  try {
    headOf(sampler);
  } catch (error) {
    if (error.code !== 'ERR_PGTAP_SAMPLING') throw error;
    startSampler(sampler.session, intervalBytes);
    sampler.intervalBytes = intervalBytes;
  }
}

function release(sampler) {
  sampler.handles -= 1;
  if (sampler.handles > 0) return;
  running = undefined;
  // V8's sampler ends with it.
  sampler.session.disconnect();
}

const place = ({ functionName, url, lineNumber, columnNumber }) => ({
  functionName: functionName || '(anonymous)',
  url,
  // The inspector counts from 0, and says -1 where there is none.
  line: lineNumber < 0 ? null : lineNumber + 1,
  column: columnNumber < 0 ? null : columnNumber + 1,
});

const shown = ({ functionName, url, line, column }) => (url ? `${functionName} (${url}:${line}:${column})` : functionName);

/** The stack of a node, nearest first. */
function stackOf(found) {
  const stack = [];
  for (let at = found; at; at = at.caller) stack.push(shown(place(at.node.callFrame)));
  return stack;
}

/** The functions of a profile: what each allocated on all stacks, and the stack that allocated most. */
function byFunction(head) {
  const functions = new Map();
  // The head is no function, and no caller. No recursion: stacks may be deep.
  const open = [{ node: head, caller: null }];
  while (open.length > 0) {
    const here = open.pop();
    const { callFrame, children, selfSize } = here.node;
    for (const node of children) open.push({ node, caller: here.node === head ? null : here });
    if (selfSize === 0) continue;
    const key = `${callFrame.scriptId}:${callFrame.lineNumber}:${callFrame.columnNumber}:${callFrame.functionName}`;
    const { selfBytes = 0, most = here } = functions.get(key) ?? {};
    functions.set(key, { selfBytes: selfBytes + selfSize, most: selfSize > most.node.selfSize ? here : most });
  }
  return [...functions.values()];
}

function rank(head, n) {
  const found = byFunction(head).sort((a, b) => b.selfBytes - a.selfBytes).slice(0, n);
  return found.map(({ selfBytes, most }) => ({ ...place(most.node.callFrame), selfBytes, stack: stackOf(most) }));
}

/** What `make` answers or throws now, to be had later. */
function outcome(make) {
  try {
    const value = make();
    return () => value;
  } catch (error) {
    return () => { throw error; };
  }
}

class AllocationSampling {
  #sampler;
  /** After stop(): the interval and the profile as they were. */
  #ended;

  constructor(sampler) {
    this.#sampler = sampler;
    sampler.handles += 1;
  }

  get intervalBytes() {
    return (this.#ended ?? this.#sampler).intervalBytes;
  }

  topAllocators(n = 10) {
    checkArgument(integer(1, 10000), n, 'n', this.topAllocators);
    return rank(this.#ended ? this.#ended.head() : headOf(this.#sampler), n);
  }

  stop() {
    if (this.#ended) return;
    const sampler = this.#sampler;
    this.#ended = { intervalBytes: sampler.intervalBytes, head: outcome(() => headOf(sampler)) };
    this.#sampler = undefined;
    release(sampler);
  }

  [Symbol.dispose]() {
    this.stop();
  }
}

/** Documented in sampling.d.ts. */
function topAllocators(n = 10) {
  checkArgument(integer(1, 10000), n, 'n', topAllocators);
  if (!running) throw new PgTapError('ERR_PGTAP_SAMPLING', 'No allocations are sampled: call startAllocationSampling() first');
  return rank(headOf(running), n);
}

/** Documented in sampling.d.ts. */
function startAllocationSampling(options = {}) {
  checkArgument(OBJECT, options, 'options', startAllocationSampling);
  const { intervalBytes = 524288 } = options;
  checkArgument(integer(1024, MOST_INTERVAL), intervalBytes, 'option "intervalBytes"', startAllocationSampling);
  if (running) revive(running, intervalBytes);
  else running = begin(intervalBytes);
  return new AllocationSampling(running);
}

module.exports = { startAllocationSampling, topAllocators };
