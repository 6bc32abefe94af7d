// Clients of one server on 127.0.0.1: one that asks as fast as it is answered, one that asks at a rate.
import { Agent, get } from 'node:http';
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import autocannon from 'autocannon';

/** Milliseconds between two turns of the client that asks at a rate: the shortest that a timer has. */
const TURN = 1;

const latencies = (histogram) => ({ p50Ms: histogram.percentile(50) / 1_000, p99Ms: histogram.percentile(99) / 1_000 });
// A histogram takes whole microseconds from 1.
const record = (histogram, ms) => histogram.record(Math.max(1, Math.round(ms * 1_000)));

function expectAnswers(answered, failed) {
  if (failed > 0 || answered === 0) throw new Error(`${answered} requests were answered with 200, ${failed} were not`);
}

/** Every connection asks again as soon as it is answered. autocannon's own latencies are whole milliseconds. */
export async function askAtOnce({ port, path, connections, seconds }) {
  const histogram = createHistogram();
  const run = autocannon({ url: `http://127.0.0.1:${port}${path}`, connections, duration: seconds, sampleInt: 100 });
  run.on('response', (client, status, bytes, ms) => record(histogram, ms));
  const { '2xx': answered, non2xx, errors, duration } = await run;
  expectAnswers(answered, non2xx + errors);
  return { requests: answered, perSecond: answered / duration, ...latencies(histogram) };
}

/** One request over `agent`; whether it was answered with 200. */
function ask({ port, path }, agent, histogram) {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume().on('end', () => {
        record(histogram, performance.now() - began);
        resolve(response.statusCode === 200);
      });
    }).on('error', reject);
  });
}

/** Asks when it is time, not when it was answered: what waits for a free connection waits at the client's cost. */
export async function askAtRate({ port, path, connections, seconds, rate }) {
  const histogram = createHistogram();
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  const asked = [];
  const began = performance.now();
  for (let passed = 0; passed < seconds * 1_000; passed = performance.now() - began) {
    for (const due = Math.floor((passed * rate) / 1_000); asked.length < due; ) asked.push(ask({ port, path }, agent, histogram));
    await wait(TURN);
  }
  const answered = (await Promise.all(asked)).filter(Boolean).length;
  const duration = (performance.now() - began) / 1_000;
  agent.destroy();
  expectAnswers(answered, asked.length - answered);
  return { requests: answered, perSecond: answered / duration, ...latencies(histogram) };
}
