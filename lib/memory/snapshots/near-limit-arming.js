'use strict';

const { accessSync, constants, realpathSync, statfsSync } = require('node:fs');
const { resolve } = require('node:path');
const v8 = require('node:v8');

const { filePath, invalid } = require('../../errors.js');
const { MemoryMonitor } = require('../../memory-monitor.js');
const { OBJECT, checkArgument } = require('../rules.js');
const { startAllocationSampling } = require('./sampling.js');

const MODES = ['auto', 'profile', 'snapshot', 'off'];
// A snapshot near a limit of 100 MB reached 1.4 to 1.5 GB.
const MEMORY_PER_LIMIT_BYTE = 15;
const DISK_PER_LIMIT_BYTE = 2.5;
const MB = 1024 * 1024;

/** What arming asks of Node and the machine; tests put others in their place. */
const MACHINE = {
  setProfile: v8.setHeapProfileNearHeapLimit,
  setSnapshot: v8.setHeapSnapshotNearHeapLimit,
  limitBytes: () => v8.getHeapStatistics().heap_size_limit,
  availableBytes() {
    const { containerBytes, systemBytes } = MemoryMonitor.getAvailableMemory();
    return Math.min(systemBytes, containerBytes ?? Infinity);
  },
  freeBytes(dir) {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  },
  startSampling: () => startAllocationSampling(),
  node: () => process,
};

/** The flags in NODE_OPTIONS, as Node reads them: spaces part them outside double quotes, and inside those `\` escapes. */
function flagsIn(text) {
  const flags = text.match(/(?:"(?:\\.|[^"\\])*"|[^ "])+/gs) ?? [];
  return flags.map((flag) => flag.replace(/"((?:\\.|[^"\\])*)"/gs, (_, quoted) => quoted.replace(/\\(.)/gs, '$1')));
}

/**
 * Where Node writes it: `--diagnostic-dir`, else the working folder. A program cannot choose it later. The last flag
 * counts; those of the command line come after those of NODE_OPTIONS.
 */
function folderOfNode({ execArgv, env }) {
  const flags = [...flagsIn(env.NODE_OPTIONS ?? ''), ...execArgv];
  const at = flags.findLastIndex((flag) => /^--diagnostic[-_]dir(=|$)/.test(flag));
  if (at < 0) return process.cwd();
  const [, value] = flags[at].split(/=(.*)/s);
  return resolve(value ?? flags[at + 1]);
}

const inMB = (bytes) => Math.ceil(bytes / MB);
const unarmed = (why, message) => ({ armed: 'none', why, dir: null, message });

/** Whether two paths lead to one folder; one that is missing is no other. */
function isSame(wanted, dir) {
  try {
    return realpathSync(wanted) === realpathSync(dir);
  } catch {
    return wanted === dir;
  }
}

/** Why Node cannot write into the folder that was asked for; nothing when it can. */
function folderFault(wanted, dir) {
  if (wanted !== undefined && !isSame(wanted, dir)) {
    return unarmed('folder', `Node writes near-limit files into ${dir}; start it with --diagnostic-dir=${wanted}`);
  }
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return unarmed('folder', `Node writes near-limit files into ${dir}, which cannot be written to (${error.code})`);
  }
}

function armProfile(machine, dir) {
  if (!machine.setProfile) return unarmed('unsupported', 'Node 26 is the first that writes a heap profile near the limit');
  // What Node writes is the profile of the sampler, so it has to run; it is never stopped.
  machine.startSampling();
  machine.setProfile(1);
  return { armed: 'profile', why: null, dir, message: `Near the heap limit Node writes a heap profile into ${dir}` };
}

function armSnapshot(machine, dir) {
  const limit = machine.limitBytes();
  const [memory, disk] = [limit * MEMORY_PER_LIMIT_BYTE, limit * DISK_PER_LIMIT_BYTE];
  const [available, free] = [machine.availableBytes(), machine.freeBytes(dir)];
  if (memory > available) {
    return unarmed('memory', `A snapshot near the limit may take ${inMB(memory)} MB of memory; ${inMB(available)} MB are available`);
  }
  if (disk > free) return unarmed('disk', `A snapshot near the limit may take ${inMB(disk)} MB in ${dir}; ${inMB(free)} MB are free`);
  machine.setSnapshot(1);
  return { armed: 'snapshot', why: null, dir, message: `Near the heap limit Node writes a heap snapshot into ${dir}` };
}

function arm(mode, wanted, machine) {
  if (mode === 'off') return unarmed('off', 'mode is off');
  const dir = folderOfNode(machine.node());
  const fault = folderFault(wanted, dir);
  if (fault) return fault;
  if (mode === 'profile' || (mode === 'auto' && machine.setProfile)) return armProfile(machine, dir);
  return armSnapshot(machine, dir);
}

/** As armNearHeapLimit, over a machine of the caller's. */
function armWith(options, machine, from) {
  checkArgument(OBJECT, options, 'options', from);
  const { mode = 'auto', dir } = options;
  if (!MODES.includes(mode)) {
    throw invalid(`one of ${MODES.join(', ')}`, 'option "mode"', mode, { range: typeof mode === 'string', from });
  }
  return arm(mode, dir === undefined ? undefined : filePath(dir, 'option "dir"', from), { ...MACHINE, ...machine });
}

module.exports = { armWith, folderOfNode };
