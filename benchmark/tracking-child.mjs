// Measures one case of tracking-cases.mjs. Its arguments: the case, and how many calls.
import { createRequire } from 'node:module';
import { CASES } from './tracking-cases.mjs';

const memory = createRequire(import.meta.url)('../lib/memory/index.js');
const [name, calls] = [process.argv[2], Number(process.argv[3])];
const own = CASES[name].own();
const tracked = CASES[name].make(memory, own);
const turn = () => new Promise((resolve) => { setImmediate(resolve); });

/** Microseconds of a call, with turns of the loop now and then as a server has them. */
async function costOf(call) {
  const cpu = process.cpuUsage();
  const wall = process.hrtime.bigint();
  for (let at = 0; at < calls; at += 1) {
    await call();
    if (at % 100 === 0) await turn();
  }
  for (let at = 0; at < 5; at += 1) await turn();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuUs: (user + system) / calls, wallUs: Number(process.hrtime.bigint() - wall) / 1000 / calls };
}

await costOf(own);
await costOf(tracked);
const [untracked, found] = [await costOf(own), await costOf(tracked)];
console.log(JSON.stringify({ cpuUs: found.cpuUs - untracked.cpuUs, wallUs: found.wallUs - untracked.wallUs, untracked, tracked: found }));
