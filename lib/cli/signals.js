'use strict';

const SIGNALS = { SIGINT: 130, SIGTERM: 143 };

/** The first signal runs `stop`, the second one ends the program. */
function onSignals(stop) {
  const listeners = Object.entries(SIGNALS).map(([name, exitCode]) => [name, () => stop(exitCode)]);
  for (const [name, listener] of listeners) process.once(name, listener);
  return () => listeners.forEach(([name, listener]) => process.off(name, listener));
}

module.exports = { onSignals };
