// The benchmark's cases, as data. `DIR` in an argument stands for the corpus.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const script = (name) => fileURLToPath(new URL(name, import.meta.url));
const notBuilt = () => (existsSync(script('../lib/native.js')) ? null : 'the addon is not built');
const jsonCount = (stdout) => JSON.parse(stdout.trim().split('\n').at(-1)).assertions;

/**
 * - `shown`: the command as it may be printed and kept, without any path of this machine;
 * - `countOf`: reads the number of assertions from the output; null when the case does not count them;
 * - `missing`: why the case cannot run here, or null;
 * - `once`: too slow for every round, one is enough;
 * - `subset`: reads only `--libpg-files` files; the part `workMs` of its time is scaled up to compare.
 */
export const CASES = [
  {
    name: 'rg',
    program: 'rg',
    args: ['-c', 'SELECT\\s+\\w+\\s*\\(', 'DIR'],
    shown: "rg -c 'SELECT\\s+\\w+\\s*\\(' DIR",
    countOf: null,
  },
  {
    name: 'node start-up',
    program: process.execPath,
    args: ['-e', '0'],
    shown: 'node -e 0',
    countOf: null,
  },
  {
    name: 'scan + coverage database',
    program: process.execPath,
    args: [script('scan.mjs'), 'DIR'],
    shown: 'node benchmark/scan.mjs DIR',
    countOf: jsonCount,
    missing: notBuilt,
  },
  {
    name: 'the same without a limit',
    program: process.execPath,
    args: [script('scan.mjs'), 'DIR', '2000'],
    shown: 'node benchmark/scan.mjs DIR 2000',
    countOf: jsonCount,
    missing: notBuilt,
  },
  {
    name: 'the same within 100 MB',
    program: process.execPath,
    args: ['--max-old-space-size=64', script('scan.mjs'), 'DIR', '100'],
    shown: 'node --max-old-space-size=64 benchmark/scan.mjs DIR 100',
    countOf: jsonCount,
    missing: notBuilt,
  },
  {
    name: 'libpg-query (WASM)',
    program: process.execPath,
    args: [script('scan-libpg-query.mjs'), 'DIR', 'FILES'],
    shown: 'node benchmark/scan-libpg-query.mjs DIR FILES',
    countOf: jsonCount,
    once: true,
    subset: true,
    missing: () => (existsSync(script('../node_modules/libpg-query')) ? null : 'libpg-query is not installed'),
  },
];
