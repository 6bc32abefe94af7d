'use strict';

const { Live } = require('./live.js');

/** Milliseconds after which a client that lost its stream asks again. */
const RETRY_MS = 2000;
const HEARTBEAT_MS = 15_000;
/** What was told that long before a client fell behind is told again: samples of a blocked thread come late. */
const OVERLAP_MS = 60_000;
/** Heartbeats that a client may let pass without reading. */
const MOST_LATE = 2;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // A middleware that compresses would keep events back, too.
  'Cache-Control': 'no-store, no-transform',
  // As nginx would, until it has a few kilobytes.
  'X-Accel-Buffering': 'no',
};

// JSON has no line breaks of its own, so an event's data is one line.
const eventText = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** One stream. Behind a client that does not read nothing piles up: what it misses is made good by a new beginning. */
class Client {
  #response;
  #begin;
  /** The system took no more: nothing is written until it does. */
  #late = false;
  #lateBeats = 0;
  /** Up to when it has heard of everything. */
  #knows = 0;
  #missed = false;

  /**
   * @param {string} first what it begins with
   * @param {(sinceMs: number) => string} begin the same for a client that knows the history until then
   */
  constructor(response, first, begin) {
    this.#response = response;
    this.#begin = begin;
    response.on('drain', () => this.#catchUp());
    this.#write(`retry: ${RETRY_MS}\n\n${first}`);
  }

  #write(text) {
    this.#late = !this.#response.write(text);
    this.#knows = Date.now();
  }

  send(text) {
    if (this.#late) this.#missed = true;
    else this.#write(text);
  }

  beat() {
    if (!this.#late) this.#write(':\n\n');
    else if ((this.#lateBeats += 1) >= MOST_LATE) this.#response.destroy();
  }

  #catchUp() {
    this.#late = false;
    this.#lateBeats = 0;
    if (!this.#missed) return;
    this.#missed = false;
    this.#write(this.#begin(this.#knows - OVERLAP_MS));
  }
}

/** The streams of one router: one source for all, which runs while there are any. */
class Streams {
  #clients = new Map();
  #live;
  #heartbeatMs;
  #heartbeat = null;

  constructor({ heartbeatMs = HEARTBEAT_MS, ...sources }) {
    this.#live = new Live(sources);
    this.#heartbeatMs = heartbeatMs;
  }

  open(response) {
    try {
      if (this.#clients.size === 0) this.#start();
      this.#add(response);
    } finally {
      if (this.#clients.size === 0) this.#stop();
    }
    return () => this.#end(response);
  }

  #add(response) {
    const begin = (sinceMs) => eventText('start', this.#live.state(sinceMs));
    // Should this fail, nothing was written yet, and the answer can tell of it.
    const first = begin(0);
    response.writeHead(200, HEADERS);
    response.once('close', () => this.#leave(response));
    // What is written while the connection breaks fails; 'close' tells of its end.
    response.on('error', () => response.destroy());
    this.#clients.set(response, new Client(response, first, begin));
  }

  #start() {
    this.#live.start((name, data) => this.#tell(eventText(name, data)));
    this.#heartbeat = setInterval(() => this.#beat(), this.#heartbeatMs).unref();
  }

  #stop() {
    clearInterval(this.#heartbeat);
    this.#live.stop();
  }

  #tell(text) {
    for (const client of this.#clients.values()) client.send(text);
  }

  #beat() {
    for (const client of this.#clients.values()) client.beat();
  }

  #leave(response) {
    if (this.#clients.delete(response) && this.#clients.size === 0) this.#stop();
  }

  #end(response) {
    response.end();
    this.#leave(response);
  }
}

/** By what they tell of. */
const streams = new WeakMap();

/** Documented in stream.d.ts. */
function openStream(request, response, sources) {
  if (!streams.has(sources)) streams.set(sources, new Streams(sources));
  return streams.get(sources).open(response);
}

module.exports = { openStream };
