// The servers of the benchmark `load`: three frameworks, each without and with everything that watches its requests.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import express from 'express';
import fastify from 'fastify';

const require = createRequire(import.meta.url);

/** An answer of about 1 KB, made anew each time, as an interface's answers are. */
const answer = () => ({ items: Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}`, price: id * 1.5, tags: ['a', 'b'] })) });

function answerBare(request, response) {
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(answer()));
}

function expressApp(...watching) {
  const app = express();
  for (const middleware of watching) app.use(middleware);
  app.get('/', (request, response) => { response.json(answer()); });
  return createServer(app);
}

async function fastifyApp(register) {
  const app = fastify();
  await register(app);
  app.get('/', async () => answer());
  await app.ready();
  return app.server;
}

/** framework -> { off, on }: each makes a `node:http` server that does not listen yet. */
export const SERVERS = {
  'node:http': {
    off: () => createServer(answerBare),
    on() {
      const { withMemoryMonitoring } = require('../lib/memory/middleware/index.js');
      return createServer(withMemoryMonitoring(answerBare, { headers: true }));
    },
  },
  express: {
    off: () => expressApp(),
    on() {
      const { memoryMonitoring } = require('../lib/memory/middleware/index.js');
      const { addMemoryHeaders, monitorRequestMemory, handleMemoryPressure } = memoryMonitoring;
      return expressApp(addMemoryHeaders({ enabled: true }), monitorRequestMemory(), handleMemoryPressure());
    },
  },
  fastify: {
    off: () => fastifyApp(() => {}),
    on: () => fastifyApp((app) => app.register(require('../lib/memory/fastify/index.js').fastifyMemory, { headers: true })),
  },
};
