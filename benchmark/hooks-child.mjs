// What the hooks of the middleware take by themselves, without a network: microseconds of a request made up in this process,
// with them and without. Prints JSON. Its argument: how many requests.
import { createRequire } from 'node:module';
import { createHistogram } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import { exchange } from './exchange.mjs';

const { memoryMonitoring: monitoring } = createRequire(import.meta.url)('../lib/memory/middleware/index.js');
const requests = Number(process.argv[2]);
const turn = () => new Promise((resolve) => { setImmediate(resolve); });

/** One after another, as a framework calls them. */
const chain = (...all) => (request, response, done) => {
  const next = (at) => (at === all.length ? done() : all[at](request, response, () => next(at + 1)));
  next(0);
};
const HOOKS = {
  none: (request, response, done) => done(),
  addMemoryHeaders: monitoring.addMemoryHeaders({ enabled: true }),
  'monitorRequestMemory, measured': monitoring.monitorRequestMemory({ sampleRate: 1 }),
  'monitorRequestMemory, not measured': monitoring.monitorRequestMemory({ sampleRate: 0 }),
  handleMemoryPressure: monitoring.handleMemoryPressure(),
};
HOOKS['all three, measured'] = chain(HOOKS.addMemoryHeaders, HOOKS['monitorRequestMemory, measured'], HOOKS.handleMemoryPressure);
HOOKS['all in one layer'] = monitoring({ headers: { enabled: true } });

/** Microseconds of an exchange. The loop turns now and then, as a server's does; what a hook does then counts in the mean. */
async function costs(hook) {
  const histogram = createHistogram();
  const socket = new Writable({ write: (chunk, encoding, done) => done() });
  const began = process.hrtime.bigint();
  for (let at = 0; at < requests; at += 1) {
    const from = process.hrtime.bigint();
    exchange(hook, socket, (response) => response.end('{}'));
    histogram.record(process.hrtime.bigint() - from);
    if (at % 50 === 0) await turn();
  }
  const meanUs = Number(process.hrtime.bigint() - began) / requests / 1_000;
  return { meanUs, p50Us: histogram.percentile(50) / 1_000, p99Us: histogram.percentile(99) / 1_000 };
}

/** Microseconds of the decision alone. */
function decision(middleware) {
  const request = { url: '/items?page=1' };
  const response = { headersSent: false };
  let passed = 0;
  const began = process.hrtime.bigint();
  for (let at = 0; at < 10 * requests; at += 1) middleware(request, response, () => { passed += 1; });
  const us = Number(process.hrtime.bigint() - began) / (10 * requests) / 1_000;
  if (passed !== 10 * requests) throw new Error('a request was refused');
  return us;
}

const hooks = {};
for (const [name, hook] of Object.entries(HOOKS)) {
  await costs(hook);
  hooks[name] = await costs(hook);
}
decision(HOOKS.handleMemoryPressure);
console.log(JSON.stringify({ hooks, decisionUs: decision(HOOKS.handleMemoryPressure) }));
process.exit();
