'use strict';

const { Latencies } = require('./latencies.js');

/** Kinds of failures that are told apart. */
const MOST_KINDS = 20;
/** A connection that is refused is tried again after so many milliseconds, not at once. */
const PAUSE_MS = 20;

const pause = (ms) => new Promise((settle) => setTimeout(settle, ms));

/** Counts what requests came to. */
class Outcomes {
  requests = 0;
  failed = 0;
  bytes = 0;
  latencies = new Latencies();
  #kinds = new Map();

  fail(kind) {
    this.failed += 1;
    const known = this.#kinds.has(kind) || this.#kinds.size < MOST_KINDS;
    const key = known ? kind : '(others)';
    this.#kinds.set(key, (this.#kinds.get(key) ?? 0) + 1);
  }

  /** `[{ kind, count }]`, the most frequent first. */
  get failures() {
    const all = [...this.#kinds].map(([kind, count]) => ({ kind, count }));
    return all.sort((a, b) => b.count - a.count);
  }
}

function send({ client, url, method, headers, body, agent, signal }) {
  return new Promise((settle, reject) => {
    const request = client.request(url, { method, headers, agent, signal }, (response) => {
      let bytes = 0;
      response.on('data', (chunk) => (bytes += chunk.length));
      response.on('end', () => settle({ status: response.statusCode, bytes }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

async function one(how, outcomes) {
  const begin = performance.now();
  try {
    const { status, bytes } = await send(how);
    outcomes.requests += 1;
    outcomes.bytes += bytes;
    outcomes.latencies.add(performance.now() - begin);
    if (how.expectStatus === null ? status >= 400 : status !== how.expectStatus) outcomes.fail(`status ${status}`);
  } catch (error) {
    if (how.signal.aborted) return;
    outcomes.requests += 1;
    outcomes.fail(error.code ?? error.message);
    await pause(PAUSE_MS);
  }
}

/** Sends requests, `concurrent` at a time, until the signal aborts. */
async function sendRequests({ concurrent, ...how }) {
  const outcomes = new Outcomes();
  const worker = async () => {
    while (!how.signal.aborted) await one(how, outcomes);
  };
  await Promise.all(Array.from({ length: concurrent }, worker));
  return outcomes;
}

module.exports = { sendRequests };
