'use strict';

const { spawn } = require('node:child_process');
const { dirname, join } = require('node:path');
const { performance } = require('node:perf_hooks');

const { PgTapError } = require('../../errors.js');

/** The end of what a program prints that is kept, in characters. */
const KEPT_CHARACTERS = 64 * 1024;
/** How long a program may take to end when it is asked to, in milliseconds; less than a pool gives a cancelled task. */
const GRACE_MS = 500;
const isWindows = process.platform === 'win32';

/** npm as a program that needs no shell: on Windows it is a script of the shell, behind which stands this file. */
function npm(...args) {
  if (!isWindows) return { file: 'npm', args };
  return { file: process.execPath, args: [join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'), ...args] };
}

/** Ends a program with all that it started: each has a group of its own. */
function kill(child, signal) {
  try {
    if (isWindows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Ends the program when the signal is aborted; first asks it. */
function endWith(child, signal) {
  let timer;
  const onAbort = () => {
    kill(child, 'SIGTERM');
    timer = setTimeout(() => kill(child, 'SIGKILL'), GRACE_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
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
 * @returns {Promise<{ success: true, exitCode: 0, durationMs: number, output: string, peakRssBytes: null }>} `output`: the end
 *   of what it printed. Rejects when it fails, with the same fields.
 */
function runCommand({ file, args }, { cwd, signal }) {
  signal.throwIfAborted();
  const begin = performance.now();
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: !isWindows, windowsHide: true });
  const undo = endWith(child, signal);
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
      // What a build takes at its peak is the sum of many processes, which nobody adds up here.
      const outcome = { exitCode, signal: endedBy, durationMs: performance.now() - begin, output, peakRssBytes: null };
      if (signal.aborted) reject(signal.reason);
      else if (exitCode === 0) resolve({ success: true, exitCode, durationMs: outcome.durationMs, output, peakRssBytes: null });
      else reject(failure({ file, args, cwd }, outcome));
    });
  });
}

module.exports = { npm, runCommand };
