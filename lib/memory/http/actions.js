'use strict';

const { rule } = require('../../options.js');
const { shownSnapshot } = require('./heap-analysis.js');
const { Refusal } = require('./refusal.js');
const { size, usage } = require('./text.js');

/** Why an action from outside is taken, as events and logs have it. */
const REASON = 'asked for over HTTP';

/** Why a heap snapshot is taken; a file's name is made of its letters and digits. */
const SNAPSHOT_REASON = rule('1 to 100 characters without slashes, backslashes and control characters', (value) => (
  typeof value === 'string' && /^[^/\\\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]{1,100}$/u.test(value) ? undefined : 'range'));

/** What came of a cleanup. An error's text is the program's own: its warnings and events have it. */
function shownAction({ error, ...action }) {
  return action;
}

/** Does something, and says how memory was before and after. */
async function measured(manager, act) {
  const before = manager.getStatus().sample;
  const outcome = await act();
  return { ...outcome, before: usage(before), after: usage(manager.getStatus().sample) };
}

/** A forced collection: what it did in numbers, and the same for display. */
function collect({ manager }) {
  return measured(manager, async () => {
    const action = await manager.forceGarbageCollection(REASON);
    return { ...shownAction(action), pauseMs: action.durationMs, freed: size(action.freedBytes) };
  });
}

function cleanUp({ manager }) {
  return measured(manager, async () => {
    const actions = await manager.performEmergencyCleanup();
    const freedBytes = actions.reduce((sum, action) => sum + (action.freedBytes ?? 0), 0);
    return { actions: actions.map(shownAction), freedBytes, freed: size(freedBytes) };
  });
}

/** What is said of a snapshot that was not taken; its own message names the folder. */
const WHY_NOT = {
  memory: () => 'It may take more memory than is available',
  disk: () => 'The disk has too little room for it',
  pause: ({ pauseMs }) => `It may stop the program for ${pauseMs} ms, longer than the option "snapshotMaxPauseMs" of createMemoryRouter allows`,
  busy: () => 'Another snapshot is being taken',
};

async function snapshot({ takeSnapshot, options }, { reason = 'manual' }) {
  const outcome = await takeSnapshot({ reason, dir: options.snapshotDir, maxPauseMs: options.snapshotMaxPauseMs });
  if (outcome.refused) throw new Refusal(outcome.why === 'busy' ? 409 : 503, `snapshot_${outcome.why}`, WHY_NOT[outcome.why](outcome));
  return { ...shownSnapshot(outcome), bytes: outcome.bytes, pauseMs: outcome.pauseMs, removed: outcome.removed.length };
}

module.exports = { SNAPSHOT_REASON, cleanUp, collect, snapshot };
