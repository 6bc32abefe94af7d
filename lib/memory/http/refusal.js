'use strict';

/** Headers of every answer: nothing of it is kept, guessed at, framed, or read by another site's page. */
const SAFE_HEADERS = Object.freeze({
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
});

/** An answer with a value in JSON. */
function json(value, { status = 200, headers = {} } = {}) {
  return {
    status,
    headers: { ...SAFE_HEADERS, 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** Why a request is not answered with what it asked for. The message is for the client: no path, no SQL, no stack. */
class Refusal extends Error {
  /**
   * @param {number} status of HTTP
   * @param {string} code stable
   * @param {string} message
   * @param {Record<string, string>} [headers]
   */
  constructor(status, code, message, headers = {}) {
    super(message);
    this.name = 'Refusal';
    Object.assign(this, { status, code, headers });
  }

  toAnswer() {
    const { status, code, message, headers } = this;
    return json({ error: { code, message } }, { status, headers });
  }
}

module.exports = { Refusal, SAFE_HEADERS, json };
