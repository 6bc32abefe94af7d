'use strict';

const { InvalidArgumentError, Option } = require('commander');

const { Failure, USAGE } = require('./failure.js');
const { load } = require('./load.js');
const { print } = require('./output.js');
const { IDLE, canDraw, drawReading } = require('./progress.js');
const { interruptible } = require('./signals.js');
const { analysisReport, diffReport } = require('./snapshot-report.js');

const SNAPSHOTS = '../memory/snapshots/index.js';

const EXIT_CODES = `
Exit codes:
  0    the answer was printed
  2    wrong usage, a file that is missing, damaged or no heap snapshot, or a failure
  130  interrupted with Ctrl-C
`;

const ANALYZE_HELP = `
Lists the classes and the objects of the heap that take most, and what holds the
largest objects. Shallow bytes are those of the objects alone; retained bytes
are what would be freed with them.

A snapshot may be of any size. Reading takes about as much memory as the file
has bytes, a quarter of that with --no-dominators.

Examples:
  $ node -e "require('node:v8').writeHeapSnapshot('app.heapsnapshot')"
  $ pgtap-scanner memory snapshot analyze app.heapsnapshot
  $ pgtap-scanner memory snapshot analyze app.heapsnapshot --top 50 --no-dominators
  $ pgtap-scanner memory snapshot analyze app.heapsnapshot --json | jq '.classes[0]'
${EXIT_CODES}`;

const DIFF_HELP = `
Lists the classes that grew most between two snapshots of one process, how many
of their objects are new or gone, and what holds the object that grew most.

Examples:
  $ pgtap-scanner memory snapshot diff before.heapsnapshot after.heapsnapshot
  $ pgtap-scanner memory snapshot diff before.heapsnapshot after.heapsnapshot --by retained
${EXIT_CODES}`;

function topOf(text) {
  const top = Number(text);
  if (/^\d+$/.test(text) && top >= 1 && top <= 10000) return top;
  throw new InvalidArgumentError('It is a whole number from 1 to 10000.');
}

function checkNames(files) {
  if (files.includes('')) throw new Failure('The name of the file is empty. Is a variable not set?', USAGE);
}

/** Runs `work` with a signal and a listener of progress, and prints what `report` makes of its answer. */
async function answer(files, { json }, work, report) {
  checkNames(files);
  const drawing = canDraw() ? drawReading() : IDLE;
  await interruptible(async (signal) => {
    const result = await work({ signal, onProgress: drawing.draw });
    drawing.stop();
    await print(json ? [`${JSON.stringify(result, null, 2)}\n`] : report(result), signal);
  }, drawing);
}

function analyze(file, { top, dominators, json }) {
  const { analyzeSnapshot } = load(SNAPSHOTS);
  const work = (how) => analyzeSnapshot(file, { topN: top, dominators, ...how });
  return answer([file], { json }, work, analysisReport);
}

function diff(before, after, { top, by, json }) {
  const { diffSnapshots } = load(SNAPSHOTS);
  const work = (how) => diffSnapshots(before, after, { topN: top, by, ...how });
  return answer([before, after], { json }, work, diffReport);
}

function addSnapshot(memory) {
  const snapshot = memory.command('snapshot').description('read heap snapshots (.heapsnapshot files)');
  snapshot
    .command('analyze')
    .description('say what a heap holds, and what holds it')
    .argument('<file>', 'a heap snapshot')
    .option('--top <n>', 'how many classes and objects to list', topOf, 20)
    .option('--no-dominators', 'leave out retained sizes and paths: faster, and less memory')
    .option('--json', 'print one JSON document instead of tables')
    .addHelpText('after', ANALYZE_HELP)
    .action(analyze);
  snapshot
    .command('diff')
    .description('say what grew between two snapshots')
    .argument('<before>', 'the first snapshot')
    .argument('<after>', 'a later one of the same process')
    .addOption(new Option('--by <what>', 'order by bytes of the objects alone, or by what they retain')
      .choices(['class', 'retained']).default('class'))
    .option('--top <n>', 'how many classes to list', topOf, 20)
    .option('--json', 'print one JSON document instead of tables')
    .addHelpText('after', DIFF_HELP)
    .action(diff);
}

module.exports = { addSnapshot };
