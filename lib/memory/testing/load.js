'use strict';

const http = require('node:http');
const https = require('node:https');

const { PgTapError } = require('../../errors.js');
const { LoadMemory, settled } = require('./load-memory.js');
const { readLoadOptions } = require('./load-options.js');
const { sendRequests } = require('./requests.js');

const MB = 1024 * 1024;
/** Heap that stays for reasons of its own: compiled code, connections, caches that fill. */
const NOISE_BYTES = 2 * MB;
/** And bytes for each request: a leak keeps something of every one. */
const NOISE_PER_REQUEST = 16;

/** Requests before memory is measured, for what is made once: connections, compiled code. A part of the duration. */
const WARM_UP = 0.1;

/** A signal that aborts when the time is over, or with the caller's. */
function timeLimit(duration, signal) {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), duration);
  const signals = signal ? [over.signal, signal] : [over.signal];
  return { signal: AbortSignal.any(signals), end: () => clearTimeout(timer) };
}

/** Fails at once where nobody answers, instead of counting failures for the whole time. */
async function reach(url, client) {
  await new Promise((settle, reject) => {
    const request = client.request(url, { method: 'HEAD', agent: false }, (response) => settle(response.resume()));
    request.on('error', (cause) => {
      const why = cause.code ?? cause.message;
      reject(new PgTapError('ERR_PGTAP_UNREACHABLE', `${url.origin} does not answer (${why}); start the server first`, { cause }));
    });
    request.end();
  });
}

function verdict({ before, after, requests, floors }) {
  const keptBytes = after - before;
  const perRequest = requests > 0 ? keptBytes / requests : 0;
  return {
    suspected: keptBytes > NOISE_BYTES && perRequest > NOISE_PER_REQUEST,
    keptBytes,
    keptBytesPerRequest: perRequest,
    floorsBytes: floors,
  };
}

async function sendFor(duration, signal, request) {
  const limit = timeLimit(duration, signal);
  try {
    return await sendRequests({ ...request, signal: limit.signal });
  } finally {
    limit.end();
  }
}

async function run({ duration, signal, memory, memoryThreshold, ...request }) {
  let thresholdExceededAt = null;
  const onHigh = (heapUsed) => {
    if (memoryThreshold !== null && heapUsed > memoryThreshold) thresholdExceededAt ??= performance.now() - begin;
  };
  await sendFor(duration * WARM_UP, signal, request);
  const before = await settled(memory);
  const begin = performance.now();
  const watched = new LoadMemory({ memory, duration, onHigh });
  try {
    await watched.start();
    const outcomes = await sendFor(duration, signal, request);
    const seconds = (performance.now() - begin) / 1000;
    await watched.stop();
    return { outcomes, seconds, before, after: await settled(memory), watched, thresholdExceededAt };
  } catch (error) {
    // Its own failure is told by the first error.
    await watched.stop().catch(() => {});
    throw error;
  }
}

function report({ outcomes, seconds, before, after, watched, thresholdExceededAt }) {
  const { requests, failed, failures, bytes, latencies } = outcomes;
  return {
    requests,
    failed,
    failures,
    bytesReceived: bytes,
    seconds,
    requestsPerSecond: requests / seconds,
    latencyMs: { p50: latencies.at(0.5), p95: latencies.at(0.95), p99: latencies.at(0.99), max: latencies.at(1) },
    memory: { beforeBytes: before, afterBytes: after, peakHeapUsedBytes: watched.peak.heapUsed, peakRssBytes: watched.peak.rss || null },
    thresholdExceeded: thresholdExceededAt !== null,
    thresholdExceededAfterMs: thresholdExceededAt,
    leak: verdict({ before, after, requests, floors: watched.floors }),
  };
}

/** Puts load on a server and follows its memory; documented in index.d.ts. */
async function loadTestWithMemoryMonitoring(options) {
  const settings = readLoadOptions(options, loadTestWithMemoryMonitoring);
  settings.signal?.throwIfAborted();
  const client = settings.url.protocol === 'https:' ? https : http;
  await reach(settings.url, client);
  const agent = new client.Agent({ keepAlive: true, maxSockets: settings.concurrent });
  try {
    const found = await run({ ...settings, client, agent });
    settings.signal?.throwIfAborted();
    return report(found);
  } finally {
    agent.destroy();
  }
}

module.exports = { loadTestWithMemoryMonitoring };
