// What the middleware takes of a handler that works for 0.6 ms, with all that it does beside requests, told apart from
// what one process differs from the next.
//
//   npm run bench -- pairs [--pairs 120] [--slice 200] [--keep NAME]
//
// One process serves made-up requests, without a network, for slices of `--slice` milliseconds, in turn without and with
// the middleware, which is made anew for each slice. A ratio is that of the requests of a pair of slices; "again" has no
// middleware in either. Its median and standard error say what this measurement can tell.
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { exchange } from './exchange.mjs';
import { keep } from './keep.mjs';
import { worked } from './load-servers.mjs';
import { median } from './measure.mjs';

const { memoryMonitoring } = createRequire(import.meta.url)('../lib/memory/middleware/index.js');
const none = Object.assign((request, response, next) => next(), { close: () => {} });
const WAYS = {
  again: () => none,
  refusing: () => memoryMonitoring.handleMemoryPressure(),
  production: () => memoryMonitoring({ headers: false }),
  on: () => memoryMonitoring({ headers: { enabled: true } }),
};
const WARM_UP = 4;

const { values } = parseArgs({ options: {
  pairs: { type: 'string', default: '120' }, slice: { type: 'string', default: '200' }, keep: { type: 'string' },
} });
const [pairs, slice] = [Number(values.pairs), Number(values.slice)];
if (!(Number.isInteger(pairs) && pairs > 1 && slice > 0)) throw new Error('--pairs must be a whole number above 1, --slice above 0');

const socket = new Writable({ write: (chunk, encoding, done) => done() });
const handle = (response) => response.end(JSON.stringify(worked()));

/** Requests per second of one slice. */
async function measure(make) {
  const hook = make();
  await turn();
  const began = performance.now();
  let requests = 0;
  for (; performance.now() - began < slice; requests += 1) {
    exchange(hook, socket, handle);
    await turn();
  }
  const perSecond = (requests * 1_000) / (performance.now() - began);
  hook.close();
  return perSecond;
}

/** Whichever comes first has it as easy as often. */
async function pair(make, at) {
  const order = at % 2 === 0 ? [WAYS.again, make] : [make, WAYS.again];
  const [first, second] = [await measure(order[0]), await measure(order[1])];
  return at % 2 === 0 ? second / first : first / second;
}

function summarize(ratios) {
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / (ratios.length - 1);
  return { median: median(ratios), mean, standardError: Math.sqrt(variance / ratios.length) };
}

for (let at = 0; at < WARM_UP; at += 1) for (const make of Object.values(WAYS)) await measure(make);
const runs = Object.fromEntries(Object.keys(WAYS).map((name) => [name, []]));
for (let at = 0; at < pairs; at += 1) for (const [name, make] of Object.entries(WAYS)) runs[name].push(await pair(make, at));
const summary = Object.fromEntries(Object.entries(runs).map(([name, ratios]) => [name, summarize(ratios)]));
console.log(`${pairs} pairs of slices of ${slice} ms, Node.js ${process.version}; throughput with the middleware as a part of that without`);
console.table(Object.fromEntries(Object.entries(summary).map(([name, { median: middle, mean, standardError }]) => [name, {
  median: middle.toFixed(4), mean: mean.toFixed(4), 'standard error': standardError.toFixed(4),
}])));
if (values.keep) keep(values.keep, `npm run bench -- pairs --pairs ${pairs} --slice ${slice}`, { summary, runs });
