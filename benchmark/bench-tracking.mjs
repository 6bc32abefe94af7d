// What tracking an operation costs by itself, in microseconds of processor time and of wall time.
//
//   npm run bench -- tracking [--calls 50000] [--rounds 5] [--keep NAME]
//
// Each case is a fresh process per round, and rounds are interleaved. A case's cost is that of its calls less that of the
// same calls untracked; it contains making up the result and summing it up by name.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keep } from './keep.mjs';
import { median } from './measure.mjs';
import { CASES } from './tracking-cases.mjs';

const { values } = parseArgs({ options: {
  calls: { type: 'string', default: '50000' }, rounds: { type: 'string', default: '5' }, keep: { type: 'string' },
} });
const [calls, rounds] = [Number(values.calls), Number(values.rounds)];
if (![calls, rounds].every((number) => Number.isInteger(number) && number > 0)) throw new Error('--calls and --rounds must be whole numbers above 0');

const child = fileURLToPath(new URL('tracking-child.mjs', import.meta.url));

function run(name) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, name, String(calls)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

const runs = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) for (const name of Object.keys(CASES)) runs[name].push(run(name));

const column = (name, field) => runs[name].map((found) => found[field]);
const summary = Object.fromEntries(Object.keys(CASES).map((name) => [CASES[name].shown, {
  'cpu us': median(column(name, 'cpuUs')).toFixed(2),
  'worst cpu us': Math.max(...column(name, 'cpuUs')).toFixed(2),
  'wall us': median(column(name, 'wallUs')).toFixed(2),
}]));
console.log(`${calls} calls, ${rounds} rounds, Node.js ${process.version}`);
console.table(summary);
if (values.keep) keep(values.keep, `npm run bench -- tracking --calls ${calls} --rounds ${rounds}`, { summary, runs });
