'use strict';

const http = require('node:http');
const https = require('node:https');
const { createHistogram } = require('node:perf_hooks');

/** One request, read to its end; the status, or the error. */
function request(url, { agent, method, headers, body, requestTimeout, signal }) {
  const { request: send } = url.protocol === 'https:' ? https : http;
  return new Promise((settle, reject) => {
    const sent = send(url, { agent, method, headers, signal }, (answer) => {
      answer.on('error', reject);
      answer.on('end', () => settle(answer.statusCode));
      answer.resume();
    });
    sent.setTimeout(requestTimeout, () => sent.destroy(Object.assign(new Error('no answer in time'), { code: 'timeout' })));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Requests to one address by a fixed number of callers, each sending when its last one was answered. */
class Requests {
  #url;
  #how;
  #latency = createHistogram();
  #agent;
  requests = 0;
  errors = 0;
  failures = {};

  constructor(url, how) {
    this.#url = url;
    this.#how = how;
    const { Agent } = url.protocol === 'https:' ? https : http;
    this.#agent = new Agent({ keepAlive: true, maxSockets: how.concurrent });
  }

  /** Sends for `durationMs`; resolves when the last answer is in. Calls `onAnswer` after each. */
  async run(durationMs, onAnswer) {
    const end = performance.now() + durationMs;
    const callers = Array.from({ length: this.#how.concurrent }, async () => {
      while (performance.now() < end) {
        await this.#one();
        onAnswer();
      }
    });
    await Promise.all(callers);
  }

  close() {
    this.#agent.destroy();
  }

  latency() {
    const ms = (percentile) => (this.#latency.count === 0 ? null : this.#latency.percentile(percentile) / 1000);
    return { p50: ms(50), p95: ms(95), p99: ms(99) };
  }

  async #one() {
    const begun = performance.now();
    const { signal } = this.#how;
    try {
      const status = await request(this.#url, { ...this.#how, agent: this.#agent });
      if (!this.#how.expected(status)) this.#failed(`status ${status}`);
    } catch (error) {
      signal?.throwIfAborted();
      this.#failed(error.code ?? error.name);
    }
    this.requests += 1;
    this.#latency.record(Math.max(1, Math.round((performance.now() - begun) * 1000)));
  }

  #failed(why) {
    this.errors += 1;
    this.failures[why] = (this.failures[why] ?? 0) + 1;
  }
}

module.exports = { Requests };
