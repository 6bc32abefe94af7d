// A server under a limit of its own, 150 MB above what it began with: POST /hold keeps 5 MB, POST /health/free lets all go.
// Prints its port. The argument says what it is made of.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { fastifyMemory } = require('../../../lib/memory/fastify/index.js');
const { triggerGarbageCollection } = require('../../../lib/memory/index.js');
const { memoryMonitoring, withMemoryMonitoring } = require('../../../lib/memory/middleware/index.js');

const MB = 2 ** 20;
/** More than the limit, less than what could hurt the machine. */
const MOST_HELD = 80;
const watch = { limitMB: Math.round(process.memoryUsage.rss() / MB) + 150, thresholds: { warning: 70, critical: 80, emergency: 90 }, intervalMs: 250 };

const held = [];
const answers = {
  '/hold': () => { if (held.length < MOST_HELD) held.push(Buffer.alloc(5 * MB, 1)); },
  '/health': () => {},
  '/health/free': () => {
    held.length = 0;
    triggerGarbageCollection();
  },
};
const answer = (path) => {
  answers[path]();
  return `${held.length}`;
};

async function listenNode() {
  const server = createServer(withMemoryMonitoring((request, response) => response.end(answer(request.url)), watch));
  await new Promise((settle) => server.listen(0, '127.0.0.1', settle));
  return server;
}

async function listenExpress() {
  const app = require('express')();
  app.use(memoryMonitoring.addMemoryHeaders(watch), memoryMonitoring.monitorRequestMemory(), memoryMonitoring.handleMemoryPressure(watch));
  for (const path of Object.keys(answers)) app.post(path, (request, response) => response.send(answer(path)));
  return new Promise((settle) => { const server = app.listen(0, '127.0.0.1', () => settle(server)); });
}

async function listenFastify() {
  const app = require('fastify')();
  await app.register(fastifyMemory, watch);
  for (const path of Object.keys(answers)) app.post(path, async () => answer(path));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server;
}

const listen = { node: listenNode, express: listenExpress, fastify: listenFastify }[process.argv[2]];
console.log((await listen()).address().port);
