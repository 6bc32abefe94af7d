'use strict';

/** Calls a listener of the user. What it throws, or rejects with, becomes one warning: it is not the caller's failure. */
function guarded(listener, name) {
  let told = false;
  const complain = (error) => {
    if (told) return;
    told = true;
    process.emitWarning(`${name} failed: ${error?.message ?? error}`, { code: 'PGTAP_MEMORY_LISTENER', detail: error?.stack });
  };
  return (value) => {
    try {
      const answer = listener(value);
      if (typeof answer?.then === 'function') answer.then(undefined, complain);
    } catch (error) {
      complain(error);
    }
  };
}

/** What `operate` needs to tell of progress. */
function progressListener(onProgress) {
  if (onProgress === undefined) return undefined;
  const tell = guarded(onProgress, 'onProgress');
  return (events) => events.forEach(tell);
}

module.exports = { progressListener };
