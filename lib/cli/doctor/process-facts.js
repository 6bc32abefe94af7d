'use strict';

const { basename } = require('node:path');

const { groupName } = require('./groups.js');
const { memoryFlags } = require('./node-flags.js');

/** Libraries that replace malloc, by how their files begin; then those of the system. */
const ALLOCATORS = [
  [/^libjemalloc/, 'jemalloc'], [/^libmimalloc/, 'mimalloc'], [/^libtcmalloc/, 'tcmalloc'], [/^(ld-musl|libc\.musl)/, 'musl'],
  [/^libc(-2\.\d+)?\.so/, 'glibc'],
];

function allocatorOf(maps) {
  const names = new Set(maps.map((line) => basename(line.split(/\s+/)[5] ?? '')));
  return ALLOCATORS.find(([pattern]) => [...names].some((name) => pattern.test(name)))?.[1] ?? null;
}

/** A limit of `/proc/PID/limits` in bytes; null for unlimited, or when it is not told. */
function resourceLimit(lines, name) {
  const line = lines.find((each) => each.startsWith(name));
  const soft = line?.slice(name.length).trim().split(/\s+/)[0] ?? '';
  return /^\d+$/.test(soft) ? Number(soft) : null;
}

/** The environment by name; null when it is not ours to read. */
function environmentOf(files, pid) {
  const pairs = files.list(`proc/${pid}/environ`);
  return pairs && Object.fromEntries(pairs.map((pair) => [pair.split('=', 1)[0], pair.slice(pair.indexOf('=') + 1)]));
}

const isNode = (command) => /^node(js)?(\d*|\.exe)$/.test(basename(command[0] ?? ''));

/**
 * What the system tells of a process, in bytes; null for what it does not tell, or not to us.
 *
 * @param {import('./system-files.js').SystemFiles} files
 * @param {number | 'self'} pid
 * @returns {object | null} null when there is no such process
 */
function processFacts(files, pid) {
  const at = `proc/${pid}`;
  const status = files.kilobytes(`${at}/status`);
  const rows = files.lines(`${at}/status`);
  if (rows.length === 0) return null;
  const rollup = files.kilobytes(`${at}/smaps_rollup`);
  const command = files.list(`${at}/cmdline`) ?? [];
  const env = environmentOf(files, pid);
  const maps = files.lines(`${at}/maps`);
  const limits = files.lines(`${at}/limits`);
  return {
    pid, command, env, isNode: isNode(command), flags: memoryFlags(command, env?.NODE_OPTIONS),
    rssBytes: status.VmRSS ?? null, peakRssBytes: status.VmHWM ?? null, swapBytes: status.VmSwap ?? null,
    anonymousBytes: status.RssAnon ?? null, fileBytes: status.RssFile ?? null, sharedBytes: status.RssShmem ?? null,
    proportionalBytes: rollup.Pss ?? null, hugePagesBytes: rollup.AnonHugePages ?? null,
    hugePagesOff: rows.includes('THP_enabled:\t0'),
    allocator: allocatorOf(maps), mappings: maps.length || null,
    addressSpaceLimitBytes: resourceLimit(limits, 'Max address space'), dataLimitBytes: resourceLimit(limits, 'Max data size'),
    oomScoreAdjust: files.number(`${at}/oom_score_adj`),
  };
}

/** A process and all that it descends from. */
function lineage(files, pid) {
  const found = [];
  for (let at = pid; at > 0 && !found.includes(at);) {
    found.push(at);
    const row = files.lines(`proc/${at}/status`).find((line) => line.startsWith('PPid:'));
    at = Number(row?.split('\t')[1] ?? 0);
  }
  return found;
}

/**
 * The other Node.js processes of a process's control group, with their flags; a cluster's workers are among them.
 *
 * @param {number[]} but those that are not meant
 */
function neighbours(files, pid, but) {
  const own = groupName(files, pid);
  const pids = files.names('proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((each) => !but.includes(each));
  return pids.flatMap((each) => {
    const command = files.list(`proc/${each}/cmdline`) ?? [];
    if (!isNode(command) || groupName(files, each) !== own) return [];
    const flags = memoryFlags(command, environmentOf(files, each)?.NODE_OPTIONS);
    return [{ pid: each, rssBytes: files.kilobytes(`proc/${each}/status`).VmRSS ?? null, flags }];
  });
}

module.exports = { isNode, lineage, neighbours, processFacts };
