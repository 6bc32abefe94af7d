'use strict';

const { PgTapError } = require('./errors.js');

/** The error of a call after close(). */
function closed(store, from) {
  const error = new PgTapError('ERR_PGTAP_CLOSED', `This ${store} is closed; make a new one`);
  Error.captureStackTrace(error, from);
  return error;
}

const limitText = ({ limit, most }) => (limit === 'object_limit' ? `maxObjectsPerType is ${most}` : `maxMemoryMB is ${most} bytes`);

const MESSAGES = {
  spilling: (notice) => `${limitText(notice)}: objects of type ${JSON.stringify(notice.kind)} that were not used for the longest time are on disk from now on`,
  pruned: (notice) => `${limitText(notice)} and spill is off: ${notice.dropped} objects of type ${JSON.stringify(notice.kind)} were dropped, the ${notice.kept} used last stay`,
  refused: (notice) => `${limitText(notice)}, and no other object can make room: objects of type ${JSON.stringify(notice.kind)} are not taken until one can`,
};

function warningOf(notice) {
  const { event, limit, most, kind, dropped, kept } = notice;
  const data = { action: event, objectType: kind, limit: most };
  if (event === 'pruned') Object.assign(data, { dropped, kept });
  return { type: limit, message: MESSAGES[event](notice), data, timestamp: new Date() };
}

/** An `error` event where somebody listens, else a warning: without a listener an `error` would be thrown. */
function tellFailure(store, { code, message }) {
  const payload = { message, error: new PgTapError(code, message), data: {}, timestamp: new Date() };
  if (store.listenerCount('error') > 0) store.emit('error', { type: 'error', ...payload });
  else store.emit('warning', { type: 'warning', ...payload });
}

/** Emits what happened in a store: an array of the native side's notices. */
function tellNews(store, notices) {
  for (const notice of notices) {
    if (notice.event === 'failed') tellFailure(store, notice);
    else store.emit('warning', warningOf(notice));
  }
}

module.exports = { closed, tellNews };
