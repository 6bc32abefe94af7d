#!/usr/bin/env node
'use strict';

const { Command, CommanderError, InvalidArgumentError } = require('commander');

const { version } = require('../../package.json');
const { runManagedBuild } = require('../memory/build/index.js');
const { USAGE, foreseen } = require('./failure.js');
const { readBuild } = require('./managed-build-settings.js');

const HELP = `
Runs the steps of a build one after another under a heap limit. Before the first
step it checks what memory there is; a limit that the machine or container cannot
hold is lowered, and said so. Every Node.js process of a step gets the limit in
NODE_OPTIONS, and collects garbage while its heap is nearly full. The memory of
all processes of a step is sampled four times a second. When a step fails, it is
told whether V8 gave up at the heap limit, the kernel killed it at the limit of
the container, somebody else did, or it failed by itself.

The steps are one of these, the first that is given:
  -- <command>         one command
  --workspaces         the script "build" of each npm workspace, those first that
                       others depend on
  --steps <file>       a JSON file
  otherwise            the key "managed-build" of the nearest package.json, or
                       the file managed-build.config.json

The file, and the key, hold what runManagedBuild() takes:
  {
    "heapMB": 4096,
    "steps": [
      "npm run generate",
      { "name": "bundle", "command": "node", "args": ["bundle.js"], "cwd": "packages/app" }
    ]
  }

Examples:
  $ managed-build -- npm run build
  $ managed-build --heap 4096 --workspaces
  $ managed-build --safe --json -- npx tsc --build | jq 'select(.event == "end").exitCode'

Exit codes:
  0    all steps completed
  2    wrong usage, or too little memory to begin
  130  interrupted with Ctrl-C, all processes of the steps ended; a second Ctrl-C
       does not wait for them to end by themselves
       otherwise that of the step that failed: 134 when it ran out of heap, 137
       when it was killed, 127 when there is no such program
`;

/** What --safe asks for: as much as there is, up to this. */
const SAFE_MB = 16384;

const numberFrom = (least) => (text) => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= 2 ** 26) return number;
  throw new InvalidArgumentError(`It is a whole number from ${least}.`);
};

function program() {
  return new Command('managed-build')
    .description('Runs a build under a memory limit, samples its memory, and explains why it failed.')
    .version(version)
    .argument('[command...]', 'one command to run, behind --')
    .option('--heap <MB>', 'heap limit of each Node.js process (default: 8192)', numberFrom(1))
    .option('--safe', `the same as --heap ${SAFE_MB}: as much as this machine can hold, up to that`)
    .option('--workspaces', 'build the npm workspaces of this folder')
    .option('--script <name>', 'the script of the workspaces', 'build')
    .option('--steps <file>', 'a JSON file with the steps')
    .option('--parallel <n>', 'run up to so many steps at once; they share the memory', numberFrom(1))
    .option('--interval <ms>', 'milliseconds between two lines about memory (default: 30000)', numberFrom(10))
    .option('--required <MB>', 'refuse to begin with less memory available (default: 256)', numberFrom(0))
    .option('--no-gc', 'leave garbage collection to V8')
    .option('--json', 'log JSON lines to stdout, the last one with the result; what the steps print goes to stderr')
    .exitOverride()
    .showHelpAfterError('See managed-build --help.')
    .addHelpText('after', HELP);
}

/** The options that were given; those that were not are the file's or the default. */
function givenOptions({ heap, safe, parallel, interval, required, gc, json }) {
  const heapMB = heap ?? (safe ? SAFE_MB : undefined);
  const given = {
    heapMB, requiredMB: required, intervalMs: interval, json, autoGC: gc ? undefined : false,
    ...(parallel !== undefined && { sequential: parallel === 1, concurrency: parallel === 1 ? null : parallel }),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Aborts at the first signal and ends at the second, which kills what still runs. */
function abortOnSignals(controller) {
  for (const [name, exitCode] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCode);
      process.exitCode = exitCode;
      controller.abort();
    });
  }
}

async function build(command, options) {
  const controller = new AbortController();
  const { signal } = controller;
  abortOnSignals(controller);
  try {
    const settings = await readBuild(command, options);
    const { exitCode } = await runManagedBuild({ ...settings, ...givenOptions(options), signal });
    process.exitCode = exitCode;
  } catch (error) {
    if (error !== signal.reason) throw error;
  }
}

function exitCodeOf(error) {
  // Commander has told the user already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  process.stderr.write(`managed-build: ${foreseen(error) ? error.message : error.stack}\n`);
  return error.exitCode ?? USAGE;
}

// A reader that has gone away (`| head`) is no error; a stream without a listener would make it one.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

program().action(build).parseAsync().catch((error) => {
  process.exitCode = exitCodeOf(error);
});
