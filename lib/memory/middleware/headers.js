'use strict';

/** Sets the three headers from what is known already; documented in index.d.ts. */
function setMemoryHeaders(gauge, response) {
  if (response.headersSent) return;
  if (gauge.texts !== null) {
    response.setHeader('X-Memory-Usage', gauge.texts.usedMB);
    response.setHeader('X-Memory-Percent', gauge.texts.percent);
  }
  response.setHeader('X-Memory-Status', gauge.level);
}

/** Figures of a server's memory are nobody's business in production, unless they are asked for. */
const headersWanted = ({ enabled }) => enabled ?? process.env.NODE_ENV !== 'production';

module.exports = { headersWanted, setMemoryHeaders };
