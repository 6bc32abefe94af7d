'use strict';

const { routerWith } = require('./faces.js');
const { SOURCES } = require('./sources.js');

/** Documented in index.d.ts. */
function createMemoryRouter(options) {
  return routerWith(options, SOURCES, createMemoryRouter);
}

module.exports = { createMemoryRouter };
