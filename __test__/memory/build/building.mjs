// What tests of managed builds share: builds whose log is kept, and the program as a child.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { runManagedBuild } = require('../../../lib/memory/build/index.js');
const { processTree } = require('../../../lib/memory/process-tree.js');

export const PROGRAM = fileURLToPath(new URL('../../../lib/cli/managed-build.js', import.meta.url));
export const MB = 1024 * 1024;

/** A step that runs a program of Node.js. */
export const node = (code, more = {}) => ({ name: 'node', command: process.execPath, args: ['-e', code], ...more });

/** The result of a build and its log. What its steps print goes to stderr: stdout is the test's report. */
export async function build(options) {
  const documents = [];
  const logger = { log: (line) => documents.push(JSON.parse(line)) };
  const result = await runManagedBuild({ requiredMB: 1, ...options, json: true, logger });
  return { result, documents };
}

/** The program `managed-build`, started; `ended` tells its code, signal and output. */
export function start(t, args, { command = (...program) => [program[0], program.slice(1)], ...how } = {}) {
  const child = spawn(...command(process.execPath, PROGRAM, ...args), { stdio: ['ignore', 'pipe', 'pipe'], ...how });
  t.after(() => child.kill('SIGKILL'));
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
    .then(([[code, signal], stdout, stderr]) => ({ code, signal, stdout, stderr }));
  return { child, ended };
}

/** The tree of a process as soon as `holds` of it. */
export async function treeOf(pid, holds) {
  for (let tries = 0; tries < 400; tries += 1) {
    const tree = processTree(pid);
    if (holds(tree.processes)) return tree.processes;
    await wait(25);
  }
  throw new Error(`not in time: ${JSON.stringify(processTree(pid))}`);
}

/** Whether there is such a process, dead ones that wait for their parents aside. */
export const isAlive = (pid) => processTree(pid).processes.some((each) => each.pid === pid);
