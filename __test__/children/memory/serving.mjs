// Two servers of one framework under everything that watches requests: one that has memory, one that says it has none.
// Its arguments: the framework, and whether it keeps something of each request. Tells its ports, and when asked what it holds.
import { getHeapStatistics } from 'node:v8';
import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import { SERVERS } from '../../../benchmark/load-servers.mjs';

const [framework, leak] = [process.argv[2], process.argv[3] === 'true'];
/** A program that has just begun is above these already. */
const ALWAYS_FULL = { warning: 0.001, critical: 0.002, emergency: 0.003 };
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

async function listen(options) {
  const server = await SERVERS[framework].on(options);
  server.prependListener('request', count);
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return server.address().port;
}

async function floor() {
  for (let tries = 0; inFlight > 0 && tries < 500; tries += 1) await wait(10);
  // What a first collection finds to finish is garbage for the next.
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc();
    await setImmediate();
  }
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return { heldBytes: heap + external, ...counts, inFlight };
}

process.send({ ports: { open: await listen({}), full: await listen({ thresholds: ALWAYS_FULL }) } });
process.on('message', async () => process.send(await floor()));
process.on('disconnect', () => process.exit());
