'use strict';

const { InvalidArgumentError, Option } = require('commander');

const { Failure, USAGE } = require('./failure.js');
const { load } = require('./load.js');
const { print } = require('./output.js');
const { interruptible } = require('./signals.js');
const { size } = require('./size.js');

/** Levels are entered at two samples in a row: between two megabytes there is time for that. */
const LOOK_MS = 20;

const HELP = `
Takes memory a megabyte at a time, holds it and lets it go, and says which levels
are reached meanwhile. The levels are those of MEMORY_WARNING_THRESHOLD and its
like, else of where it runs (80, 90 and 95 % on a developer's machine), of the
nearest limit: V8's or the container's. More than half of what is available is
refused; --force takes it, and may end the command.

Examples:
  $ pgtap-scanner memory simulate 100
  $ NODE_OPTIONS=--max-old-space-size=200 pgtap-scanner memory simulate 170 --force
  $ pgtap-scanner memory simulate 500 --kind buffer --hold 20000

Exit codes:
  0    the memory was taken, held and let go
  2    wrong usage, more than half of what is available, or a failure
  130  interrupted with Ctrl-C
`;

function megabytesOf(text) {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It is a number of MB above 0.');
}

function millisecondsOf(text) {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number of milliseconds.');
}

/** Notes each level that is reached, and tells it at once. */
function watchLevels(tell) {
  const { PARTS } = load('../memory/parts.js');
  const { warningPercent: warning, criticalPercent: critical, emergencyPercent: emergency } = load('../memory/manager/settings.js').readSettings();
  const levels = [];
  const watch = PARTS.engine().watch({ intervalMs: LOOK_MS, thresholds: { warning, critical, emergency } });
  watch.on('level', ({ from, to, sample: { at, percent, of, limitBytes, rssBytes } }) => {
    levels.push({ at, from, to, percent, of, limitBytes, rssBytes });
    tell(levels.at(-1));
  });
  return { levels, check: () => watch.check(), stop: () => watch.stop() };
}

const levelLine = ({ to, percent, of, limitBytes }) => `${to}: ${percent.toFixed(1)} % of ${size(limitBytes)} (${of})\n`;

/** The refusal in the words of the command line. */
function inWords(error, mb) {
  const [allowed] = /at most .*\)/.exec(error?.message) ?? [];
  if (error?.code !== 'ERR_PGTAP_INVALID_ARGUMENT' || allowed === undefined) return error;
  return new Failure(`${mb} MB is too much: ${allowed.replace('{ force: true }', '--force')}.`, USAGE);
}

function* summary({ kind, heldMB, durationMs, peak }, levels) {
  if (levels.length === 0) yield 'No level was reached: memory stayed healthy.\n';
  yield `Held ${heldMB} MB ${kind === 'heap' ? "on V8's heap" : 'in Buffers'} for ${(durationMs / 1000).toFixed(1)} s in all.\n`;
  yield `Peaks: resident ${size(peak.rssBytes)}, heap ${size(peak.heapUsedBytes)}, external ${size(peak.externalBytes)}\n`;
}

async function simulate(mb, { hold, kind, force = false, json }) {
  const { memoryMonitorUtil } = load('../memory/index.js');
  const watch = watchLevels((level) => json || process.stdout.write(levelLine(level)));
  try {
    await interruptible(async (signal) => {
      const pressure = memoryMonitorUtil.simulateMemoryPressure(mb, { holdMs: hold, kind, force, signal });
      const result = await pressure.catch((error) => { throw inWords(error, mb); });
      await print(json ? [`${JSON.stringify({ ...result, levels: watch.levels }, null, 2)}\n`] : summary(result, watch.levels), signal);
    });
  } finally {
    watch.stop();
  }
}

function addSimulate(memory) {
  memory
    .command('simulate')
    .description('take memory and let it go, and say which levels that reaches')
    .argument('<MB>', 'how much', megabytesOf)
    .option('--hold <ms>', 'milliseconds that it is held', millisecondsOf, 5000)
    .addOption(new Option('--kind <kind>', "on V8's heap, or outside it in Buffers").choices(['heap', 'buffer']).default('heap'))
    .option('--force', 'take more than half of what is available')
    .option('--json', 'print one JSON document at the end instead of text')
    .addHelpText('after', HELP)
    .action(simulate);
}

module.exports = { addSimulate, millisecondsOf };
