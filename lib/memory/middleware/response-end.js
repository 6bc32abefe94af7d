'use strict';

/** Sockets with responses that wait for those before them, and what to call when such a socket closes. */
const waiting = new WeakMap();

function onceClosed(socket, fn) {
  let functions = waiting.get(socket);
  if (!functions) {
    functions = new Set();
    waiting.set(socket, functions);
    socket.once('close', () => {
      for (const each of functions) each();
    });
  }
  functions.add(fn);
  return () => functions.delete(fn);
}

/**
 * Calls `fn` once when the response was sent or its connection closed. Node tells of the latter only the response that
 * is being sent, not those that a client asked for on the same connection without waiting.
 */
function onceEnded(request, response, fn) {
  if (response.socket || !request.socket) {
    response.once('close', fn);
    return;
  }
  const off = onceClosed(request.socket, end);
  response.once('close', end);
  let ended = false;
  function end() {
    if (ended) return;
    ended = true;
    off();
    fn();
  }
}

module.exports = { onceEnded };
