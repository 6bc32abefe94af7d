// What tests of memory share: forced collections, garbage of a known size, programs in processes of their own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export const MB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
setFlagsFromString('--no-expose-gc');

export const collectAll = () => gc();
export const collectYoung = () => gc({ type: 'minor' });

/** One turn of the event loop. */
export const turn = () => new Promise((resolve) => { setImmediate(resolve); });

/** Enough turns for everything that is told late. */
export async function turns() {
  for (let at = 0; at < 6; at += 1) await turn();
}

let kept;

/** Allocates `megabytes` that are garbage at once, in arrays of 8 KB. */
export function garbage(megabytes) {
  for (let at = 0; at < megabytes * 128; at += 1) kept = new Array(1022).fill(at);
  kept = undefined;
}

const MEMORY = fileURLToPath(new URL('../../lib/memory/', import.meta.url));
const run = promisify(execFile);

/** Runs a program with `memory` (the public names) and `load(file)`; answers what it prints, as JSON, one value a line. */
export async function child(program, flags = []) {
  const code = `'use strict'; const load = (file) => require(${JSON.stringify(MEMORY)} + file);
    const memory = load('index.js'); const print = (value) => console.log(JSON.stringify(value)); ${program}`;
  const { stdout } = await run(process.execPath, [...flags, '-e', code], { timeout: 60_000 });
  return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

/** The warnings of the toolkit that are emitted while `body` runs. */
export async function warningsOf(body) {
  const seen = [];
  const listen = (warning) => { if (warning.code === 'PGTAP_MEMORY_LISTENER') seen.push(warning); };
  process.on('warning', listen);
  try {
    await body();
    await turns();
  } finally {
    process.off('warning', listen);
  }
  return seen;
}
