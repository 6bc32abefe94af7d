// What watching memory costs an idle program: processor time, and memory.
//
//   npm run bench -- overhead [--seconds 60] [--rounds 3] [--keep NAME]
//
// Each round runs one child without and one with each way of watching, all at once, for they only sleep. Both load the
// same parts of Node.js; memory is resident memory after a collection, the median of 30 readings, and what of it is no
// page of a file: pages of programs and libraries are shared by processes, and dropped when memory is scarce.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { keep } from './keep.mjs';
import { median } from './measure.mjs';

const WAYS = {
  without: 'nothing',
  monitor: 'startMemoryMonitor() at its defaults (every 60 s)',
  manager: 'MemoryManagerService at its defaults (every 30 s)',
  often: 'startMemoryMonitor({ intervalMs: 1000 })',
};

const { values } = parseArgs({ options: {
  seconds: { type: 'string', default: '60' }, rounds: { type: 'string', default: '3' }, keep: { type: 'string' },
} });
const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
if (!(seconds > 0 && Number.isInteger(rounds) && rounds > 0)) throw new Error('--seconds and --rounds must be above 0');

const child = fileURLToPath(new URL('overhead-child.mjs', import.meta.url));
const run = async (way) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child, way, String(seconds)]);
  return JSON.parse(stdout);
};

const runs = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]));
for (let round = 0; round < rounds; round += 1) {
  const found = await Promise.all(Object.keys(WAYS).map(run));
  Object.keys(WAYS).forEach((way, i) => runs[way].push(found[i]));
}

const middle = (way, name) => median(runs[way].map((found) => found[name]));
const rows = Object.fromEntries(Object.keys(WAYS).map((way) => [WAYS[way], {
  'cpu %': (middle(way, 'cpuPercent') - (way === 'without' ? 0 : middle('without', 'cpuPercent'))).toFixed(3),
  'resident MB': (middle(way, 'rssMB') - (way === 'without' ? 0 : middle('without', 'rssMB'))).toFixed(1),
  'anonymous MB': (middle(way, 'anonymousMB') - (way === 'without' ? 0 : middle('without', 'anonymousMB'))).toFixed(1),
}]));
console.log(`${seconds} s, ${rounds} rounds; all rows but the first are above the first`);
console.table(rows);
if (values.keep) keep(values.keep, `npm run bench -- overhead --seconds ${seconds} --rounds ${rounds}`, { runs });
