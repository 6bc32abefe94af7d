'use strict';

const { PgTapError } = require('../../errors.js');

/** How often a script that still sets itself up is asked whether it listens, in milliseconds. */
const POLL_MS = 5;

const functionsOf = (value) => Object.entries(value).filter(([, each]) => typeof each === 'function');

/** The function that a module exports: one for all tasks, or one by type; `null` when it exports none. */
function taskFunction(module) {
  // What TypeScript makes of `export default` in a CommonJS file.
  const exported = module.default?.__esModule ? module.default.default : module.default;
  if (typeof exported === 'function') return (task, context) => exported(task, context);
  const { default: _, ...named } = module;
  const byType = new Map([...functionsOf(named), ...(typeof exported === 'object' && exported !== null ? functionsOf(exported) : [])]);
  return byType.size === 0 ? null : (task, context) => chosen(byType, task.type)(task.data, context);
}

function chosen(byType, type) {
  const found = byType.get(type);
  if (found) return found;
  throw new PgTapError('ERR_PGTAP_WORKER_TASK', `No function for tasks of type "${type}"; there are: ${[...byType.keys()].join(', ')}`);
}

/**
 * Loads a worker's script. Whatever listens to `parentPort` is a script that answers by itself, whatever it exports;
 * else it must export functions. With neither it may still set itself up: what holds the thread alive may yet listen.
 *
 * @returns {Promise<Function | null>} the function that answers tasks; `null` when the script does
 */
async function openScript(url, parentPort) {
  const module = await import(url);
  const listens = () => parentPort.listenerCount('message') > 0 || parentPort.onmessage != null;
  if (listens()) return null;
  const answer = taskFunction(module);
  if (answer) return answer;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!listens()) return;
      clearInterval(timer);
      resolve(null);
    }, POLL_MS);
    timer.unref();
  });
}

module.exports = { openScript };
