// Two servers of one framework under everything that watches requests: one that has memory, one that says it has none.
// Its arguments: the framework, and whether it keeps something of each request. Tells its ports, and when asked what it holds.
import { getHeapStatistics } from 'node:v8';
import { setTimeout as wait } from 'node:timers/promises';
import { SERVERS } from '../../../benchmark/load-servers.mjs';

const [framework, leak] = [process.argv[2], process.argv[3] === 'true'];
/** A program that has just begun is above these already. */
const ALWAYS_FULL = { warning: 0.001, critical: 0.002, emergency: 0.003 };
/** Bytes that a collection may free of a heap that is at its floor, and how often both are waited for at most. */
const STILL = 16_384;
const MOST_TRIES = 1_000;
const kept = [];
const counts = { seen: 0, aborted: 0 };
let inFlight = 0;

function count(request, response) {
  counts.seen += 1;
  inFlight += 1;
  if (leak) kept.push(request.headers);
  response.once('close', () => {
    inFlight -= 1;
    if (!response.writableFinished) counts.aborted += 1;
  });
}

/** Half of the requests are measured: of both kinds nothing may stay. */
const HALF = { requests: { sampleRate: 0.5 } };

async function listen(options) {
  const server = await SERVERS[framework].on({ ...HALF, ...options });
  server.prependListener('request', count);
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return server.address().port;
}

function held() {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

async function floor() {
  for (let tries = 0; inFlight > 0 && tries < MOST_TRIES; tries += 1) await wait(20);
  // What a collection finds to finish is garbage for the next, and buffers are freed by another thread.
  let heldBytes = Infinity;
  for (let tries = 0, falls = true; falls && tries < MOST_TRIES; tries += 1) {
    globalThis.gc();
    await wait(20);
    falls = held() < heldBytes - STILL || tries < 3;
    heldBytes = Math.min(heldBytes, held());
  }
  return { heldBytes, ...counts, inFlight };
}

process.send({ ports: { open: await listen({}), full: await listen({ thresholds: ALWAYS_FULL }) } });
process.on('message', async () => process.send(await floor()));
process.on('disconnect', () => process.exit());
