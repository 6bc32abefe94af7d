'use strict';

const { FUNCTION, checkArgument } = require('../rules.js');
const { ServerMemory } = require('./server-memory.js');

/** All of it around a listener of a bare server of Node's; documented in index.d.ts. */
function withMemoryMonitoringOn(parts, random) {
  return function withMemoryMonitoring(handler, options) {
    checkArgument(FUNCTION, handler, 'handler', withMemoryMonitoring);
    const memory = new ServerMemory(options, withMemoryMonitoring, { parts, random });
    function listener(request, response) {
      const refusal = memory.admit(request, response);
      if (refusal === null) return memory.run(request, response, () => handler.call(this, request, response));
      refusal.answer(response);
      return undefined;
    }
    listener.close = () => memory.close();
    return Object.defineProperty(listener, 'shedCount', { get: () => memory.shedCount });
  };
}

module.exports = { withMemoryMonitoringOn };
