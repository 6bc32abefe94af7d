// What the middleware costs a server that is busy: throughput, latency, processor time, and the hooks by themselves.
//
//   npm run bench -- load [--only express] [--connections 50] [--seconds 10] [--slice 2] [--rate 1000] [--work-rate 500] [--rounds 2] [--keep NAME]
//
// Each round starts fresh servers of each framework: without the middleware ("off"), the same again ("again"), with what
// refuses requests alone ("refusing"), with the defaults in production ("production"), with all of it ("on"), and for
// Express with all of it in three layers ("layers"). Slices of `--slice` seconds go to them in turn, in another order each
// time, until each had `--seconds`, so that what else the machine does meets all alike. Figures are ratios or differences to
// the "off" of the same turn, and the spread of "again" is what this measurement cannot tell from nothing. The client is
// this process.
//
// Throughput is that of connections that ask again at once; latency is that of requests at a rate far below, because at
// full load latency is only connections divided by throughput. Both are measured with a handler that does nothing but
// answer, for which any middleware is much, and with one that works for 0.6 ms, as servers do.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keep } from './keep.mjs';
import { askAtOnce, askAtRate } from './load-client.mjs';
import { printHooks, printLoad, summarize, summarizeHooks } from './load-summary.mjs';

const FRAMEWORKS = ['node:http', 'express', 'fastify'];
/** What each server is, beside its name in load-servers.mjs. */
const WAYS = { off: 'off', again: 'off', refusing: 'refusing', production: 'production', on: 'on' };
const waysOf = (framework) => (framework === 'express' ? { ...WAYS, layers: 'layers' } : WAYS);
const WARM_UP_SECONDS = 2;
/** Requests that are made up to measure the hooks alone, and how often that is done. */
const SYNTHETIC = 100_000;
const SYNTHETIC_ROUNDS = 5;

const text = (fallback) => ({ type: 'string', default: fallback });
const { values } = parseArgs({ options: {
  only: { type: 'string' }, connections: text('50'), seconds: text('10'), slice: text('2'), rate: text('1000'), 'work-rate': text('500'), rounds: text('2'),
  keep: { type: 'string' },
} });
const number = (name) => {
  const found = Number(values[name]);
  if (!(found > 0)) throw new Error(`--${name} must be above 0`);
  return found;
};
const [connections, seconds, slice, rate, workRate, rounds] = ['connections', 'seconds', 'slice', 'rate', 'work-rate', 'rounds'].map(number);
if (values.only !== undefined && !FRAMEWORKS.includes(values.only)) throw new Error(`--only must be one of ${FRAMEWORKS.join(', ')}`);

const child = (name) => fileURLToPath(new URL(name, import.meta.url));
const atOnce = (path) => (port, time) => askAtOnce({ port, path, connections, seconds: time });
const atRate = (path, asked) => (port, time) => askAtRate({ port, path, connections, seconds: time, rate: asked });
const CLIENTS = { full: atOnce('/'), paced: atRate('/', rate), fullWork: atOnce('/work'), pacedWork: atRate('/work', workRate) };

async function start(framework, way) {
  const server = fork(child('load-child.mjs'), [framework, way]);
  const failed = once(server, 'exit').then(([status, signal]) => { throw new Error(`${framework} ended with ${status ?? signal}`); });
  const told = async () => (await Promise.race([once(server, 'message'), failed]))[0];
  failed.catch(() => {});
  const { port } = await told();
  const usage = () => {
    server.send('usage');
    return told();
  };
  return { port, usage, stop: () => server.disconnect() };
}

/** One slice of one server's time. */
async function measure({ port, usage }, client) {
  const before = await usage();
  const found = await CLIENTS[client](port, slice);
  const after = await usage();
  const active = after.loop.active - before.loop.active;
  const idle = after.loop.idle - before.loop.idle;
  return { ...found, cpuUs: (after.cpuUs - before.cpuUs) / found.requests, busy: active / (active + idle) };
}

const turned = (list, by) => list.map((_, at) => list[(at + by) % list.length]);

/** The turns of one framework in one round: for each, the measurements of all servers by one client. */
async function turnsOf(framework) {
  const servers = {};
  const ways = waysOf(framework);
  for (const [name, way] of Object.entries(ways)) servers[name] = await start(framework, way);
  const turns = [];
  for (const client of Object.keys(CLIENTS)) {
    for (const { port } of Object.values(servers)) await CLIENTS[client](port, WARM_UP_SECONDS);
    for (let turn = 0; turn * slice < seconds; turn += 1) {
      const found = {};
      for (const name of turned(Object.keys(ways), turn)) found[name] = await measure(servers[name], client);
      turns.push({ client, ...found });
    }
  }
  for (const { stop } of Object.values(servers)) stop();
  return turns;
}

/** What the hooks take in a process of their own. */
function measureHooks() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [child('hooks-child.mjs'), String(SYNTHETIC)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`hooks-child.mjs ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

const frameworks = FRAMEWORKS.filter((name) => values.only === undefined || values.only === name);
const runs = Object.fromEntries(frameworks.map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) for (const name of frameworks) runs[name].push(...await turnsOf(name));

const summary = Object.fromEntries(frameworks.map((name) => [name, summarize(runs[name])]));
console.log(`${connections} connections, ${seconds} s for each server and client in slices of ${slice} s, ${rounds} rounds, Node.js ${process.version}`);
printLoad(summary, { rate, workRate });
const hookRuns = Array.from({ length: SYNTHETIC_ROUNDS }, measureHooks);
const hooks = summarizeHooks(hookRuns);
printHooks(hooks);
const command = `npm run bench -- load${values.only ? ` --only ${values.only}` : ''} --connections ${connections} --seconds ${seconds} --slice ${slice} --rate ${rate} --work-rate ${workRate} --rounds ${rounds}`;
if (values.keep) keep(values.keep, command, { summary, hooks, runs, hookRuns });
