'use strict';

const { MemoryManagerService } = require('../manager/service.js');
const { ServerMemory } = require('../middleware/server-memory.js');

/** What Fastify matched; nothing where it found no route. */
const routeOf = (request) => request.routeOptions.url ?? null;

/** On Fastify's reply: it writes its own headers and those of Node's response together only by a detour. */
function setHeaders(reply, texts, level) {
  if (texts !== null) reply.header('x-memory-usage', texts.usedMB).header('x-memory-percent', texts.percent);
  reply.header('x-memory-status', level);
}

/**
 * A plugin; documented in index.d.ts.
 *
 * @param {object} parts those of parts.js
 * @param {() => number} [random]
 */
function fastifyMemoryOn(parts, random) {
  async function fastifyMemory(fastify, options) {
    // What register() takes for itself comes with them.
    const { prefix, logLevel, logSerializers, ...given } = options;
    // First, for it refuses a second registration before anything is opened.
    fastify.decorate('memoryManager', MemoryManagerService.getInstance());
    const memory = new ServerMemory(given, fastifyMemory, { parts, random, routeOf, setHeaders });
    fastify.decorate('memoryPressure', pressureOf(memory));
    fastify.addHook('onRequest', (request, reply, next) => {
      const refusal = memory.admit(request.raw, reply);
      if (refusal === null) memory.run(request, reply.raw, next, request.raw);
      else reply.code(503).headers(refusal.headers).send(refusal.body);
    });
    fastify.addHook('onClose', (instance, closed) => {
      memory.close();
      closed();
    });
  }
  return Object.assign(fastifyMemory, PLUGIN);
}

const pressureOf = (memory) => ({
  get level() {
    return memory.gauge.level;
  },
  get percent() {
    return memory.gauge.percent;
  },
  get shedCount() {
    return memory.shedCount;
  },
});

// What fastify-plugin sets: the plugin belongs to the instance that registers it, not to one of its own.
const PLUGIN = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'pgtap-scanner-memory',
  [Symbol.for('plugin-meta')]: { name: 'pgtap-scanner-memory', fastify: '5.x' },
};

module.exports = { fastifyMemoryOn };
