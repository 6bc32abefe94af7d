'use strict';

const { spawnSync } = require('node:child_process');
const { setTimeout: wait } = require('node:timers/promises');

const { processTree } = require('../process-tree.js');

/** So long may processes take to end when they are asked to; then they are made to. */
const GRACE_MS = 5000;
const LOOK_EVERY_MS = 50;
const WINDOWS = process.platform === 'win32';

/** Sends a signal; nothing happens when nobody is there any more. */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // EPERM: it belongs to somebody else by now, as after sudo.
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}

/** The processes of a step, itself included, that have not ended. Where the system tells none, only whether its group has. */
function alive(pid) {
  const tree = processTree(pid);
  if (tree !== null) return tree.processes;
  try {
    process.kill(WINDOWS ? pid : -pid, 0);
    return [{ pid, name: 'process group' }];
  } catch {
    return [];
  }
}

/** Signals the process group that a step leads, and what of its tree is in other groups. */
function signalTree(pid, signal) {
  if (WINDOWS) {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    return;
  }
  const processes = processTree(pid)?.processes ?? [];
  send(-pid, signal);
  for (const { pid: each } of processes) send(each, signal);
}

async function untilEnded(pid, ms) {
  for (let waited = 0; waited < ms; waited += LOOK_EVERY_MS) {
    if (alive(pid).length === 0) return true;
    await wait(LOOK_EVERY_MS);
  }
  return alive(pid).length === 0;
}

/** Ends all processes of a step: asks them to, and makes them after five seconds. */
async function endTree(pid) {
  signalTree(pid, 'SIGTERM');
  if (await untilEnded(pid, GRACE_MS)) return;
  signalTree(pid, 'SIGKILL');
  await untilEnded(pid, GRACE_MS);
}

module.exports = { alive, endTree, signalTree };
