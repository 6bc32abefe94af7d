'use strict';

const { pluginOf } = require('./fastify.js');
const { handlerOf } = require('./handler.js');
const { MemoryRouter } = require('./memory-router.js');
const { readRouterOptions } = require('./options.js');

/** As createMemoryRouter, over sources of the caller's: one function, with what belongs to it. */
function routerWith(options, sources, from) {
  const router = new MemoryRouter(readRouterOptions(options, from), sources);
  return Object.assign(handlerOf(router), { fastify: pluginOf(router), close: () => router.close() });
}

module.exports = { routerWith };
