'use strict';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'];

/**
 * Steps are in sessions of their own, which a Ctrl-C does not reach: a program that ends by a signal would leave them behind.
 * Such a signal first ends them, by `stop`, and then the program; the second one, by `kill`, at once. A program that has
 * listeners of its own decides itself.
 *
 * @param {() => Promise<unknown>} stop
 * @param {() => void} kill
 * @returns {{ forget: () => void, ended: () => Promise<void> | undefined }} `ended`: once a signal came, when the program has been ended
 */
function endStepsOnSignals(stop, kill) {
  let ended;
  const end = (signal) => {
    forget();
    process.kill(process.pid, signal);
  };
  const listener = (signal) => {
    if (process.listenerCount(signal) > 1) return;
    if (ended === undefined) {
      ended = stop().finally(() => end(signal));
      return;
    }
    kill();
    end(signal);
  };
  const forget = () => SIGNALS.forEach((signal) => process.off(signal, listener));
  SIGNALS.forEach((signal) => process.on(signal, listener));
  return { forget, ended: () => ended };
}

module.exports = { endStepsOnSignals };
