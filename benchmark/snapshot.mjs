// Compares the analysis of a heap snapshot with memlab, on one file, in fresh processes.
//
//   npm run bench -- snapshot [--customers 200000] [--rounds 3] [--file FILE] [--keep NAME]
//
// Both must agree on counts and sizes of every class and on the retained sizes of the 500 largest objects. memlab has
// a package of its own, benchmark/memlab, which the first run installs without its scripts: no browser is fetched.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createMeter, machine, median } from './measure.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
/** What is promised: times as fast, and what part of the memory. */
const PROMISED = { faster: 8, memory: 1 / 3 };

function readOptions(args) {
  const { values } = parseArgs({ args, options: {
    customers: { type: 'string', default: '200000' }, rounds: { type: 'string', default: '3' },
    file: { type: 'string' }, keep: { type: 'string' },
  } });
  const [customers, rounds] = ['customers', 'rounds'].map((name) => {
    const value = Number(values[name]);
    if (!(Number.isInteger(value) && value > 0)) throw new Error(`${name} must be a whole number above 0`);
    return value;
  });
  return { ...values, customers, rounds };
}

function installMemlab() {
  const cwd = here('memlab/');
  if (existsSync(join(cwd, 'node_modules', '@memlab'))) return;
  console.log('installing benchmark/memlab');
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`npm ci in benchmark/memlab: ${stderr}`);
}

/** The snapshot to measure on: `{ file, remove }`. */
function prepare({ file, customers }) {
  if (file) return { file, remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'pgtap-bench-snapshot-'));
  const made = join(folder, 'heap.heapsnapshot');
  const { status, stderr } = spawnSync(process.execPath,
    ['--max-old-space-size=4096', here('snapshot-heap.mjs'), made, String(customers)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`no snapshot was written: ${stderr}`);
  return { file: made, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const lastLine = (stdout) => JSON.parse(stdout.trim().split('\n').at(-1));

function runOne(meter, args) {
  const { wallMs, cpuMs, stdout } = meter.run(process.execPath, args);
  const { workMs, maxRssKb, ...answer } = lastLine(stdout);
  return { figures: { wallMs, cpuMs, workMs, peakMb: maxRssKb / 1024 }, answer };
}

/** What memlab says otherwise; synthetic groups are in no list of ours. */
function disagreements(ours, theirs) {
  const wrong = ours.nodes === theirs.nodes ? [] : [`nodes: ${ours.nodes}, ${theirs.nodes}`];
  for (const [name, { count, shallowBytes }] of Object.entries(theirs.classes)) {
    const own = ours.classes[name];
    const same = own?.count === count && own.shallowBytes === shallowBytes;
    if (name !== '(synthetic)' && !same) wrong.push(`${name}: ${JSON.stringify(own)}, ${count} of ${shallowBytes} bytes`);
  }
  const retained = new Map(theirs.retained);
  for (const [id, bytes] of ours.retained) if (retained.get(id) !== bytes) wrong.push(`@${id} retains ${bytes}, ${retained.get(id)}`);
  return wrong;
}

function measure(file, rounds) {
  const meter = createMeter();
  const results = { ours: [], quick: [], memlab: [] };
  let compared;
  try {
    for (let round = 0; round < rounds; round += 1) {
      const ours = runOne(meter, [here('snapshot-analyze.mjs'), file]);
      results.ours.push(ours.figures);
      results.quick.push(runOne(meter, [here('snapshot-analyze.mjs'), file, 'quick']).figures);
      const ids = JSON.stringify(ours.answer.retained.map(([id]) => id));
      const memlab = runOne(meter, ['--max-old-space-size=16384', here('memlab/analyze.mjs'), file, ids]);
      results.memlab.push(memlab.figures);
      const wrong = disagreements(ours.answer, memlab.answer);
      if (wrong.length > 0) throw new Error(`memlab disagrees in ${wrong.length} figures: ${wrong.slice(0, 5).join('; ')}`);
      compared = { classes: Object.keys(memlab.answer.classes).length, retainedSizes: ours.answer.retained.length };
    }
  } finally {
    meter.close();
  }
  return { results, compared };
}

const summaryOf = (runs) => Object.fromEntries(['wallMs', 'cpuMs', 'workMs', 'peakMb'].map((key) => [key, median(runs.map((run) => run[key]))]));

function keepRun({ keep, customers, rounds }, record) {
  const date = new Date().toISOString().slice(0, 10);
  const folder = here(`runs/${date}/`);
  mkdirSync(folder, { recursive: true });
  const name = basename(keep, '.json');
  const command = `npm run bench -- snapshot --customers ${customers} --rounds ${rounds}`;
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ date, command, machine: machine(), ...record }, null, 2)}\n`);
  console.log(`kept as benchmark/runs/${date}/${name}.json`);
}

export function benchSnapshot(args) {
  const options = readOptions(args);
  installMemlab();
  const { file, remove } = prepare(options);
  try {
    const fileBytes = statSync(file).size;
    const { version } = JSON.parse(readFileSync(here('memlab/node_modules/@memlab/heap-analysis/package.json'), 'utf8'));
    console.log(`${(fileBytes / 1e6).toFixed(0)} MB; ${options.rounds} rounds`);
    const { results, compared } = measure(file, options.rounds);
    const summary = Object.fromEntries(Object.entries(results).map(([name, runs]) => [name, summaryOf(runs)]));
    console.table(Object.fromEntries(Object.entries(summary).map(([name, { wallMs, cpuMs, workMs, peakMb }]) =>
      [name, { 'wall ms': wallMs.toFixed(0), 'cpu ms': cpuMs?.toFixed(0) ?? '-', 'analysis ms': workMs.toFixed(0), 'peak MB': peakMb.toFixed(0) }])));
    const ratios = {
      faster: summary.memlab.workMs / summary.ours.workMs,
      memory: summary.ours.peakMb / summary.memlab.peakMb,
    };
    console.log(`both agree on ${compared.classes} classes and ${compared.retainedSizes} retained sizes`);
    console.log(`${ratios.faster.toFixed(1)} times as fast (promised: ${PROMISED.faster}), `
      + `${ratios.memory.toFixed(2)} of the memory (promised: at most ${PROMISED.memory.toFixed(2)})`);
    if (options.keep) keepRun(options, { fileBytes, memlab: version, compared, ratios, summary, runs: results });
    if (ratios.faster < PROMISED.faster || ratios.memory > PROMISED.memory) process.exitCode = 1;
  } finally {
    remove();
  }
}
