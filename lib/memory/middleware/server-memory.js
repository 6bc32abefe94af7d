'use strict';

const { Gauge } = require('./gauge.js');
const { headersWanted, setMemoryHeaders } = require('./headers.js');
const { readServerOptions } = require('./options.js');
const { RequestMonitor } = require('./request-memory.js');
const { Shedding, checkRamp } = require('./shedding.js');

/** Headers, the memory of requests and the refusal of requests for a whole server, on one gauge. */
class ServerMemory {
  gauge;
  #setHeaders;
  #monitor;
  #shedding;
  #closed = false;

  /**
   * @param {object} given options as SERVER_OPTIONS in options.js has them
   * @param {object} on `parts`, `random`, `routeOf`, and `setHeaders` where a response is not Node's
   */
  constructor(given, from, { parts, random, routeOf, setHeaders = setMemoryHeaders }) {
    const { gauge, headers, requests, pressure } = readServerOptions(given, from);
    if (pressure) checkRamp(pressure, from);
    this.gauge = new Gauge(parts, gauge);
    this.#setHeaders = headers !== null && headersWanted(headers) ? setHeaders : null;
    this.#monitor = requests && new RequestMonitor(requests, { routeOf, random });
    this.#shedding = pressure && new Shedding(this.gauge, pressure, { parts, random });
  }

  get shedCount() {
    return this.#shedding?.count ?? 0;
  }

  /** Sets the headers; answers what refuses the request, or `null` when it is let in. */
  admit(request, response) {
    if (this.#closed) return null;
    const { level } = this.gauge;
    if (this.#setHeaders !== null) this.#setHeaders(response, this.gauge.texts, level);
    return this.#shedding?.refuses(request, level) ? this.#shedding : null;
  }

  /** Calls `next` as a part of the request. */
  run(request, response, next, raw = request) {
    return this.#monitor === null || this.#closed ? next() : this.#monitor.run(request, response, next, raw);
  }

  close() {
    this.#closed = true;
    this.#shedding?.close();
    this.gauge.close();
  }
}

module.exports = { ServerMemory };
