// What `managed-build` costs: the same build with and without it, in turn.
//
//   npm run bench -- build [--rounds 10] [--keep NAME]
//
// The build is TypeScript's compiler on the type tests of this package, which takes some seconds. What is added is a fixed
// part, the program that watches, and whatever the sampling and the module in the step take.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keep } from './keep.mjs';
import { createMeter, median } from './measure.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' }, keep: { type: 'string' } } });
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error('--rounds must be above 0');

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const build = [process.execPath, tsc, '-p', path('__test__/types/tsconfig.nodenext.json')];
const nothing = [process.execPath, '-e', '0'];
const managed = (command, ...options) => [process.execPath, path('lib/cli/managed-build.js'), ...options, '--', ...command];

const WAYS = {
  'without': build,
  'managed-build': managed(build),
  'managed-build --no-gc': managed(build, '--no-gc'),
  'nothing, without': nothing,
  'nothing, managed-build': managed(nothing),
};

const meter = createMeter();
const runs = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const [way, [program, ...args]] of Object.entries(WAYS)) {
    const { wallMs, cpuMs, rssMb } = meter.run(program, args);
    runs[way].push({ wallMs, cpuMs, rssMb });
  }
}
meter.close();

const middle = (way, name) => median(runs[way].map((found) => found[name]));
/** The median of what each round adds, which changes of the machine's load between rounds disturb little. */
const added = (way, name) => median(runs[way].map((found, round) => found[name] / runs.without[round][name] - 1));
const percent = (part) => `${(100 * part).toFixed(1)} %`;
const rows = Object.fromEntries(Object.keys(WAYS).map((way) => [way, {
  'wall ms': Math.round(middle(way, 'wallMs')),
  'cpu ms': Math.round(middle(way, 'cpuMs')),
  ...(way.startsWith('managed') && { 'wall added': percent(added(way, 'wallMs')), 'cpu added': percent(added(way, 'cpuMs')) }),
}]));
console.log(`${rounds} rounds, medians`);
console.table(rows);
if (values.keep) keep(values.keep, `npm run bench -- build --rounds ${rounds}`, { runs });
