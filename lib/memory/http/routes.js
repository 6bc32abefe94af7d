'use strict';

const { collect } = require('./actions.js');
const { dashboardPage } = require('./dashboard/index.js');
const { status } = require('./displays.js');
const { health, metrics } = require('./reads.js');
const { openStream } = require('./stream.js');

/**
 * What is served below the base path. `kind`: a `read` and an `action` answer with a value for JSON (`answer(sources, query,
 * body)`), a `page` with `{ headers, body }`, a `stream` opens (`open(request, response, sources)`) and answers with the
 * function that ends it. `group`: the word of the option `enable`. `fields`: what the body of an action may have.
 */
const ROUTES = [
  { method: 'GET', path: '/health', kind: 'read', group: 'reads', answer: health },
  { method: 'GET', path: '/metrics', kind: 'read', group: 'reads', answer: metrics },
  { method: 'GET', path: '/status', kind: 'read', group: 'reads', answer: status },
  { method: 'POST', path: '/gc', kind: 'action', group: 'actions', fields: {}, answer: collect },
  { method: 'GET', path: '/dashboard', kind: 'page', group: 'dashboard', answer: dashboardPage },
  { method: 'GET', path: '/stream', kind: 'stream', group: 'dashboard', open: openStream },
];

module.exports = { ROUTES };
