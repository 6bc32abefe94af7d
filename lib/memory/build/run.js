'use strict';

const { performance } = require('node:perf_hooks');

const { BuildLog } = require('./build-log.js');
const { explain } = require('./explanation.js');
const { checkMemory } = require('./heap-limit.js');
const { machineMemory } = require('./machine-memory.js');
const { nodeOptions } = require('./node-options.js');
const { readBuildOptions } = require('./options.js');
const { endStepsOnSignals } = require('./program-signals.js');
const { RunningStep } = require('./step.js');
const { exitCodeOf, reasonOf } = require('./verdict.js');

const SKIPPED = {
  reason: 'skipped', exitCode: null, signal: null, durationMs: 0, peakRssBytes: null, peakAnonymousBytes: null, peakProcesses: null,
  leftProcesses: [], explanation: null,
};

/** NODE_OPTIONS of a step, and what is to be said about it. */
function variablesOf({ env }, limits) {
  const { text, replaced } = nodeOptions(env.NODE_OPTIONS ?? process.env.NODE_OPTIONS ?? '', limits);
  return { variables: { NODE_OPTIONS: text }, replaced };
}

/** The result of a step that ended. */
function resultOf({ name, command }, ended, { heapMB, largestMB }) {
  const reason = reasonOf(ended);
  const { signal, durationMs, peak, left } = ended;
  return {
    name, command, reason, exitCode: exitCodeOf(ended), signal, durationMs,
    peakRssBytes: peak?.rssBytes ?? null, peakAnonymousBytes: peak?.anonymousBytes ?? null, peakProcesses: peak?.processes ?? null,
    leftProcesses: left.map((each) => `${each.name} (${each.pid})`),
    explanation: explain(reason, { ...ended, command, heapMB, largestMB }),
  };
}

/** The steps of one build, as they run. */
class Build {
  #options;
  #limits;
  #log;
  #results;
  #next = 0;
  #failed = false;
  #stopped = false;
  #running = new Map();

  constructor(options, limits, log) {
    this.#options = options;
    this.#limits = limits;
    this.#log = log;
    this.#results = options.steps.map(({ name, command }) => ({ name, command, ...SKIPPED }));
  }

  /** Runs the steps until all have, one has failed or the signal is aborted; their results in the order given. */
  async run() {
    const { signal, intervalMs, concurrency } = this.#options;
    const stop = () => this.#stop();
    const kill = () => [...this.#running.keys()].forEach((running) => running.kill());
    const timer = setInterval(() => this.#logMemory(), intervalMs);
    const signals = endStepsOnSignals(stop, kill);
    process.once('exit', kill);
    signal?.addEventListener('abort', stop, { once: true });
    // A logger may have aborted it.
    this.#stopped = signal?.aborted ?? false;
    try {
      await Promise.all(Array.from({ length: concurrency }, () => this.#lane()));
      await signals.ended();
    } catch (error) {
      await this.#stop();
      throw error;
    } finally {
      clearInterval(timer);
      signals.forget();
      process.off('exit', kill);
      signal?.removeEventListener('abort', stop);
    }
    return this.#results;
  }

  get #goesOn() {
    return this.#next < this.#options.steps.length && !this.#failed && !this.#stopped;
  }

  async #stop() {
    this.#stopped = true;
    await Promise.all([...this.#running.keys()].map((running) => running.stop()));
  }

  /** One step after another, of those that no other lane took. */
  async #lane() {
    while (this.#goesOn) {
      const at = this.#next;
      this.#next += 1;
      const result = await this.#step(this.#options.steps[at]);
      this.#results[at] = result;
      this.#failed ||= result.reason !== 'completed';
    }
  }

  async #step(step) {
    this.#log.stepBegin(step, machineMemory());
    const { variables } = variablesOf(step, this.#limits);
    const running = new RunningStep(step, { variables, json: this.#options.json });
    this.#running.set(running, step.name);
    if (this.#stopped) running.stop();
    const ended = await running.ended();
    this.#running.delete(running);
    const result = resultOf(step, ended, this.#limits);
    if (!this.#stopped) this.#log.stepEnd(result, ended.memory.after);
    return result;
  }

  #logMemory() {
    const running = [...this.#running].map(([{ tree }, name]) => ({ name, tree }));
    this.#log.memory(running, machineMemory());
  }
}

/** What was set in NODE_OPTIONS and does not hold. */
function replacedWarnings({ steps }, limits) {
  const replaced = steps.flatMap((step) => variablesOf(step, limits).replaced);
  return [...new Set(replaced)].map((flag) => `The heap limit of the build takes the place of ${flag} in NODE_OPTIONS.`);
}

/** Runs the steps of a build under a heap limit; documented in index.d.ts. */
async function runManagedBuild(given = {}) {
  const options = readBuildOptions(given, runManagedBuild);
  const { signal, steps, concurrency, autoGC } = options;
  signal?.throwIfAborted();
  const began = performance.now();
  const memory = machineMemory();
  const { heapMB, largestMB, warnings } = checkMemory(options, memory);
  const limits = { heapMB, largestMB, autoGC };
  warnings.push(...replacedWarnings(options, limits));
  const log = new BuildLog(options);
  log.begin({ steps, heapMB, concurrency, warnings, memory });
  const results = await new Build(options, limits, log).run();
  if (signal?.aborted) {
    log.interrupted();
    throw signal.reason;
  }
  const failed = results.find(({ reason }) => reason !== 'completed' && reason !== 'skipped');
  const result = {
    success: failed === undefined, exitCode: failed?.exitCode ?? 0, heapMB, warnings, durationMs: performance.now() - began, steps: results,
  };
  log.end(result, machineMemory());
  return result;
}

module.exports = { runManagedBuild };
