'use strict';

const { paint, wantsColour } = require('./colour.js');
const { BAD } = require('./failure.js');
const { load } = require('./load.js');
const { print } = require('./output.js');
const { plain } = require('./plain.js');
const { selfTest } = require('./self-test.js');
const { interruptible } = require('./signals.js');

const COLOURS = { passed: 'green', failed: 'red', skipped: 'yellow' };

const HELP = `
Tests the memory toolkit in this process and on this machine: reads the status,
collects garbage, takes up to 64 MB (a quarter of what is available at most) under
a limit of its own, and says whether the level rose, the spike was found, the
cleanups ran, and memory recovered. It takes up to 20 seconds.

Examples:
  $ pgtap-scanner memory test
  $ pgtap-scanner memory test --json | jq -r '.steps[] | .name + " " + .result'

Exit codes:
  0    no step failed; a step that this system cannot do is skipped
  1    a step failed
  2    wrong usage or a failure
  130  interrupted with Ctrl-C
`;

function line({ name, result, says }, coloured) {
  return `${coloured ? paint(COLOURS[result], result.padEnd(7)) : result.padEnd(7)}  ${name.padEnd(10)}  ${plain(says)}\n`;
}

async function test({ json }) {
  const { PARTS: parts } = load('../memory/parts.js');
  const { MemoryManagerService, memoryMonitorUtil: { simulateMemoryPressure: simulate } } = load('../memory/index.js');
  const coloured = wantsColour(process.stdout);
  await interruptible(async (signal) => {
    const tell = (step) => json || process.stdout.write(line(step, coloured));
    const steps = await selfTest({ parts, manager: MemoryManagerService.getInstance(), simulate, signal }, tell);
    const count = (wanted) => steps.filter(({ result }) => result === wanted).length;
    if (count('failed') > 0) process.exitCode = BAD;
    const summary = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`;
    await print(json ? [`${JSON.stringify({ passed: count('failed') === 0, steps }, null, 2)}\n`] : [summary], signal);
  });
}

function addTest(memory) {
  memory
    .command('test')
    .description('test the toolkit here: status, collection, pressure, spike, cleanup, recovery')
    .option('--json', 'print one JSON document at the end instead of text')
    .addHelpText('after', HELP)
    .action(test);
}

module.exports = { addTest };
