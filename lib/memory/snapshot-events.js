'use strict';

const { EventEmitter } = require('node:events');

/**
 * What becomes of heap snapshots, between what takes them and what tells of them: `taken` with what was written, and
 * `failed` with the error when a snapshot that was begun could not be finished.
 */
const snapshotEvents = new EventEmitter();

module.exports = { snapshotEvents };
