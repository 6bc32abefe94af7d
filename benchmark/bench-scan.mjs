// Compares a whole scan with ripgrep and with a full parser, on a generated corpus.
//
//   npm run bench -- scan [--files 10000] [--assertions 40] [--seed 1] [--rounds 7] [--libpg-files N]
//                            [--dir DIR] [--keep NAME]
//
// Every run is a fresh process; rounds are interleaved, so that a slow minute of the machine hits all cases. With
// --dir a corpus written by generate.mjs is used (its manifest lies beside it), otherwise one is made and removed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases.mjs';
import { generateCorpus, manifestPath } from './generate.mjs';
import { keep } from './keep.mjs';
import { createMeter, median, versionOf } from './measure.mjs';

function readOptions() {
  const text = (fallback) => ({ type: 'string', default: fallback });
  const { values } = parseArgs({ options: {
    files: text('10000'), assertions: text('40'), seed: text('1'), rounds: text('7'),
    'libpg-files': { type: 'string' }, dir: { type: 'string' }, keep: { type: 'string' },
  } });
  const options = { dir: values.dir, keep: values.keep, libpgFiles: values['libpg-files'] && Number(values['libpg-files']) };
  for (const name of ['files', 'assertions', 'seed', 'rounds']) options[name] = Number(values[name]);
  const wrong = Object.entries(options).find(([, value]) => typeof value === 'number' && !(Number.isInteger(value) && value > 0));
  if (wrong) throw new Error(`${wrong[0]} must be a whole number above 0`);
  return options;
}

/** The corpus to measure on: `{ dir, manifest, remove }`. */
function prepareCorpus(options) {
  if (options.dir) {
    return { dir: options.dir, manifest: JSON.parse(readFileSync(manifestPath(options.dir), 'utf8')), remove: () => {} };
  }
  const parent = mkdtempSync(join(tmpdir(), 'pgtap-bench-'));
  const dir = join(parent, 'corpus');
  const manifest = generateCorpus({ ...options, out: dir });
  return { dir, manifest, remove: () => rmSync(parent, { recursive: true, force: true }) };
}

/** Cases that can run here; the others are named with the reason. */
function runnableCases() {
  return CASES.filter((item) => {
    const reason = item.program === 'rg' && !versionOf('rg') ? 'rg (ripgrep) is not installed' : item.missing?.() ?? null;
    if (reason) console.log(`skipped: ${item.name}: ${reason}`);
    return !reason;
  });
}

/** How many files a case reads, and how many assertions it must find there. */
function expectationOf(item, manifest, libpgFiles) {
  const files = item.subset ? Math.min(libpgFiles ?? manifest.files, manifest.files) : manifest.files;
  return { files, assertions: files === manifest.files ? manifest.assertions : files * manifest.assertionsPerFile };
}

function runCase(item, corpus, meter, expected) {
  const values = { DIR: corpus.dir, FILES: String(expected.files) };
  const result = meter.run(item.program, item.args.map((argument) => values[argument] ?? argument));
  const counted = item.countOf?.(result.stdout) ?? null;
  if (counted !== null && counted !== expected.assertions) {
    throw new Error(`${item.name}: counted ${counted} assertions, the corpus has ${expected.assertions}`);
  }
  const workMs = Number(/"workMs":([\d.]+)/.exec(result.stdout)?.[1] ?? result.wallMs);
  return { wallMs: result.wallMs, cpuMs: result.cpuMs, rssMb: result.rssMb, workMs, counted };
}

/** All runs: `[{ item, expected, runs }]`. The first round warms the page cache and is not counted. */
function measureAll(cases, corpus, options) {
  const meter = createMeter();
  const results = cases.map((item) => ({ item, expected: expectationOf(item, corpus.manifest, options.libpgFiles), runs: [] }));
  try {
    for (let round = 0; round <= options.rounds; round += 1) {
      for (const { item, expected, runs } of results) {
        if (item.once && round !== 1) continue;
        const run = runCase(item, corpus, meter, expected);
        if (round > 0) runs.push(run);
      }
    }
  } finally {
    meter.close();
  }
  return results;
}

function summaryOf({ item, expected, runs }, manifest) {
  const column = (name) => runs.map((run) => run[name]);
  const wallMs = median(column('wallMs'));
  return {
    name: item.name,
    command: item.shown,
    files: expected.files,
    assertions: runs[0].counted,
    wallMs,
    // What the whole corpus would take, should the case have read a part of it: start-up is paid once.
    wholeMs: wallMs + median(column('workMs')) * (manifest.files / expected.files - 1),
    bestMs: Math.min(...column('wallMs')),
    worstMs: Math.max(...column('wallMs')),
    cpuMs: median(column('cpuMs')),
    rssMb: median(column('rssMb')),
    runs,
  };
}

const show = (number, digits = 0) => (number === null || number === undefined ? '-' : number.toFixed(digits));

function printTable(summaries, manifest) {
  const base = (prefix) => summaries.find(({ name }) => name.startsWith(prefix))?.wholeMs;
  const ratio = (ms, other) => (other ? `${show(ms / other, 2)}x` : '-');
  console.table(Object.fromEntries(summaries.map((row) => [row.name, {
    runs: row.runs.length,
    'median ms': show(row.wallMs),
    'best ms': show(row.bestMs),
    'cpu ms': show(row.cpuMs),
    'peak MB': show(row.rssMb),
    assertions: row.assertions ?? '-',
    'vs rg': ratio(row.wholeMs, base('rg')),
    'vs libpg-query': ratio(row.wholeMs, base('libpg-query')),
  }])));
  for (const row of summaries.filter(({ files }) => files !== manifest.files)) {
    console.log(`${row.name}: ${row.files} of ${manifest.files} files; its ratios are scaled to all of them (${show(row.wholeMs)} ms).`
      + ' A short run is slower per file while code warms up: quote full runs only.');
  }
}

function keepRun(options, manifest, summaries) {
  // Only the options by which the run can be repeated; a folder of this machine is of no use to anybody.
  const command = ['files', 'assertionsPerFile', 'seed'].map((key) => `--${key === 'assertionsPerFile' ? 'assertions' : key} ${manifest[key]}`);
  if (options.libpgFiles) command.push(`--libpg-files ${options.libpgFiles}`);
  keep(options.keep, `npm run bench -- scan ${command.join(' ')} --rounds ${options.rounds}`, { corpus: manifest, cases: summaries });
}

function main() {
  const options = readOptions();
  const corpus = prepareCorpus(options);
  try {
    const { manifest } = corpus;
    console.log(`${manifest.files} files, ${manifest.assertions} assertions, ${show(manifest.bytes / 1e6, 1)} MB; ${options.rounds} rounds`);
    const summaries = measureAll(runnableCases(), corpus, options).map((result) => summaryOf(result, manifest));
    printTable(summaries, manifest);
    if (options.keep) keepRun(options, manifest, summaries);
  } finally {
    corpus.remove();
  }
}

main();
