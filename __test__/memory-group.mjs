// A control group with a limit on memory, for children of tests and benchmarks. It lies in the group of this process, so
// that whatever limits that has hold, too.

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** What the two versions of control groups call their files. */
const VERSIONS = [
  {
    root: '/sys/fs/cgroup/memory', controller: 'memory', limit: 'memory.limit_in_bytes', most: 'memory.max_usage_in_bytes',
    kills: 'memory.oom_control',
  },
  { root: '/sys/fs/cgroup', controller: '', limit: 'memory.max', most: 'memory.peak', kills: 'memory.events' },
];

/** Several may be open at once. */
let made = 0;

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
  const folder = join(own, `pgtap-test-${process.pid}-${made += 1}`);
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

/** What a file of a group says; `null` where the kernel has no such file. */
function numberIn(file, pattern = /(\d+)/) {
  if (!existsSync(file)) return null;
  const found = pattern.exec(readFileSync(file, 'utf8'));
  return found && Number(found[1]);
}

/**
 * A new group for up to `bytes`, or the `reasons` why none can be made here.
 *
 * `command` answers the arguments that run a program in it, `most` the most bytes it used, `kills` how many processes the
 * system ended in it for want of memory; `remove` is to be called when they have ended.
 */
export function openMemoryGroup(bytes) {
  const reasons = [];
  for (const version of VERSIONS) {
    try {
      const folder = make(version, bytes);
      return {
        // The shell joins before it becomes the program, so that all of that counts.
        command: (...program) => ['sh', ['-c', 'echo $$ > "$0" && exec "$@"', join(folder, 'cgroup.procs'), ...program]],
        most: () => numberIn(join(folder, version.most)),
        kills: () => numberIn(join(folder, version.kills), /^oom_kill (\d+)$/m),
        remove: () => remove(folder),
      };
    } catch (error) {
      reasons.push(`${version.root}: ${error.code ?? error.message}`);
    }
  }
  return { reasons: reasons.join('; ') };
}

/** The same, gone when the test ends. `undefined`, and the test is skipped with the reasons, where none can be made. */
export function memoryGroup(t, bytes) {
  const { reasons, ...group } = openMemoryGroup(bytes);
  if (reasons !== undefined) {
    t.skip(`no control group can be made here (${reasons})`);
    return undefined;
  }
  t.after(group.remove);
  return group;
}
