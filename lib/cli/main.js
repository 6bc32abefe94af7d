#!/usr/bin/env node
'use strict';

const { CommanderError } = require('commander');

const { USAGE, foreseen } = require('./failure.js');
const { program } = require('./program.js');

function exitCodeOf(error) {
  // Commander has told the user already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  process.stderr.write(`pgtap-scanner: ${foreseen(error) ? error.message : error.stack}\n`);
  return error.exitCode ?? USAGE;
}

// A reader that has gone away (`| head`) is no error; a stream without a listener would make it one.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

program().parseAsync().catch((error) => {
  process.exitCode = exitCodeOf(error);
});
