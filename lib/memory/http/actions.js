'use strict';

const { size, usage } = require('./text.js');

/** Why an action from outside is taken, as events and logs have it. */
const REASON = 'asked for over HTTP';

/** What came of a cleanup. An error's text is the program's own: its warnings and events have it. */
function shownAction({ error, ...action }) {
  return action;
}

/** A forced collection: what it did in numbers, and the same for display. */
async function collect({ manager }) {
  const before = manager.getStatus().sample;
  const action = await manager.forceGarbageCollection(REASON);
  const after = manager.getStatus().sample;
  return {
    ...shownAction(action),
    pauseMs: action.durationMs,
    freed: size(action.freedBytes),
    before: usage(before),
    after: usage(after),
  };
}

module.exports = { collect };
