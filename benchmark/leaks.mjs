// How often the leak detector alarms where nothing leaks, and how often it finds what does.
//
//   npm run bench -- leaks [--from 1001] [--seeds 5] [--clean 10] [--leaking 7] [--keep NAME]
//
// Every load runs in a process of its own, two at a time, once for each seed, for as many windows of the detector. The
// loads are in __test__/children/memory/loads.mjs; what they do depends on the seed, not on the machine's speed.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { CLEAN, LEAKS } from '../__test__/children/memory/loads.mjs';
import { machine } from './measure.mjs';

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL('../__test__/children/memory/leak-load.mjs', import.meta.url));
/** Small semi-spaces: the loads' garbage grows old, so that major collections are as frequent as in a busy server. */
const FLAGS = ['--max-old-space-size=512', '--max-semi-space-size=2'];
const AT_ONCE = 2;

/** The reports of all windows of one load. */
async function reportsOf({ name, seed, windows }) {
  const { stdout } = await run(process.execPath, [...FLAGS, CHILD, name, seed, windows], { maxBuffer: 1 << 26 });
  const reports = JSON.parse(stdout);
  if (reports.length !== windows) throw new Error(`${name} with seed ${seed}: ${reports.length} of ${windows} windows`);
  return reports;
}

/** Runs jobs `{ name, seed, windows }`, two at a time: each with its `reports`. */
export async function runLoads(jobs) {
  const waiting = jobs.map((job) => ({ ...job }));
  const done = [];
  const worker = async () => {
    for (let job; (job = waiting.shift()); ) done.push({ ...job, reports: await reportsOf(job) });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return done;
}

/** One job for each load and seed. */
export const jobsOf = (loads, seeds, windows) => Object.keys(loads).flatMap((name) => seeds.map((seed) => ({ name, seed, windows })));

const count = (reports, test) => reports.filter(test).length;

/** Windows and alarms of a leak-free load. */
export function cleanRow(runs) {
  const reports = runs.flatMap((done) => done.reports);
  return { windows: reports.length, alarms: count(reports, (report) => report.suspected) };
}

/** From the second window on, for there is no pair before: found, and with the right label. */
export function leakRow(runs, pattern) {
  const judged = runs.map((done) => done.reports.slice(1));
  const reports = judged.flat();
  const right = (report) => report.suspected && report.pattern === pattern;
  return {
    windows: reports.length,
    found: count(reports, (report) => report.suspected),
    labelled: count(reports, right),
    // Growth that slows down takes some windows to show: what the last one of each run says.
    runs: runs.length,
    labelledAtLast: count(judged.map((each) => each.at(-1)), right),
  };
}

/** A row for each load. */
export function rowsOf(done, loads, row) {
  return Object.fromEntries(Object.entries(loads).map(([name, { pattern }]) => {
    return [name, row(done.filter((each) => each.name === name), pattern)];
  }));
}

const total = (rows, key) => Object.values(rows).reduce((sum, row) => sum + row[key], 0);
const share = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;

function printRows(clean, leaking) {
  console.table(clean);
  console.table(leaking);
  console.log(`false alarms: ${total(clean, 'alarms')} of ${total(clean, 'windows')} windows (${share(total(clean, 'alarms'), total(clean, 'windows'))})`);
  for (const [name, { windows, found, labelled, runs, labelledAtLast }] of Object.entries(leaking)) {
    console.log(`${name}: found in ${share(found, windows)} of windows, labelled right in ${share(labelled, windows)}, at last in ${labelledAtLast} of ${runs} runs`);
  }
}

function readOptions(args) {
  const text = (fallback) => ({ type: 'string', default: fallback });
  const { values } = parseArgs({ args, options: {
    from: text('1001'), seeds: text('5'), clean: text('10'), leaking: text('7'), keep: { type: 'string' },
  } });
  const options = { keep: values.keep };
  for (const name of ['from', 'seeds', 'clean', 'leaking']) {
    options[name] = Number(values[name]);
    if (!(Number.isInteger(options[name]) && options[name] > 0)) throw new Error(`${name} must be a whole number above 0`);
  }
  return options;
}

function keepRows({ keep, from, seeds, clean, leaking }, rows) {
  const date = new Date().toISOString().slice(0, 10);
  const folder = fileURLToPath(new URL(`runs/${date}/`, import.meta.url));
  const command = `npm run bench -- leaks --from ${from} --seeds ${seeds} --clean ${clean} --leaking ${leaking}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${keep}.json`, `${JSON.stringify({ date, command, machine: machine(), ...rows }, null, 2)}\n`);
  console.log(`kept as benchmark/runs/${date}/${keep}.json`);
}

export async function main(args) {
  const options = readOptions(args);
  const seeds = Array.from({ length: options.seeds }, (_, n) => options.from + n);
  const done = await runLoads([...jobsOf(CLEAN, seeds, options.clean), ...jobsOf(LEAKS, seeds, options.leaking)]);
  const rows = { clean: rowsOf(done, CLEAN, cleanRow), leaking: rowsOf(done, LEAKS, leakRow) };
  printRows(rows.clean, rows.leaking);
  if (options.keep) keepRows(options, rows);
}
