#!/usr/bin/env node
'use strict';

const { Command, CommanderError } = require('commander');

const { version } = require('../../package.json');
const { Failure, USAGE } = require('./failure.js');
const { addLint } = require('./lint.js');
const { addMemory } = require('./memory.js');
const { addMerge } = require('./merge.js');
const { addScan } = require('./scan.js');

const HELP = `
Try it on the suite of an example database:
  $ pgtap-scanner scan examples/bookshop/tests

Every command explains itself:
  $ pgtap-scanner scan --help
`;

function program() {
  const main = new Command('pgtap-scanner')
    .description('Finds every assertion in pgTAP test files and says what PostgreSQL will really test.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('See pgtap-scanner --help.')
    .addHelpText('after', HELP);
  addScan(main);
  addLint(main);
  addMerge(main);
  addMemory(main);
  return main;
}

function exitCodeOf(error) {
  // Commander has told the user already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  // A full disk, say, needs no stack; what nobody foresaw does.
  const foreseen = error instanceof Failure || error.syscall;
  process.stderr.write(`pgtap-scanner: ${foreseen ? error.message : error.stack}\n`);
  return error.exitCode ?? 1;
}

// A reader that has gone away (`| head`) is no error; a stream without a listener would make it one.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

program().parseAsync().catch((error) => {
  process.exitCode = exitCodeOf(error);
});
