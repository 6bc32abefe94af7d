'use strict';

const { filePath } = require('../../errors.js');
const { NativeSnapshots } = require('../../native.js');
const { operate } = require('../../operation.js');
const { snapshotOptions } = require('./options.js');
const { progressListener } = require('./progress.js');

const DEFAULTS = { by: 'class', topN: 20, signal: undefined, onProgress: undefined };

async function diffSnapshots(before, after, options) {
  const files = [filePath(before, 'before', diffSnapshots), filePath(after, 'after', diffSnapshots)];
  const { by, topN, signal, onProgress } = snapshotOptions(options, DEFAULTS, diffSnapshots);
  signal?.throwIfAborted();
  const native = new NativeSnapshots();
  const answer = await operate((callback) => native.diff(...files, by === 'retained', topN, callback), {
    signal,
    cancel: () => native.cancel(),
    onEvents: progressListener(onProgress),
  });
  return { files, by, ...answer };
}

module.exports = { diffSnapshots };
