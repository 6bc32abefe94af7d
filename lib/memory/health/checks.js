'use strict';

const { performance } = require('node:perf_hooks');

/** Settles as `run(signal)` does, or rejects after `limitMs`, when `signal` is aborted. */
async function withinTime(run, limitMs) {
  const controller = new AbortController();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`it took longer than ${limitMs} ms`);
      controller.abort(error);
      reject(error);
    }, limitMs);
  });
  try {
    return await Promise.race([run(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

const textOf = (error) => String(error?.message ?? error);

/** A check of the user's. It runs once at a time, whoever asks for it: strangers cannot pile calls upon a slow database. */
class Check {
  #fn;
  #timeoutMs;
  /** The run that somebody waits for. */
  #running = null;
  /** A run that took too long, and has not ended since. */
  #stuck = false;

  constructor(name, fn, timeoutMs) {
    this.name = name;
    this.#fn = fn;
    this.#timeoutMs = timeoutMs;
  }

  run() {
    if (this.#stuck && this.#running === null) return Promise.resolve(failed('the run before has not ended', 0));
    this.#running ??= this.#runNow().finally(() => { this.#running = null; });
    return this.#running;
  }

  async #runNow() {
    const began = performance.now();
    try {
      const details = await withinTime((signal) => this.#call(signal), this.#timeoutMs);
      return { status: 'healthy', durationMs: performance.now() - began, error: null, details: details ?? null };
    } catch (error) {
      return failed(textOf(error), performance.now() - began);
    }
  }

  async #call(signal) {
    this.#stuck = true;
    try {
      return await this.#fn({ signal });
    } finally {
      this.#stuck = false;
    }
  }
}

const failed = (error, durationMs) => ({ status: 'unhealthy', durationMs, error, details: null });

module.exports = { Check };
