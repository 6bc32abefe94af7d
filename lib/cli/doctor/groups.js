'use strict';

const { posix } = require('node:path');

/** Version 1 says "no limit" with the largest number of whole pages; pages have at most 64 KB. */
const UNLIMITED = 2 ** 63 - 2 ** 16;

/** What the two versions of control groups call their files. */
const VERSIONS = {
  cgroup: { version: 1, limits: ['memory.limit_in_bytes'], used: 'memory.usage_in_bytes', inactive: 'total_inactive_file' },
  cgroup2: { version: 2, limits: ['memory.max', 'memory.high'], used: 'memory.current', inactive: 'inactive_file' },
};

/** Where groups that may limit memory are mounted. */
function mounts(files) {
  return files.lines('proc/self/mountinfo').flatMap((line) => {
    const [before, after] = line.split(' - ').map((part) => part.split(' '));
    const [kind, , options = ''] = after ?? [];
    const isMemory = kind === 'cgroup2' || (kind === 'cgroup' && options.split(',').includes('memory'));
    return isMemory ? [{ ...VERSIONS[kind], group: before[3], point: before[4] }] : [];
  });
}

/** The path of a process's group in one version, as the kernel says it; null where it is in none. */
function ownGroup(lines, version) {
  const rows = lines.map((line) => line.split(':'));
  const row = rows.find(([id, names]) => (version === 2 ? id === '0' && names === '' : names?.split(',').includes('memory')));
  return row ? row.slice(2).join(':') : null;
}

/** The folders of a group and of all above it; a container may see a path that is not below its mount. */
function folders({ group, point }, own) {
  const below = posix.relative(group, own);
  const parts = below.startsWith('..') ? [] : below.split('/').filter(Boolean);
  return Array.from({ length: parts.length + 1 }, (_, left) => posix.join(point, ...parts.slice(0, parts.length - left)));
}

function limited(files, mount, folder, isOwn) {
  const limits = mount.limits.map((name) => files.number(posix.join(folder, name))).filter((limit) => limit !== null);
  const limitBytes = Math.min(...limits);
  const current = files.number(posix.join(folder, mount.used));
  if (!(limitBytes < UNLIMITED) || current === null) return null;
  const rows = files.lines(posix.join(folder, 'memory.stat')).map((line) => line.split(' '));
  const inactive = Number(rows.find(([name]) => name === mount.inactive)?.[1] ?? 0);
  const usedBytes = Math.max(0, current - inactive);
  return { version: mount.version, folder, isOwn, limitBytes, usedBytes, swapBytes: swapOf(files, mount, folder, limitBytes) };
}

/** How much swap the group may use: null when nothing says so. */
function swapOf(files, { version }, folder, limitBytes) {
  if (version === 2) {
    const text = files.text(posix.join(folder, 'memory.swap.max'))?.trim();
    return text === 'max' ? Infinity : text === undefined ? null : Number(text);
  }
  const both = files.number(posix.join(folder, 'memory.memsw.limit_in_bytes'));
  if (both === null) return null;
  return both >= UNLIMITED ? Infinity : Math.max(0, both - limitBytes);
}

/**
 * The control group with a limit that leaves a process the least, among its own and all above; null when none has one.
 *
 * @param {import('./system-files.js').SystemFiles} files
 * @param {number | 'self'} pid
 */
function containerOf(files, pid) {
  const lines = files.lines(`proc/${pid}/cgroup`);
  const found = mounts(files).flatMap((mount) => {
    const own = ownGroup(lines, mount.version);
    return own === null ? [] : folders(mount, own).map((folder, at) => limited(files, mount, folder, at === 0));
  }).filter(Boolean);
  const [tightest] = found.sort((a, b) => (a.limitBytes - a.usedBytes) - (b.limitBytes - b.usedBytes));
  if (!tightest) return null;
  // Node.js asks libuv, which knows the process's own group only, and version 2 only where it is named first.
  const inSight = tightest.isOwn && (tightest.version === 2) === (lines[0]?.startsWith('0::/') ?? false);
  return { ...tightest, inSight };
}

/** Tells the groups of two processes apart. */
function groupName(files, pid) {
  const lines = files.lines(`proc/${pid}/cgroup`);
  return lines.length === 0 ? null : JSON.stringify([ownGroup(lines, 1), ownGroup(lines, 2)]);
}

module.exports = { containerOf, groupName };
