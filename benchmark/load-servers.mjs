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

/** Of `/slow`, for clients that do not wait so long. Milliseconds. */
const SLOW = 200;

function answerBare(request, response) {
  const send = () => {
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(answer()));
  };
  if (request.url === '/slow') setTimeout(send, SLOW);
  else send();
}

function expressApp(...watching) {
  const app = express();
  for (const middleware of watching) app.use(middleware);
  app.get('/', (request, response) => { response.json(answer()); });
  app.get('/slow', (request, response) => { setTimeout(() => response.json(answer()), SLOW); });
  return createServer(app);
}

async function fastifyApp(options) {
  const app = fastify();
  if (options) await app.register(fastifyMemory, options);
  app.get('/', async () => answer());
  app.get('/slow', () => wait(SLOW).then(answer));
  await app.ready();
  return app.server;
}

/** Everything that watches requests; a program in production leaves the headers out. */
const ALL = { headers: { enabled: true } };
/** That requests are refused when memory is short, and nothing else. */
const REFUSING = { headers: false, requests: false };

function onExpress(options) {
  const { addMemoryHeaders, monitorRequestMemory, handleMemoryPressure } = memoryMonitoring;
  return expressApp(addMemoryHeaders({ enabled: true, ...options }), monitorRequestMemory(), handleMemoryPressure(options));
}

/**
 * framework -> way -> what makes a `node:http` server that does not listen yet: `off` is without the middleware, `refusing`
 * with what refuses requests alone, `on` with all of it. `on` takes where levels begin.
 */
export const SERVERS = {
  'node:http': {
    off: () => createServer(answerBare),
    refusing: () => createServer(withMemoryMonitoring(answerBare, REFUSING)),
    on: (options) => createServer(withMemoryMonitoring(answerBare, { ...ALL, ...options })),
  },
  express: {
    off: () => expressApp(),
    refusing: () => expressApp(memoryMonitoring.handleMemoryPressure()),
    on: onExpress,
  },
  fastify: {
    off: () => fastifyApp(),
    refusing: () => fastifyApp(REFUSING),
    on: (options) => fastifyApp({ ...ALL, ...options }),
  },
};
