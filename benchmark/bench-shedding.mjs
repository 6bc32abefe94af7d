// A server under a limit of 256 MB whose load grows beyond it and falls again: without and with the middleware.
//
//   npm run bench -- shedding [--seconds 20] [--peak 150] [--held 5000] [--only buffers] [--keep NAME]
//
// A request in flight holds 1 MB for `--held` milliseconds. Requests grow from 5 to `--peak` a second over `--seconds`,
// fall to 5 within two, and stay there as long as they grew. The server lies in a control group of its own where it holds
// Buffers; where it holds objects V8's limit for the old generation is what ends it. With --keep, shedding-picture.mjs
// draws the run.
import { parseArgs } from 'node:util';
import { openMemoryGroup } from '../__test__/memory-group.mjs';
import { keep } from './keep.mjs';
import { runShedding } from './shedding.mjs';
import { timeline, verdict } from './shedding-story.mjs';

const LIMIT_MB = 256;
/** What ends the server, by what its requests hold. */
const CASES = {
  buffers: { contained: true, flags: [], shown: `Buffers, in a control group of ${LIMIT_MB} MB` },
  objects: {
    contained: false, flags: [`--max-old-space-size=${LIMIT_MB}`], shown: `objects, with --max-old-space-size=${LIMIT_MB}`,
    // V8 gives up from 80 % on when collections free little: 95 is too late.
    options: { pressure: { at: 'critical' } },
  },
};
const FEW = 5;

const text = (fallback) => ({ type: 'string', default: fallback });
const { values } = parseArgs({ options: {
  seconds: text('20'), peak: text('150'), held: text('5000'), only: { type: 'string' }, keep: { type: 'string' },
} });
const [seconds, peak, heldMs] = ['seconds', 'peak', 'held'].map((name) => Number(values[name]));
if (![seconds, peak, heldMs].every((number) => number > 0)) throw new Error('--seconds, --peak and --held must be above 0');
if (values.only !== undefined && !CASES[values.only]) throw new Error(`--only must be one of ${Object.keys(CASES).join(', ')}`);
const phases = [{ seconds, from: FEW, to: peak }, { seconds: 2, from: peak, to: FEW }, { seconds, from: FEW, to: FEW }];

/** In a group of its own; where none can be made the case is left out, for what ends the server would be missing. */
async function runIn({ contained, flags, options }, way, holds) {
  const group = contained ? openMemoryGroup(LIMIT_MB * 2 ** 20) : undefined;
  if (group?.reasons !== undefined) {
    console.log(`left out: no control group can be made here (${group.reasons})`);
    return undefined;
  }
  try {
    const run = await runShedding({ group, flags, way, holds, megabytes: 1, heldMs, options, phases });
    return { run, killed: group?.kills() ?? null, mostBytes: group?.most() ?? null };
  } finally {
    await group?.remove();
  }
}

const runs = {};
for (const [holds, spec] of Object.entries(CASES).filter(([name]) => values.only === undefined || values.only === name)) {
  for (const way of ['without', 'with']) {
    console.log(`\n${spec.shown}, ${way} the middleware`);
    const found = await runIn(spec, way, holds);
    if (found === undefined) continue;
    const { run, killed, mostBytes } = found;
    const [rows, told] = [timeline(run), { ...verdict(run), 'killed for memory': killed }];
    console.table(rows);
    console.log(told);
    if (run.ended) console.log(run.ended.stderr.split('\n').filter((line) => /FATAL|Killed/.test(line)).join('\n'));
    (runs[holds] ??= { limitMB: LIMIT_MB, shown: spec.shown })[way] = { verdict: told, mostBytes, rows, probes: run.probes };
  }
}
const command = `npm run bench -- shedding --seconds ${seconds} --peak ${peak} --held ${heldMs}${values.only ? ` --only ${values.only}` : ''}`;
if (values.keep) keep(values.keep, command, { phases, heldMs, runs });
