'use strict';

const { performance } = require('node:perf_hooks');
const { setImmediate, setTimeout } = require('node:timers/promises');

const { invalid } = require('../errors.js');
const { BOOLEAN, readOptions } = require('../options.js');
const { MB } = require('./figures.js');
const { DURATION_MS, MEGABYTES, SIGNAL, checkArgument, oneOf } = require('./rules.js');

/** The most that is taken of what is available, unless forced. */
const MOST = 0.5;
/** While memory is held it is looked at this often. */
const LOOK_MS = 100;

const SIMULATION_OPTIONS = {
  holdMs: { default: 5000, ...DURATION_MS, meaning: 'milliseconds that the memory is held' },
  force: { default: false, ...BOOLEAN, meaning: 'take more than half of what is available' },
  kind: { default: 'heap', ...oneOf('heap', 'buffer'), meaning: "on V8's heap, or outside it in Buffers" },
  signal: { default: null, ...SIGNAL, meaning: 'releases the memory and ends the call' },
};

// Both are written to, so that the system really gives the pages.
const ALLOCATE = {
  // Numbers that are no integers take 8 bytes each, in one block on the heap.
  heap: (bytes) => new Array(Math.ceil(bytes / 8)).fill(0.5),
  buffer: (bytes) => Buffer.alloc(Math.ceil(bytes), 1),
};

/** Bytes that memory of this kind may still take before a limit is met. */
function availableBytes(sample, kind) {
  const { heapLimitBytes, heapUsedBytes, container, availableBytes: ofMachine } = sample;
  const room = [ofMachine ?? process.availableMemory()];
  if (container !== null) room.push(container.limitBytes - container.usedBytes);
  if (kind === 'heap') room.push(heapLimitBytes - heapUsedBytes);
  return Math.max(0, Math.min(...room));
}

function checkRoom(mb, available, from) {
  const most = Math.floor((available * MOST) / MB);
  if (mb <= most) return;
  const allowed = `at most ${most} (half of the ${Math.floor(available / MB)} MB that are available; { force: true } takes more)`;
  throw invalid(allowed, 'mb', mb, { range: true, from });
}

/** The highest figures of the samples that it is shown. */
class Peak {
  rssBytes = null;
  heapUsedBytes = 0;
  externalBytes = 0;

  see({ rssBytes, heapUsedBytes, externalBytes }) {
    if (rssBytes !== null) this.rssBytes = Math.max(this.rssBytes ?? 0, rssBytes);
    this.heapUsedBytes = Math.max(this.heapUsedBytes, heapUsedBytes);
    this.externalBytes = Math.max(this.externalBytes, externalBytes);
  }
}

/** Takes `mb` a megabyte at a time, so that the program goes on meanwhile. */
async function take(mb, kind, signal, look) {
  const held = [];
  for (let left = mb; left > 0; left -= 1) {
    held.push(ALLOCATE[kind](Math.min(1, left) * MB));
    look();
    await setImmediate(undefined, { signal });
  }
  return held;
}

async function hold(holdMs, signal, look) {
  const until = performance.now() + holdMs;
  for (let left = holdMs; left > 0; left = until - performance.now()) {
    await setTimeout(Math.min(left, LOOK_MS), undefined, { signal });
    look();
  }
}

/** The signal's reason, as everywhere; timers/promises wraps it. */
function unwrapped(error, signal) {
  return signal?.aborted ? signal.reason : error;
}

/** simulateMemoryPressure over `parts`; documented in memory-monitor-util.d.ts. */
function simulation(parts) {
  return async function simulateMemoryPressure(mb, options = {}) {
    checkArgument(MEGABYTES, mb, 'mb', simulateMemoryPressure);
    const { holdMs, force, kind, signal } = readOptions(options, simulateMemoryPressure, SIMULATION_OPTIONS);
    signal?.throwIfAborted();
    const before = parts.engine().read();
    if (!force) checkRoom(mb, availableBytes(before, kind), simulateMemoryPressure);
    const peak = new Peak();
    const look = () => peak.see(parts.engine().read());
    const began = performance.now();
    try {
      const held = await take(mb, kind, signal ?? undefined, look);
      await hold(holdMs, signal ?? undefined, look);
      // Emptied, not only forgotten: V8 may let go of what is not used again.
      held.length = 0;
      return { kind, heldMB: mb, durationMs: performance.now() - began, peak: { ...peak } };
    } catch (error) {
      throw unwrapped(error, signal);
    }
  };
}

module.exports = { simulation };
