'use strict';

/** The schemas of a `search_path` as PostgreSQL writes it: unquoted names folded, quoted ones unquoted. */
function splitSearchPath(text) {
  return [...text.matchAll(/"((?:[^"]|"")*)"|[^,\s"]+/g)]
    .map(([whole, quoted]) => (quoted === undefined ? whole.toLowerCase() : quoted.replaceAll('""', '"')))
    .filter((name) => name !== '');
}

module.exports = { splitSearchPath };
