'use strict';

const { locate, send } = require('./handler.js');
const { Refusal } = require('./refusal.js');

const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'];

/** Sends an answer the way of Fastify, so that the application's hooks see it; a stream takes the response over. */
function reply(answer, request, response) {
  if (answer.open) {
    response.hijack();
    send(answer, request.raw, response.raw);
    return response;
  }
  return response.code(answer.status).headers(answer.headers).send(answer.status === 204 ? undefined : answer.body);
}

/**
 * A plugin of Fastify. What it sets belongs to its own routes: the application's parsers never see a body of theirs, and
 * theirs is read as it comes.
 *
 * @param {import('./memory-router.js').MemoryRouter} router
 */
function pluginOf(router) {
  return async function memoryRoutes(instance) {
    const { prefix } = instance;
    const base = prefix.endsWith(router.basePath) ? '' : router.basePath;
    const handler = async (request, response) => {
      const found = locate(`${prefix}${base}`, '', request.raw.url) ?? { basePath: `${prefix}${base}`, path: '' };
      return reply(await router.answer({ raw: request.raw, request, ...found }), request, response);
    };
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', (request, payload, done) => done(null));
    instance.setErrorHandler((error, request, response) => {
      // A type that is none at all gets to no parser.
      if (!String(error.code).startsWith('FST_ERR_CTP_')) throw error;
      return reply(new Refusal(415, 'unsupported_media_type', 'Actions take application/json only').toAnswer(), request, response);
    });
    instance.addHook('preClose', async () => router.close());
    for (const url of [base, `${base}/*`]) instance.route({ method: METHODS, url, handler, exposeHeadRoute: false });
  };
}

module.exports = { pluginOf };
