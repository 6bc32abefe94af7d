'use strict';

const { InvalidArgumentError } = require('commander');

const { wantsColour } = require('./colour.js');
const { BAD, Failure, USAGE } = require('./failure.js');
const { print } = require('./output.js');

const HELP = `
Finds flags, limits and settings of the system that hurt a Node.js program, and
says what to set. Without arguments it is about a program started here, with this
NODE_OPTIONS; behind -- stands how it would be started; --pid is about one that
runs. Node.js itself is asked for its heap limit; no code of yours is run.

docs/toolkit/command-line.md lists the rules.

Examples:
  $ pgtap-scanner memory doctor
  $ pgtap-scanner memory doctor -- node --max-old-space-size=4096 server.js
  $ pgtap-scanner memory doctor --pid 4711
  $ pgtap-scanner memory doctor --json | jq '.findings[].id'

Exit codes:
  0    nothing critical was found; there may be warnings and notes
  1    something critical was found
  2    wrong usage, a process that is not there, or a failure
`;

function pidOf(text) {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is the number of a process.');
}

async function doctor(command, { pid, json }) {
  if (pid !== undefined && command.length > 0) throw new Failure('--pid is about a process that runs: give no command with it.', USAGE);
  const { collectFacts } = require('./doctor/facts.js');
  const { examine } = require('./doctor/examine.js');
  const { diagnosis } = require('./doctor/text.js');
  const facts = await collectFacts({ pid, command: command.length > 0 ? command : null });
  const findings = examine(facts);
  if (findings.some(({ severity }) => severity === 'critical')) process.exitCode = BAD;
  await print(json ? [`${JSON.stringify({ ...facts, findings }, null, 2)}\n`] : diagnosis(facts, findings, wantsColour(process.stdout)));
}

function addDoctor(memory) {
  memory
    .command('doctor')
    .description('find flags, limits and settings that hurt, and say what to set')
    .argument('[command...]', 'behind --: how the program would be started, as node --max-old-space-size=300 app.js')
    .option('--pid <pid>', 'look at a process that runs', pidOf)
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', HELP)
    .action(doctor);
}

module.exports = { addDoctor, pidOf };
