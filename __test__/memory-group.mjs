// A control group with a limit on memory, for children of the tests. It lies in the group of this process, so that
// whatever limits that has hold, too.

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** What the two versions of control groups call their files. */
const VERSIONS = [
  { root: '/sys/fs/cgroup/memory', controller: 'memory', limit: 'memory.limit_in_bytes', most: 'memory.max_usage_in_bytes' },
  { root: '/sys/fs/cgroup', controller: '', limit: 'memory.max', most: 'memory.peak' },
];

/** The folder of this process's group in one version. */
function ownGroup({ root, controller }) {
  const rows = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n').map((row) => row.split(':'));
  const row = rows.find(([, controllers]) => controllers.split(',').includes(controller));
  return row && join(root, row.slice(2).join(':'));
}

async function remove(folder) {
  // A process that has just ended may count for a moment.
  for (let tries = 0; existsSync(folder); tries += 1) {
    try {
      rmdirSync(folder);
    } catch (error) {
      if (error.code !== 'EBUSY' || tries === 100) throw error;
      await wait(20);
    }
  }
}

function make(version, bytes) {
  const own = ownGroup(version);
  if (!own || !existsSync(join(own, 'cgroup.procs'))) throw new Error('it has no controller for memory');
  const folder = join(own, `pgtap-test-${process.pid}`);
  mkdirSync(folder);
  try {
    if (!existsSync(join(folder, version.limit))) throw new Error('groups in that of this process have no limits');
    writeFileSync(join(folder, version.limit), `${bytes}`);
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
  return folder;
}

/**
 * A new group for up to `bytes`, gone when the test ends: the arguments that run a program in it, and the most it used.
 * `undefined`, and the test is skipped with the reasons, where none can be made.
 */
export function memoryGroup(t, bytes) {
  const reasons = [];
  for (const version of VERSIONS) {
    try {
      const folder = make(version, bytes);
      t.after(() => remove(folder));
      return {
        // The shell joins before it becomes the program, so that all of that counts.
        command: (...program) => ['sh', ['-c', 'echo $$ > "$0" && exec "$@"', join(folder, 'cgroup.procs'), ...program]],
        most: () => (existsSync(join(folder, version.most)) ? Number(readFileSync(join(folder, version.most), 'utf8')) : null),
      };
    } catch (error) {
      reasons.push(`${version.root}: ${error.code ?? error.message}`);
    }
  }
  t.skip(`no control group can be made here (${reasons.join('; ')})`);
  return undefined;
}
