'use strict';

const { pluginOf } = require('./fastify.js');
const { handlerOf } = require('./handler.js');
const { MemoryRouter } = require('./memory-router.js');
const { readRouterOptions } = require('./options.js');
const { SOURCES } = require('./sources.js');

/** The faces of a router: one function with what belongs to it. */
function facesOf(router) {
  return Object.assign(handlerOf(router), { fastify: pluginOf(router), close: () => router.close() });
}

/** Documented in index.d.ts. */
function createMemoryRouter(options) {
  return facesOf(new MemoryRouter(readRouterOptions(options, createMemoryRouter), SOURCES));
}

module.exports = { createMemoryRouter };
