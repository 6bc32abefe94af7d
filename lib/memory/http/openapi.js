'use strict';

/** The document of what is served here: openapi.json, with the paths that are enabled. */
function openApi({ basePath, routes }) {
  const document = require('./openapi.json');
  const served = Object.entries(document.paths).filter(([path]) => routes.has(path));
  return { ...document, servers: [{ url: basePath }], paths: Object.fromEntries(served) };
}

module.exports = { openApi };
