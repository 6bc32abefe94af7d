// What automatic collections of the monitor cost and free, and what V8's own major collections free, on loads with garbage.
//
//   npm run bench -- collections [--seconds 70] [--keep NAME]
//
// Each load is a fresh process with `startMemoryMonitor({ autoGC: true })` at its defaults, but with samples every second and
// a level critical that the load reaches. "stopped": the part of the time that all its forced collections together stood
// the program still; they run on its thread, so it is processor time, too.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keep } from './keep.mjs';

/** MB of the old generation's limit, MB that are kept, percent from which memory is critical, garbage and its rhythm. */
const LOADS = {
  'server, little kept': { limitMB: 128, keptMB: 2, criticalPercent: 12, turnKB: 60, everyMs: 10 },
  'server, half kept': { limitMB: 128, keptMB: 40, criticalPercent: 45, turnKB: 400, everyMs: 10 },
  'server, most kept': { limitMB: 128, keptMB: 75, criticalPercent: 65, turnKB: 200, everyMs: 10 },
  'large imports, idle between': { limitMB: 512, keptMB: 50, criticalPercent: 25, turnKB: 80 * 1024, everyMs: 20_000 },
  'large heap, idle between': { limitMB: 1024, keptMB: 250, criticalPercent: 35, turnKB: 120 * 1024, everyMs: 20_000 },
};

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '70' }, keep: { type: 'string' } } });
const seconds = Number(values.seconds);
if (!(Number.isInteger(seconds) && seconds > 0)) throw new Error('--seconds must be a whole number above 0');

const child = fileURLToPath(new URL('collections-child.mjs', import.meta.url));

function run(name) {
  const { limitMB, keptMB, criticalPercent, turnKB, everyMs } = LOADS[name];
  const args = [`--max-old-space-size=${limitMB}`, child, ...[keptMB, criticalPercent, turnKB, everyMs, seconds].map(String)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

const percent = (share) => (share === null || Number.isNaN(share) ? null : `${(share * 100).toFixed(1)} %`);
const sum = (list) => list.reduce((all, each) => all + each, 0);
const shares = (forced, kind) => forced.filter((each) => each.kind === kind).map(({ freedShare }) => freedShare);

const runs = Object.fromEntries(Object.keys(LOADS).map((name) => [name, run(name)]));
const summary = Object.fromEntries(Object.entries(runs).map(([name, { wallMs, forced, skipped, totals }]) => [name, {
  forced: forced.length,
  stopped: percent(sum(forced.map(({ pauseMs }) => pauseMs)) / wallMs),
  'longest ms': forced.length > 0 ? Math.round(Math.max(...forced.map(({ pauseMs }) => pauseMs))) : null,
  'freed, full': shares(forced, 'major').map(percent).join(', '),
  'freed, minor': shares(forced, 'minor').map(percent).join(', '),
  'not wise': Object.entries(skipped).map(([why, times]) => `${why} ${times}`).join(', '),
  'V8 stopped': percent(totals.pauseMs / wallMs),
  'V8 majors': totals.major - shares(forced, 'major').length,
  'all majors free': percent(totals.efficiency),
}]));
console.log(`${seconds} seconds each, Node.js ${process.version}`);
console.table(summary);
if (values.keep) keep(values.keep, `npm run bench -- collections --seconds ${seconds}`, { loads: LOADS, summary, runs });
