// The servers of the benchmark `load`: three frameworks, each without and with everything that watches its requests.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import fastify from 'fastify';

const require = createRequire(import.meta.url);
const { fastifyMemory } = require('../lib/memory/fastify/index.js');
const { memoryMonitoring, withMemoryMonitoring } = require('../lib/memory/middleware/index.js');

/** An answer of about 1 KB, made anew each time, as an interface's answers are. */
const answer = () => ({ items: Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}`, price: id * 1.5, tags: ['a', 'b'] })) });

/** Rows that `/work` builds, and of which it serialises pages of `PAGE`: about 0.6 ms. It sends one page. */
const ROWS = 1_500;
const PAGE = 20;

/** The same answer after some real work: what servers do for a request is seldom less. */
export function worked() {
  const rows = Array.from({ length: ROWS }, (_, id) => ({ id, name: `item ${id}`, price: id * 1.5, tags: ['a', 'b'] }));
  const pages = [];
  for (let at = 0; at < ROWS; at += PAGE) pages.push(JSON.stringify(rows.slice(at, at + PAGE)));
  return { pages: pages.length, items: JSON.parse(pages.at(-1)) };
}

/** Of `/slow`, for clients that do not wait so long. Milliseconds. */
const SLOW = 200;

function answerBare(request, response) {
  const send = () => {
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(request.url === '/work' ? worked() : answer()));
  };
  if (request.url === '/slow') setTimeout(send, SLOW);
  else send();
}

function expressApp(...watching) {
  const app = express();
  for (const middleware of watching) app.use(middleware);
  app.get('/', (request, response) => { response.json(answer()); });
  app.get('/work', (request, response) => { response.json(worked()); });
  app.get('/slow', (request, response) => { setTimeout(() => response.json(answer()), SLOW); });
  return createServer(app);
}

async function fastifyApp(options) {
  const app = fastify();
  if (options) await app.register(fastifyMemory, options);
  app.get('/', async () => answer());
  app.get('/work', async () => worked());
  app.get('/slow', () => wait(SLOW).then(answer));
  await app.ready();
  return app.server;
}

/** Everything that watches requests, at its defaults, with the headers that a program in production leaves out. */
const ALL = { headers: { enabled: true } };
/** The defaults in production. */
const PRODUCTION = { headers: false };
/** That requests are refused when memory is short, and nothing else. */
const REFUSING = { headers: false, requests: false };

const onBare = (options) => createServer(withMemoryMonitoring(answerBare, options));
const onExpress = (options) => expressApp(memoryMonitoring(options));

function inLayers() {
  const { addMemoryHeaders, monitorRequestMemory, handleMemoryPressure } = memoryMonitoring;
  return expressApp(addMemoryHeaders({ enabled: true }), monitorRequestMemory(), handleMemoryPressure());
}

/**
 * framework -> way -> what makes a `node:http` server that does not listen yet: `off` is without the middleware, `refusing`
 * with what refuses requests alone, `production` with all but the headers, `on` with all of it; of Express `layers` is all of
 * it in three layers, and the others are one. `on` takes further options.
 */
export const SERVERS = {
  'node:http': {
    off: () => createServer(answerBare),
    refusing: () => onBare(REFUSING),
    production: () => onBare(PRODUCTION),
    on: (options) => onBare({ ...ALL, ...options }),
  },
  express: {
    off: () => expressApp(),
    refusing: () => expressApp(memoryMonitoring.handleMemoryPressure()),
    production: () => onExpress(PRODUCTION),
    on: (options) => onExpress({ ...ALL, ...options }),
    layers: inLayers,
  },
  fastify: {
    off: () => fastifyApp(),
    refusing: () => fastifyApp(REFUSING),
    production: () => fastifyApp(PRODUCTION),
    on: (options) => fastifyApp({ ...ALL, ...options }),
  },
};
