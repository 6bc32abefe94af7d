'use strict';

const { readOptions } = require('../../options.js');
const { Gauge } = require('./gauge.js');
const { headersWanted, setMemoryHeaders } = require('./headers.js');
const { GAUGE_OPTIONS, HEADER_OPTIONS, PRESSURE_OPTIONS, REQUEST_OPTIONS } = require('./options.js');
const { RequestMonitor } = require('./request-memory.js');
const { ServerMemory } = require('./server-memory.js');
const { Shedding, checkRamp } = require('./shedding.js');

const nothing = () => {};

/** The middleware with a `close()`, from which on it lets everything through. */
function closable(middleware, close) {
  let closed = false;
  const through = (request, response, next) => (closed ? next() : middleware(request, response, next));
  through.close = () => {
    closed = true;
    close();
  };
  return through;
}

/**
 * Middleware for Express, connect and their like; documented in index.d.ts.
 *
 * @param {object} parts those of parts.js
 * @param {() => number} [random] a number from 0 to 1, without 1
 */
function memoryMonitoringOn(parts, random) {
  function memoryMonitoring(options) {
    const memory = new ServerMemory(options, memoryMonitoring, { parts, random });
    const middleware = (request, response, next) => {
      const refusal = response.headersSent ? null : memory.admit(request, response);
      if (refusal === null) memory.run(request, response, next);
      else refusal.answer(response);
    };
    middleware.close = () => memory.close();
    return Object.defineProperty(middleware, 'shedCount', { get: () => memory.shedCount });
  }

  function addMemoryHeaders(options) {
    const given = readOptions(options, addMemoryHeaders, { ...GAUGE_OPTIONS, ...HEADER_OPTIONS });
    if (!headersWanted(given)) return closable((request, response, next) => next(), nothing);
    const gauge = new Gauge(parts, given);
    const middleware = (request, response, next) => {
      if (!response.headersSent) setMemoryHeaders(response, gauge.texts, gauge.level);
      next();
    };
    return closable(middleware, () => gauge.close());
  }

  function monitorRequestMemory(options) {
    const monitor = new RequestMonitor(readOptions(options, monitorRequestMemory, REQUEST_OPTIONS), { random });
    return closable((request, response, next) => monitor.run(request, response, next), nothing);
  }

  function handleMemoryPressure(options) {
    const given = readOptions(options, handleMemoryPressure, { ...GAUGE_OPTIONS, ...PRESSURE_OPTIONS });
    checkRamp(given, handleMemoryPressure);
    const gauge = new Gauge(parts, given);
    const shedding = new Shedding(gauge, given, { parts, random });
    const middleware = (request, response, next) => {
      if (response.headersSent || !shedding.refuses(request)) next();
      else shedding.answer(response);
    };
    const close = () => {
      shedding.close();
      gauge.close();
    };
    return Object.defineProperty(closable(middleware, close), 'shedCount', { get: () => shedding.count });
  }

  return Object.assign(memoryMonitoring, { addMemoryHeaders, monitorRequestMemory, handleMemoryPressure });
}

module.exports = { memoryMonitoringOn };
