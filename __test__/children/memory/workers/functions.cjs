'use strict';

// One function for each type of task.
const { threadId } = require('node:worker_threads');

let cancelled = 0;

module.exports = {
  where: () => ({ threadId, pid: process.pid }),
  size: (buffer) => buffer.byteLength,
  echo: (data) => data,
  type: (data, { type }) => type,
  fails: () => {
    throw Object.assign(new RangeError('too far', { cause: new Error('deeper') }), { code: 'FAR', distance: 3, fn() {} });
  },
  text: () => Promise.reject('only text'),
  notCloneable: () => () => {},
  shared: () => new SharedArrayBuffer(8),
  post: (data, { post }) => {
    post({ step: 1 });
    post({ step: 2 });
    return 'posted';
  },
  leave: () => process.exit(7),
  crash: () => new Promise(() => setImmediate(() => {
    throw new RangeError('nobody catches this');
  })),
  hang: () => new Promise(() => {}),
  spin: () => {
    for (;;);
  },
  untilCancelled: (data, { signal }) => new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      cancelled += 1;
      reject(signal.reason);
    });
    // Somebody has to be there until then.
    setInterval(() => {}, 1000);
  }),
  cancelled: () => cancelled,
  wait: ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms)),
};
