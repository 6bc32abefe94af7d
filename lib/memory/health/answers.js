'use strict';

const { isAuthorized } = require('../authorization.js');
const { MB } = require('../figures.js');

const HEADERS = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

const usageText = ({ usagePercentage: percent, limitBytes, usageOf }) => (
  percent === null ? '' : `, ${percent} % of ${Math.round(limitBytes / MB)} MB (${usageOf})`);

function live(health) {
  const { ok, level, emergencyMs } = health.live();
  const reason = emergencyMs === null ? level : `${level} for ${Math.floor(emergencyMs / 1000)} s`;
  return { ok, text: ok ? 'ok' : 'not live', checks: { memory: { ok, reason } } };
}

const memoryLine = (ok, reason) => ({ memory: { ok, reason } });
const otherLines = (checks) => Object.fromEntries(Object.entries(checks).map(([name, { status, error }]) => [name, { ok: status === 'healthy', reason: error }]));

async function ready(health) {
  const { ok, level, failed, checks } = await health.ready();
  return { ok, text: ok ? 'ok' : 'not ready', checks: { ...memoryLine(!failed.includes('memory'), level), ...otherLines(checks) } };
}

async function healthy(health) {
  const { status, checks, metrics: { memoryUsage } } = await health.performEnhancedHealthCheck();
  const isFull = memoryUsage.status === 'critical' || memoryUsage.status === 'emergency';
  const line = memoryLine(!isFull, memoryUsage.status + usageText(memoryUsage));
  return { ok: status !== 'unhealthy', text: status, checks: { ...line, ...otherLines(checks) } };
}

const ROUTES = new Map([['/livez', live], ['/readyz', ready], ['/healthz', healthy]]);

/** A line for each check. Strangers learn which failed, and not why. */
function linesOf(checks, mayKnow) {
  return Object.entries(checks).map(([name, { ok, reason }]) => {
    const known = mayKnow ? reason : ok ? null : 'reason withheld';
    return `[${ok ? '+' : '-'}]${name} ${ok ? 'ok' : 'failed'}${known ? `: ${known.replace(/\s+/g, ' ')}` : ''}`;
  });
}

function send(request, response, status, lines, headers = HEADERS) {
  const body = `${lines.join('\n')}\n`;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function elsewhere(request, response, next, found) {
  if (next) next();
  else if (found) send(request, response, 405, ['method not allowed'], { ...HEADERS, allow: 'GET, HEAD' });
  else send(request, response, 404, ['not found']);
}

async function answerRoute(route, health, authorize, request, response, isVerbose) {
  const { ok, text, checks } = await route(health);
  const lines = isVerbose ? linesOf(checks, await isAuthorized(authorize, request, 'the health check')) : [];
  send(request, response, ok ? 200 : 503, [...lines, text]);
}

/** Answers /livez, /readyz and /healthz; everything else goes to `next`, or is not found. */
async function answer(health, authorize, request, response, next) {
  const [path, query = ''] = request.url.split('?', 2);
  const route = ROUTES.get(path);
  if (!route || (request.method !== 'GET' && request.method !== 'HEAD')) {
    elsewhere(request, response, next, route !== undefined);
    return;
  }
  try {
    await answerRoute(route, health, authorize, request, response, new URLSearchParams(query).has('verbose'));
  } catch (error) {
    if (error.code === 'ERR_PGTAP_CLOSED') send(request, response, 503, ['closed']);
    else if (next) next(error);
    else send(request, response, 503, ['failed']);
  }
}

module.exports = { answer };
