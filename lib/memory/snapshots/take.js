'use strict';

const { snapshotEvents } = require('../snapshot-events.js');
const { Taker } = require('./taker.js');

// One heap belongs to one isolate, as this module does: worker threads have takers of their own.
const taker = new Taker();

/** A wrong call and an abort are no failures of the snapshot. */
const isFailure = (error, signal) => !signal?.aborted && !String(error?.code).startsWith('ERR_PGTAP_INVALID_');

/** Documented in take.d.ts. */
async function takeSnapshot(options = {}) {
  try {
    const outcome = await taker.take(options, takeSnapshot);
    if (!outcome.refused) snapshotEvents.emit('taken', outcome);
    return outcome;
  } catch (error) {
    if (isFailure(error, options?.signal)) snapshotEvents.emit('failed', error);
    throw error;
  }
}

module.exports = { takeSnapshot };
