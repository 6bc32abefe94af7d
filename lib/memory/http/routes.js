'use strict';

const { SNAPSHOT_REASON, cleanUp, collect, snapshot } = require('./actions.js');
const { configuration } = require('./configuration.js');
const { dashboardPage } = require('./dashboard/index.js');
const { databaseStatistics, history, recentSpikes, report, status, topConsumers } = require('./displays.js');
const { heapAnalysis } = require('./heap-analysis.js');
const { openApi } = require('./openapi.js');
const { prometheus } = require('./prometheus.js');
const { health, leakDetection, metrics } = require('./reads.js');
const { openStream } = require('./stream.js');

/**
 * What is served below the base path; openapi.json describes each.
 *
 * `kind`: a `read` answers with a value for JSON (`answer({ ...sources, query, basePath, routes })`), an `action` as well
 * (`answer(sources, body)`), a `page` with `{ headers, body }`, and a `stream` opens (`open(request, response, sources)`) and
 * answers with the function that ends it. `group`: the word of the option `enable`. `fields`: what the body of an action may
 * have. `needs`: an option without which there is no such route.
 */
const ROUTES = [
  { method: 'GET', path: '/health', kind: 'read', group: 'reads', answer: health },
  { method: 'GET', path: '/metrics', kind: 'read', group: 'reads', answer: metrics },
  { method: 'GET', path: '/leak-detection', kind: 'read', group: 'reads', answer: leakDetection },
  { method: 'GET', path: '/status', kind: 'read', group: 'reads', answer: status },
  { method: 'GET', path: '/top-consumers', kind: 'read', group: 'reads', answer: topConsumers },
  { method: 'GET', path: '/history', kind: 'read', group: 'reads', answer: history },
  { method: 'GET', path: '/spikes', kind: 'read', group: 'reads', answer: recentSpikes },
  { method: 'GET', path: '/database', kind: 'read', group: 'reads', answer: databaseStatistics },
  { method: 'GET', path: '/heap-analysis', kind: 'read', group: 'reads', answer: heapAnalysis },
  { method: 'GET', path: '/config', kind: 'read', group: 'reads', answer: configuration },
  { method: 'GET', path: '/report', kind: 'read', group: 'reads', answer: report },
  { method: 'GET', path: '/openapi.json', kind: 'read', group: 'reads', answer: openApi },
  { method: 'GET', path: '/prometheus', kind: 'page', group: 'reads', needs: 'prometheus', answer: prometheus },
  { method: 'POST', path: '/gc', kind: 'action', group: 'actions', fields: {}, answer: collect },
  { method: 'POST', path: '/emergency-cleanup', kind: 'action', group: 'actions', fields: {}, answer: cleanUp },
  { method: 'POST', path: '/snapshot', kind: 'action', group: 'snapshot', fields: { reason: SNAPSHOT_REASON }, answer: snapshot },
  { method: 'GET', path: '/dashboard', kind: 'page', group: 'dashboard', answer: dashboardPage },
  { method: 'GET', path: '/stream', kind: 'stream', group: 'dashboard', open: openStream },
];

module.exports = { ROUTES };
