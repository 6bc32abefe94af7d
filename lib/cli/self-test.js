'use strict';

const { setTimeout: wait } = require('node:timers/promises');

const { size } = require('./size.js');

const MB = 1024 * 1024;
/** What the pressure takes: well above the smallest spike, and within the room of small containers. */
const MOST_MB = 64;
const LEAST_MB = 32;
/** The part of what is available that is taken at most. */
const SHARE = 0.25;
/** Where the pressure should end. */
const REACHED_PERCENT = 97;
/** Where the levels are, as parts of the way from before the pressure to its end. */
const LEVELS = { warningPercent: 0.6, criticalPercent: 0.8, emergencyPercent: 0.93 };
/** Milliseconds until what is waited for counts as missing. */
const PATIENCE_MS = 4000;

const passed = (says, figures) => ({ result: 'passed', says, ...figures });
const failed = (says, figures) => ({ result: 'failed', says, ...figures });
const skipped = (says) => ({ result: 'skipped', says });
const judged = (good, says, figures) => (good ? passed : failed)(says, figures);

const UNTOLD = 'this system does not tell resident memory';

/** Percentages of the levels when memory begins at `base` percent. */
const levelsFrom = (base) => Object.fromEntries(Object.entries(LEVELS).map(([name, part]) => [name, base + (REACHED_PERCENT - base) * part]));

/** What the steps share. */
class Bench {
  levels = [];
  actions = [];
  spikes = [];
  #undo = [];
  #letGo = new AbortController();

  /** @param {{ parts: object, manager: object, simulate: Function, signal: AbortSignal, patienceMs?: number }} of */
  constructor({ parts, manager, simulate, signal, patienceMs = PATIENCE_MS }) {
    Object.assign(this, { parts, manager, simulate, signal, patienceMs });
    this.sample = parts.engine().read();
    const { container, availableBytes } = this.sample;
    const room = Math.min(availableBytes ?? process.availableMemory(), container ? container.limitBytes - container.usedBytes : Infinity);
    this.takeMB = Math.min(MOST_MB, Math.floor((room * SHARE) / MB));
  }

  /** Starts the manager with a limit that the pressure comes close to. */
  async begin() {
    const { rssBytes } = this.parts.engine().read();
    const limitMB = ((rssBytes / MB + this.takeMB) * 100) / REACHED_PERCENT;
    const listen = (event, list) => this.manager.on(event, (payload) => list.push(payload));
    listen('level', this.levels);
    listen('cleanup', this.actions);
    listen('spike', this.spikes);
    this.#undo.push(this.manager.registerCleanup('self_test', 110, 90, () => this.#release()));
    const levels = levelsFrom((rssBytes / MB / limitMB) * 100);
    await this.manager.initialize({ ...levels, limitMB, intervalMs: 100, leakDetection: false, cooldownMs: 0, maxGcPauseMs: PATIENCE_MS });
  }

  /** Lets the memory go when the spike was told, which it is when memory stood still for a second. */
  async #release() {
    await this.until(() => this.spikes.length > 0, this.patienceMs - 1000);
    this.#letGo.abort();
    return this.takeMB * MB;
  }

  /** Holds memory until a cleanup lets it go; whether one did. */
  async press() {
    const signal = AbortSignal.any([this.#letGo.signal, this.signal]);
    try {
      await this.simulate(this.takeMB, { kind: 'buffer', holdMs: 2 * this.patienceMs, signal });
    } catch (error) {
      this.signal.throwIfAborted();
      if (error !== signal.reason) throw error;
    }
    return this.#letGo.signal.aborted;
  }

  async until(holds, limitMs = this.patienceMs) {
    const end = performance.now() + limitMs;
    while (!holds() && performance.now() < end) await wait(50, undefined, { signal: this.signal });
    return holds();
  }

  async end() {
    for (const undo of this.#undo) undo();
    await this.manager.shutdown();
  }
}

function status({ sample: { heapUsedBytes, heapLimitBytes, rssBytes, percent } }) {
  const good = heapUsedBytes > 0 && heapLimitBytes > heapUsedBytes && percent > 0 && (rssBytes === null || rssBytes > heapUsedBytes);
  const says = `heap ${size(heapUsedBytes)} of ${size(heapLimitBytes)}, resident ${size(rssBytes)}`;
  return judged(good, says, { heapUsedBytes, heapLimitBytes, rssBytes });
}

/** Garbage that is seen to go: a weak reference says whether it went. */
const garbage = () => new WeakRef(Array.from({ length: 100_000 }, (_, at) => ({ at })));

async function collection({ parts }) {
  const made = garbage();
  // A target that was looked at stays until the next turn.
  await wait(0);
  const { success, freedBytes, durationMs, error } = parts.collections().run({ reason: 'memory test', kind: 'major' });
  const good = success && made.deref() === undefined;
  const figures = { freedBytes, durationMs };
  if (!good) return failed(`garbage was not collected: ${error ?? 'it is still there'}`, figures);
  return passed(`${size(freedBytes)} freed in ${durationMs.toFixed(1)} ms`, figures);
}

async function pressure(bench) {
  if (bench.sample.rssBytes === null) return skipped(UNTOLD);
  if (bench.takeMB < LEAST_MB) return failed(`too little memory is available: it takes ${LEAST_MB / SHARE} MB`);
  await bench.begin();
  const released = await bench.press();
  const names = bench.levels.map(({ to }) => to);
  const good = released && names.includes('emergency');
  const says = `${bench.takeMB} MB taken, levels: ${names.join(', ') || 'none'}${released ? '' : '; no cleanup let it go'}`;
  return judged(good, says, { takenMB: bench.takeMB, levels: names });
}

async function spike(bench) {
  if (bench.sample.rssBytes === null) return skipped(UNTOLD);
  await bench.until(() => bench.spikes.length > 0);
  const found = bench.spikes.find(({ memoryIncrease }) => memoryIncrease >= (bench.takeMB * MB) / 2);
  if (!found) return failed(`none of ${bench.takeMB} MB was told`);
  const { memoryIncrease, severity } = found;
  return passed(`${size(memoryIncrease)}, ${severity}`, { memoryIncrease, severity });
}

async function cleanup(bench) {
  if (bench.sample.rssBytes === null) return skipped(UNTOLD);
  const ran = (wanted) => bench.actions.some(({ type, success }) => type === wanted && success);
  const good = await bench.until(() => ran('self_test') && ran('force_gc'));
  const names = bench.actions.map(({ type, success, skipped: why }) => (success ? type : `${type} (${why ?? 'failed'})`));
  return judged(good, [...new Set(names)].join(', ') || 'none ran', { actions: bench.actions });
}

async function recovery(bench) {
  if (bench.sample.rssBytes === null) return skipped(UNTOLD);
  const good = await bench.until(() => bench.levels.length > 0 && bench.levels.at(-1).to === 'healthy');
  const { rssBytes } = bench.parts.engine().read();
  const level = good ? 'healthy again' : `still ${bench.levels.at(-1)?.to ?? 'without a level'}`;
  return judged(good, `${level}, resident ${size(rssBytes)}`, { rssBytes });
}

const STEPS = { status, collection, pressure, spike, cleanup, recovery };

/**
 * Tests the toolkit in this process, in order; each step is told to `tell` as it ends.
 *
 * @returns {Promise<{ name: string, result: 'passed' | 'failed' | 'skipped', says: string }[]>}
 */
async function selfTest(of, tell) {
  const bench = new Bench(of);
  const steps = [];
  try {
    for (const [name, run] of Object.entries(STEPS)) {
      steps.push({ name, ...await run(bench) });
      tell(steps.at(-1));
    }
  } finally {
    await bench.end();
  }
  return steps;
}

module.exports = { STEPS, selfTest };
