// Servers that serve the memory endpoints in every way that there is, and a client that writes any bytes.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';

import express from 'express';
import fastify from 'fastify';

const require = createRequire(import.meta.url);
const { routerWith } = require('../../lib/memory/http/faces.js');
const { SOURCES } = require('../../lib/memory/http/sources.js');

/** What a test's requests carry where they are authorised. */
export const KEY = { authorization: 'Bearer let me' };
export const JSON_TYPE = { 'content-type': 'application/json' };
export const authorize = ({ headers }) => headers.authorization === KEY.authorization;

/** A router over fakes where a test gives some; it logs into `logged`. */
export function routerOf(options = {}, sources = {}) {
  const logged = [];
  const router = routerWith({ logger: { log: (line) => logged.push(line) }, ...options }, { ...SOURCES, ...sources });
  return { router, logged };
}

async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

const ofExpress = (mount) => async (router) => {
  const app = express();
  mount(app, router);
  const server = createServer(app);
  return { server, port: await listening(server) };
};

const ofFastify = (register) => async (router) => {
  const app = fastify();
  await register(app, router);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { server: app.server, port: app.server.address().port, close: () => app.close() };
};

function below(app, router) {
  const outer = express.Router();
  outer.use(router);
  app.use('/v1', outer);
}

/** How a router is put to work: a name, where its routes begin then, and what starts a server with it. */
export const FACES = [
  { name: 'node:http', base: '/api/memory', start: async (router) => {
    const server = createServer(router);
    return { server, port: await listening(server) };
  } },
  { name: 'Express', base: '/api/memory', start: ofExpress((app, router) => app.use(router)) },
  { name: 'Express, mounted', base: '/api/memory', start: ofExpress((app, router) => app.use('/api/memory', router)) },
  { name: 'Express, below another router', base: '/v1/api/memory', start: ofExpress(below) },
  { name: 'Express, behind a body parser', base: '/api/memory', start: ofExpress((app, router) => app.use(express.json(), router)) },
  { name: 'Fastify', base: '/api/memory', start: ofFastify((app, router) => app.register(router.fastify)) },
  { name: 'Fastify, with a prefix', base: '/api/memory', start: ofFastify((app, router) => app.register(router.fastify, { prefix: '/api/memory' })) },
  { name: 'Fastify, below another plugin', base: '/v1/api/memory', start: ofFastify((app, router) => (
    app.register(async (inner) => { inner.register(router.fastify); }, { prefix: '/v1' }))) },
];

/** Starts a server that ends with the test; answers how to ask it. */
export async function serve(t, face, router) {
  const { server, port, close = () => new Promise((resolve) => server.close(resolve)) } = await face.start(router);
  const stop = async () => {
    server.closeAllConnections();
    router.close();
    await close();
  };
  t.after(stop);
  const url = `http://127.0.0.1:${port}${face.base}`;
  const ask = async (method, path, { headers, body } = {}) => {
    const response = await fetch(`${url}${path}`, { method, headers: { connection: 'close', ...headers }, body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : null };
  };
  return { url, port, server, ask, act: (path, body) => ask('POST', path, { headers: { ...KEY, ...JSON_TYPE }, body }) };
}

/** The server of node:http with a router of these options. */
export async function bare(t, options, sources) {
  const { router, logged } = routerOf(options, sources);
  return { router, logged, ...await serve(t, FACES[0], router) };
}

/** Sends bytes as they are, and answers all that comes back until the connection ends, or is silent for a while. */
export function raw(port, ...parts) {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    const done = () => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(3000, done);
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('error', done);
    socket.on('close', done);
    for (const part of parts) socket.write(part);
  });
}
