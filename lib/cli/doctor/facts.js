'use strict';

const { availableParallelism, totalmem } = require('node:os');

const { Failure, USAGE } = require('../failure.js');
const { containerOf } = require('./groups.js');
const { measureHeap } = require('./measure-heap.js');
const { memoryFlags } = require('./node-flags.js');
const { isNode, lineage, neighbours, processFacts } = require('./process-facts.js');
const { SystemFiles } = require('./system-files.js');

/** What the machine and its kernel say. */
function machineFacts(files, cpus) {
  const meminfo = files.kilobytes('proc/meminfo');
  const [, hugePages = null] = /\[(\w+)\]/.exec(files.text('sys/kernel/mm/transparent_hugepage/enabled') ?? '') ?? [];
  return {
    totalBytes: meminfo.MemTotal ?? totalmem(), availableBytes: meminfo.MemAvailable ?? null,
    swapBytes: meminfo.SwapTotal ?? null,
    commitLimitBytes: meminfo.CommitLimit ?? null, committedBytes: meminfo.Committed_AS ?? null,
    overcommit: files.number('proc/sys/vm/overcommit_memory'), maxMappings: files.number('proc/sys/vm/max_map_count'),
    hugePages, cpus,
  };
}

/** Whether a process runs in a container: engines leave a file, or say so in the environment. */
function isContained(files, pid, env, container) {
  const root = pid === 'self' ? '' : `proc/${pid}/root/`;
  const marked = ['.dockerenv', 'run/.containerenv'].some((name) => files.exists(`${root}${name}`));
  return marked || container !== null || Boolean(env?.KUBERNETES_SERVICE_HOST ?? env?.container);
}

/** What a process is started from: this Node.js, the one that a command names, or that of a process. */
function subject(files, { pid, command, env }) {
  const process_ = processFacts(files, pid);
  if (process_ === null && pid !== 'self') throw new Failure(`There is no process ${pid}.\nList those of Node.js with: pgrep -a node`, USAGE);
  if (command !== null && !isNode(command)) {
    const what = `${command[0]} is not Node.js, which is asked for its limits.`;
    throw new Failure(`${what}\nGive what it runs: -- node with its flags. For one that runs: --pid`, USAGE);
  }
  if (pid !== 'self') return { env: process_.env, node: files.link(`proc/${pid}/exe`), isNode: process_.isNode, ...process_ };
  const flags = memoryFlags(command ?? [process.execPath], env.NODE_OPTIONS);
  // What is measured of this process is not that of the one that will run.
  const unknown = { rssBytes: null, swapBytes: null, mappings: null };
  return { ...process_, ...unknown, env, node: command?.[0] ?? process.execPath, isNode: true, flags };
}

/** V8's limits in the subject; null where they cannot be known: another file system, another container's default. */
async function heapOf(files, { isNode, node, flags }, { pid, measure }, container) {
  if (pid === 'self') return measure(node, flags);
  const own = containerOf(files, 'self');
  const isSaid = 'max-old-space-size' in flags;
  const sameDefault = own?.limitBytes === container?.limitBytes;
  if (!isNode || node === null || !(isSaid || sameDefault)) return null;
  if (files.link(`proc/${pid}/ns/mnt`) !== files.link('proc/self/ns/mnt')) return null;
  return measure(node, flags);
}

/**
 * Everything that the rules of the doctor look at, in bytes; null for what is not told.
 *
 * @param {object} [of]
 * @param {SystemFiles} [of.files] the system's files; tests have others
 * @param {number | 'self'} [of.pid] a process that runs; `self` stands for one that is started here
 * @param {string[] | null} [of.command] how that would be started: a Node.js and its arguments
 * @param {number} [of.own] this program: it and what started it (npx) are not told as neighbours
 */
async function collectFacts({
  files = new SystemFiles(), pid = 'self', command = null, env = process.env, measure = measureHeap,
  cpus = availableParallelism(), own = process.pid,
} = {}) {
  const found = subject(files, { pid, command, env });
  const container = containerOf(files, pid);
  const heap = await heapOf(files, found, { pid, measure }, container);
  const { env: foundEnv, node: _node, command: _command, ...rest } = found;
  return {
    ...rest, pid: pid === 'self' ? null : pid, heap,
    arenaMax: foundEnv?.MALLOC_ARENA_MAX ?? null,
    machine: machineFacts(files, cpus),
    container, isContained: isContained(files, pid, foundEnv, container),
    neighbours: container === null ? [] : neighbours(files, pid, [...lineage(files, own), pid]),
    refused: [...new Set(files.refused)],
  };
}

module.exports = { collectFacts };
