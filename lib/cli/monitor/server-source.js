'use strict';

const { setTimeout: wait } = require('node:timers/promises');

const { Failure, USAGE } = require('../failure.js');
const { parsePlain } = require('../plain.js');
const { readEvents } = require('./event-stream.js');

/** Servers without the stream, and proxies that do not let it through. */
const NO_STREAM = [404, 405, 406, 501];
const LEAST_WAIT_MS = 1000;

/** Samples of a history of rows, as the stream's first event has them. */
const samplesOf = ({ fields, rows }) => rows.map((row) => Object.fromEntries(row.map((value, at) => [fields[at], value])));

/** What each event of the stream is to the monitor. */
const EVENTS = {
  start: ({ history, totals, sample }) => [
    { type: 'history', samples: samplesOf(history) }, { type: 'totals', totals }, { type: 'sample', ...sample },
  ],
  sample: (sample) => [{ type: 'sample', ...sample }],
  gc: ({ totals }) => [{ type: 'totals', totals }],
  spike: (spike) => [{ type: 'spike', ...spike }],
};

/** What an event says; a server may send anything. */
function eventsOf({ name, data }) {
  if (!Object.hasOwn(EVENTS, name)) return [];
  try {
    return EVENTS[name](parsePlain(data));
  } catch (error) {
    throw new Failure(`The stream is none of pgtap-scanner/memory/http: ${error.message}`, USAGE);
  }
}

async function readStream(response, tell) {
  for await (const event of readEvents(response.body)) eventsOf(event).forEach(tell);
  throw new Failure('The stream ended.', USAGE);
}

/** What GET metrics answers, as an event; its collections have the names of the health shape. */
function ofMetrics({ status, sample, gcStats: gc }) {
  const totals = { collections: gc.totalCollections, minor: gc.minorCollections, major: gc.majorCollections, pauseMs: null };
  return [{ type: 'totals', totals }, { type: 'sample', ...sample, level: status }];
}

async function poll(server, intervalMs, tell, signal) {
  for (;;) {
    ofMetrics(await server.get('metrics', ['sample', 'gcStats'], signal)).forEach(tell);
    await wait(intervalMs, undefined, { signal });
  }
}

async function follow(server, intervalMs, tell, signal) {
  const response = await server.open('stream', { accept: 'text/event-stream', signal });
  const isStream = response.ok && /^text\/event-stream\b/.test(response.headers.get('content-type') ?? '');
  if (isStream) return readStream(response, tell);
  if (!response.ok && !NO_STREAM.includes(response.status)) throw await server.refusal(response, 'stream');
  await response.body?.cancel();
  return poll(server, intervalMs, tell, signal);
}

/**
 * Follows a server by its stream, else by asking again and again. A server that answered once may be away for a while.
 *
 * @param {import('../memory-server.js').MemoryServer} server
 */
function serverSource(server, intervalMs) {
  return async (tell, signal) => {
    let answered = false;
    let away = false;
    const heard = (event) => {
      if (away) tell({ type: 'note', at: Date.now(), text: 'the server answers again' });
      [answered, away] = [true, false];
      tell(event);
    };
    for (;;) {
      try {
        await follow(server, intervalMs, heard, signal);
      } catch (error) {
        if (signal.aborted || !answered || !(error instanceof Failure)) throw error;
        if (!away) tell({ type: 'note', at: Date.now(), text: `no answer: ${error.message.split('\n')[0]}` });
        away = true;
      }
      await wait(Math.max(intervalMs, LEAST_WAIT_MS), undefined, { signal });
    }
  };
}

module.exports = { serverSource };
