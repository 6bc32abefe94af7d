'use strict';

/**
 * The path below the base, or `null` where the request is for somebody else. The path is compared as it was sent: nothing is
 * decoded, no dots or slashes are resolved, so no way of writing it leads past a guard that stands before.
 *
 * @param {string} basePath
 * @param {string} mount what a framework took off the front of `url`
 * @param {string} url
 */
function locate(basePath, mount, url) {
  const [path] = url.split('?', 1);
  if (path === basePath || path.startsWith(`${basePath}/`)) return { basePath: `${mount}${basePath}`, path: path.slice(basePath.length) };
  return mount.endsWith(basePath) ? { basePath: mount, path } : null;
}

/** Writes an answer to a response of node:http. */
function send({ status, headers, body, open }, request, response) {
  // Whoever stands before may have answered meanwhile, with a timeout for instance.
  if (response.headersSent || response.destroyed) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (open) {
    open(request, response);
    return;
  }
  if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(request.method === 'HEAD' ? undefined : body);
}

/**
 * A handler of node:http, which Express and connect take, too.
 *
 * @param {import('./memory-router.js').MemoryRouter} router
 */
function handlerOf(router) {
  return function memoryRouter(request, response, next) {
    const found = locate(router.basePath, request.baseUrl ?? '', request.url);
    if (found === null && next) {
      next();
      return;
    }
    const asked = { raw: request, request, ...(found ?? { basePath: router.basePath, path: '' }) };
    void router.answer(asked).then((answer) => send(answer, request, response));
  };
}

module.exports = { handlerOf, locate, send };
