'use strict';

/** Sets the three headers from what is known already; documented in index.d.ts. */
function setMemoryHeaders(response, texts, level) {
  if (texts !== null) {
    response.setHeader('X-Memory-Usage', texts.usedMB);
    response.setHeader('X-Memory-Percent', texts.percent);
  }
  response.setHeader('X-Memory-Status', level);
}

/** Figures of a server's memory are nobody's business in production, unless they are asked for. */
const headersWanted = ({ enabled }) => enabled ?? process.env.NODE_ENV !== 'production';

module.exports = { headersWanted, setMemoryHeaders };
