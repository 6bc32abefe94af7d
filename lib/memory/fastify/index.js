'use strict';

const { PARTS } = require('../parts.js');
const { fastifyMemoryOn } = require('./plugin.js');

const fastifyMemory = fastifyMemoryOn(PARTS);

/** The public names of the memory toolkit for Fastify; documented in index.d.ts. */
module.exports = { fastifyMemory };
