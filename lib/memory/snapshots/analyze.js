'use strict';

const { filePath } = require('../../errors.js');
const { NativeSnapshots } = require('../../native.js');
const { operate } = require('../../operation.js');
const { snapshotOptions } = require('./options.js');
const { progressListener } = require('./progress.js');

const DEFAULTS = { topN: 20, dominators: true, signal: undefined, onProgress: undefined };

async function analyzeSnapshot(file, options) {
  const path = filePath(file, 'file', analyzeSnapshot);
  const { topN, dominators, signal, onProgress } = snapshotOptions(options, DEFAULTS, analyzeSnapshot);
  signal?.throwIfAborted();
  const native = new NativeSnapshots();
  const answer = await operate((callback) => native.analyze(path, topN, dominators, callback), {
    signal,
    cancel: () => native.cancel(),
    onEvents: progressListener(onProgress),
  });
  return { file: path, ...answer };
}

module.exports = { analyzeSnapshot };
