'use strict';

const { EventEmitter } = require('node:events');

/**
 * What becomes of heap snapshots, between what takes them and what tells of them: `taken` with what was written, and
 * `failed` with the error when a snapshot that was begun could not be finished.
 */
class SnapshotEvents extends EventEmitter {
  /** What was written last; `null` before the first. */
  latest = null;

  constructor() {
    super();
    this.on('taken', (info) => {
      this.latest = info;
    });
  }
}

const snapshotEvents = new SnapshotEvents();

module.exports = { snapshotEvents };
