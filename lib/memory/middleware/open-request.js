'use strict';

const { Bystander } = require('../bystanders.js');
const { onceEnded } = require('./response-end.js');

/**
 * Whether the response was sent, which destroys it, or its connection closed. Of HTTP/2 a stream is what HTTP/1.1 has a
 * socket for.
 */
function isOver(request, response) {
  return response.destroyed || (response.stream ?? request.socket)?.destroyed === true;
}

/** A request that is not measured, as those that are see it: it runs beside them. */
class OpenRequest extends Bystander {
  /** Node's; let go of when it ended. */
  request;
  response;

  constructor(request, response) {
    super();
    this.request = request;
    this.response = response;
  }

  get ended() {
    if (this.response !== null && isOver(this.request, this.response)) this.#close();
    return this.response === null;
  }

  onceEnded(fn) {
    onceEnded(this.request, this.response, () => {
      this.#close();
      fn();
    });
  }

  #close() {
    this.request = null;
    this.response = null;
  }
}

module.exports = { OpenRequest };
