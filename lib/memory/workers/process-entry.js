'use strict';

const { writeFileSync } = require('node:fs');

const { encodeError } = require('./task-errors.js');
const { ThreadWorker } = require('./thread-worker.js');

// The main thread of a worker process runs no script: it watches the thread that does, which may stand still.

let worker;

const send = (message) => process.connected && process.send(message);

/** The system ends this process, not the one that it works for, when memory runs out. */
function volunteer() {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch (error) {
    // Some sandboxes mount /proc read-only; the limits of the pool hold without it.
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(error.code)) throw error;
  }
}

async function open(how) {
  volunteer();
  worker = new ThreadWorker(how);
  worker.on('usage', (usedBytes) => send({ usedBytes }));
  worker.on('message', (said) => send({ said }));
  worker.on('exit', (error) => setImmediate(leave, error));
  try {
    await worker.opened();
    send({ ready: true });
  } catch {
    // `exit` tells why.
  }
}

/** The last message: why the thread ended. */
function leave(error) {
  if (!process.connected) return process.exit();
  return process.send({ gone: encodeError(error) }, () => process.disconnect());
}

async function run(task) {
  const answer = await worker.run(task).then((result) => ({ success: true, result }), (error) => ({ success: false, error: encodeError(error) }));
  const isOver = !worker.isUsable;
  try {
    send({ answer, isOver });
  } catch (error) {
    // Memory shared between threads, and ports, cannot leave the process.
    send({ answer: { success: false, error: encodeError(error) }, isOver });
  }
  await worker.rest();
  if (worker.isUsable || worker.isWorn) send({ rested: { isWorn: worker.isWorn, peakBytes: worker.peakBytes } });
}

process.on('message', (message) => {
  if (message.open) void open(message.open);
  else if (message.task) void run(message.task);
  else if (message.cancel) worker.cancel(new Error(message.cancel.reason));
});
process.on('disconnect', () => process.exit());
