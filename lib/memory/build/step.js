'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { performance } = require('node:perf_hooks');
const { setTimeout: wait } = require('node:timers/promises');

const { machineMemory } = require('./machine-memory.js');
const { TreeSampler } = require('./sampler.js');
const { alive, endTree, signalTree } = require('./tree-end.js');

/** What V8 says when it gives up is in the last lines. */
const KEPT_CHARACTERS = 64 * 1024;
/** A program that left the tree may hold the output open for ever. */
const OUTPUT_MS = 1000;
const STDERR = 2;

/** Passes the errors of a step on and keeps the last of them. */
function keepTail(stream) {
  const kept = { text: '' };
  stream.on('data', (bytes) => {
    process.stderr.write(bytes);
    kept.text = (kept.text + bytes.toString('latin1')).slice(-KEPT_CHARACTERS);
  });
  return kept;
}

function start({ command, args, cwd, env, shell }, { variables, json }) {
  // The leader of a session of its own: what it starts can be told and ended, also when its parents are gone.
  const detached = process.platform !== 'win32';
  const stdio = ['ignore', json ? STDERR : 'inherit', 'pipe'];
  return spawn(command, args, { cwd, env: { ...process.env, ...env, ...variables }, shell, detached, windowsHide: true, stdio });
}

/** How a child ended: `{ exitCode, signal, error }`, of which two are `null`. */
async function ending(child) {
  try {
    const [exitCode, signal] = await once(child, 'exit');
    return { exitCode, signal, error: null };
  } catch (error) {
    return { exitCode: null, signal: null, error };
  }
}

/** A step that runs: its processes, and how they end. */
class RunningStep {
  #child;
  #sampler;
  #errors;
  #began = performance.now();
  #before = machineMemory();

  constructor(step, how) {
    this.#child = start(step, how);
    this.#errors = keepTail(this.#child.stderr);
    if (this.#child.pid !== undefined) this.#sampler = new TreeSampler(this.#child.pid);
  }

  /** The tree as it was last sampled; `null` where the system does not tell. */
  get tree() {
    return this.#sampler?.last ?? null;
  }

  /** Ends it, with all that it started. */
  async stop() {
    if (this.#child.pid !== undefined) await endTree(this.#child.pid);
  }

  /** Ends it at once. */
  kill() {
    if (this.#child.pid !== undefined) signalTree(this.#child.pid, 'SIGKILL');
  }

  /** How it ended, once nothing of it is left. */
  async ended() {
    const { exitCode, signal, error } = await ending(this.#child);
    const durationMs = performance.now() - this.#began;
    const memory = { before: this.#before, after: machineMemory() };
    const left = error ? [] : await this.#endWhatIsLeft();
    return { exitCode, signal, error, durationMs, memory, left, errors: this.#errors.text, peak: this.#sampler?.peak ?? null };
  }

  async #endWhatIsLeft() {
    const { pid, stderr } = this.#child;
    this.#sampler.stop();
    const left = alive(pid);
    if (left.length > 0) await endTree(pid);
    if (!stderr.closed) await Promise.race([once(stderr, 'close'), wait(OUTPUT_MS)]);
    stderr.destroy();
    return left;
  }
}

module.exports = { RunningStep };
