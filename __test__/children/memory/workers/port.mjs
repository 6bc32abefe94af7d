// A script that answers by itself, in the form that the manual of worker_threads shows.
import { parentPort, threadId } from 'node:worker_threads';

const TASKS = {
  double: ({ n }) => n * 2,
  fail: () => { throw new Error('as asked'); },
  coded: () => { throw Object.assign(new TypeError('with a code'), { code: 'MINE' }); },
  where: () => ({ threadId, pid: process.pid }),
  leave: () => process.exit(7),
  crash: () => setImmediate(() => { throw new RangeError('nobody catches this'); }),
  hang: () => new Promise(() => {}),
  progress: () => { parentPort.postMessage({ percent: 50 }); return 'done'; },
  size: (buffer) => buffer.byteLength,
};

/** What it exports is not asked: it listens. */
export default function somethingElse() {
  throw new Error('this is not for tasks');
}

const processTask = ({ type, data }) => TASKS[type](data);

parentPort.on('message', async (task) => {
  try {
    const result = await processTask(task);
    if (task.type !== 'crash') parentPort.postMessage({ success: true, result });
  } catch (error) {
    parentPort.postMessage({ success: false, error: task.type === 'coded' ? { name: error.name, message: error.message, code: error.code, stack: error.stack } : error.message });
  }
});
