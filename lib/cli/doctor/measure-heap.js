'use strict';

const { execFile } = require('node:child_process');
const { promisify } = require('node:util');

const { Failure, USAGE } = require('../failure.js');
const { asArguments } = require('./node-flags.js');

const OLD_GENERATION = require.resolve('../../memory/old-generation.js');

const PROGRAM = `
const { heap_size_limit: limitBytes } = require('node:v8').getHeapStatistics();
const { limitBytes: oldLimitBytes } = require(${JSON.stringify(OLD_GENERATION)}).oldGeneration(limitBytes, 0);
process.stdout.write(JSON.stringify({ version: process.versions.node, limitBytes, oldLimitBytes }));`;

/** It prints a line and ends; milliseconds. */
const LONGEST_MS = 20_000;

/**
 * V8's limits in a Node.js that is started with these flags: it is asked, since they depend on its version, the machine
 * and the container. Nothing but the flags about memory is handed on, so that no code of the user's runs.
 *
 * @param {string} node the program
 * @param {Record<string, object>} flags
 * @returns {Promise<{ version: string, limitBytes: number, oldLimitBytes: number }>}
 */
async function measureHeap(node, flags) {
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    const { stdout } = await promisify(execFile)(node, [...asArguments(flags), '-e', PROGRAM], { env, timeout: LONGEST_MS });
    return JSON.parse(stdout);
  } catch (error) {
    const [said] = (error.stderr || error.message).trim().split('\n');
    throw new Failure(`Cannot ask ${node} for its heap limit with ${asArguments(flags).join(' ') || 'no flags'}: ${said}`, USAGE);
  }
}

module.exports = { measureHeap };
