'use strict';

const { spawn } = require('node:child_process');
const { dirname, join } = require('node:path');
const { performance } = require('node:perf_hooks');

const { PgTapError } = require('../../errors.js');
const { signalTree } = require('../build/tree-end.js');
const { processTree } = require('../process-tree.js');

/** The end of what a program prints that is kept, in characters. */
const KEPT_CHARACTERS = 64 * 1024;
/** How long a program may take to end when it is asked to, in milliseconds; less than a pool gives a cancelled task. */
const GRACE_MS = 500;
/** How often the memory of a program and of all that it started is looked at, in milliseconds. */
const SAMPLE_MS = 100;
const isWindows = process.platform === 'win32';

/** npm as a program that needs no shell: on Windows it is a script of the shell, behind which stands this file. */
function npm(...args) {
  if (!isWindows) return { file: 'npm', args };
  return { file: process.execPath, args: [join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'), ...args] };
}

/** Ends the program, with all that it started, when the signal is aborted; first asks it. */
function endWith(child, signal) {
  let timer;
  const onAbort = () => {
    signalTree(child.pid, 'SIGTERM');
    timer = setTimeout(() => signalTree(child.pid, 'SIGKILL'), GRACE_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
}

/** Watches the memory of a program and of all that it started; answers what ends that and tells the highest sum, or `null`. */
function watchTree(pid) {
  let peak = null;
  const look = () => {
    const tree = processTree(pid);
    if (tree !== null && tree.rssBytes > 0) peak = Math.max(peak ?? 0, tree.rssBytes);
  };
  const timer = setInterval(look, SAMPLE_MS).unref();
  look();
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function failure({ file, args, cwd }, outcome) {
  const how = outcome.signal === null ? `exit code ${outcome.exitCode}` : outcome.signal;
  const error = new PgTapError('ERR_PGTAP_BUILD_TASK', `${[file, ...args].join(' ')} in ${cwd} ended with ${how}`);
  return Object.assign(error, outcome);
}

/**
 * Runs a program without a shell.
 *
 * @param {{ file: string, args: string[] }} command
 * @param {{ cwd: string, signal: AbortSignal }} how
 * @returns {Promise<{ success: true, exitCode: 0, signal: null, durationMs: number, output: string, peakRssBytes: number | null }>}
 *   `output`: the end of what it printed. Rejects when it fails, with the same fields.
 */
function runCommand({ file, args }, { cwd, signal }) {
  signal.throwIfAborted();
  const begin = performance.now();
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: !isWindows, windowsHide: true });
  const undo = endWith(child, signal);
  const peak = child.pid === undefined ? () => null : watchTree(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-KEPT_CHARACTERS);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      undo();
      reject(new PgTapError('ERR_PGTAP_BUILD_TASK', `${file} cannot be run in ${cwd}: ${cause.message}`, { cause }));
    });
    child.on('close', (exitCode, endedBy) => {
      undo();
      const outcome = { exitCode, signal: endedBy, durationMs: performance.now() - begin, output, peakRssBytes: peak() };
      if (signal.aborted) reject(signal.reason);
      else if (exitCode === 0) resolve({ success: true, ...outcome });
      else reject(failure({ file, args, cwd }, outcome));
    });
  });
}

module.exports = { npm, runCommand };
