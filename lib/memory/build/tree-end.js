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

/** Signals the process group that a step leads, and what of its tree is in other groups; answers their numbers. */
function signalTree(pid, signal) {
  if (WINDOWS) {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    return [];
  }
  const pids = (processTree(pid)?.processes ?? []).map((each) => each.pid);
  send(-pid, signal);
  for (const each of pids) send(each, signal);
  return pids;
}

/** Whether they all end in time. The system's list of processes is not of one moment: each is asked for by itself, too. */
async function untilEnded(pids, ms) {
  const ended = () => pids.every((pid) => alive(pid).length === 0);
  for (let waited = 0; waited < ms; waited += LOOK_EVERY_MS) {
    if (ended()) return true;
    await wait(LOOK_EVERY_MS);
  }
  return ended();
}

/** Ends all processes of a step: asks them to, and makes them after five seconds. */
async function endTree(pid) {
  if (await untilEnded([pid, ...signalTree(pid, 'SIGTERM')], GRACE_MS)) return;
  await untilEnded([pid, ...signalTree(pid, 'SIGKILL')], GRACE_MS);
}

module.exports = { alive, endTree, signalTree };
