'use strict';

const { inspect } = require('node:util');

const { callSafely } = require('../listeners.js');

/** Milliseconds in which refusals of one kind are one line. */
const WINDOW_MS = 60_000;

/** Logs the first refusal of each kind in a minute, and how many there were since the last line of that kind. */
class RefusalLog {
  #write;
  #now;
  #kinds = new Map();

  /** @param {{ log(text: string): void }} logger @param {() => number} now */
  constructor(logger, now) {
    this.#write = logger.log.bind(logger);
    this.#now = now;
  }

  /** A refusal of the route `name`; nothing that the client wrote becomes part of the line. */
  refused(name, { status, code }, address) {
    this.#once(`${name} ${code}`, () => `[memory] refused ${name} from ${address ?? 'an unknown address'}: ${status} ${code}`);
  }

  /** An answer that could not be made. */
  failed(name, error) {
    this.#once(`${name} failed`, () => `[memory] ${name} failed: ${inspect(error, { customInspect: false })}`);
  }

  #once(kind, worded) {
    const now = this.#now();
    const { at = -Infinity, more = 0 } = this.#kinds.get(kind) ?? {};
    if (now - at < WINDOW_MS) {
      this.#kinds.set(kind, { at, more: more + 1 });
      return;
    }
    this.#kinds.set(kind, { at: now, more: 0 });
    callSafely(this.#write, 'log() of the logger', more === 0 ? worded() : `${worded()} (and ${more} since the last line)`);
  }
}

module.exports = { RefusalLog };
