// What the doctor reads: flags, control groups, processes and the kernel's settings, in folders that look like a system.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { collectFacts } = require('../../lib/cli/doctor/facts.js');
const { containerOf } = require('../../lib/cli/doctor/groups.js');
const { memoryFlags, asArguments } = require('../../lib/cli/doctor/node-flags.js');
const { SystemFiles } = require('../../lib/cli/doctor/system-files.js');

const MB = 1024 * 1024;

/** A system whose files have these texts. */
function system(t, files, links = {}) {
  const root = mkdtempSync(join(tmpdir(), 'pgtap-system-'));
  t.after(() => rmSync(root, { recursive: true }));
  const place = (path) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(place(path), text);
  for (const [path, target] of Object.entries(links)) symlinkSync(target, place(path));
  return new SystemFiles(root);
}

const V1_MOUNT = '32 31 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
const V2_MOUNT = '41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n';
const UNLIMITED = '9223372036854771712\n';

const FLAGS = {
  'flags of the command line end at the script': [['node', '--max-old-space-size=300', 'app.js', '--max-old-space-size=9'], '', { 'max-old-space-size': [300, 'the command line', null] }],
  'underscores are dashes': [['node', '--max_semi_space_size=32', 'app.js'], '', { 'max-semi-space-size': [32, 'the command line', null] }],
  'the command line counts behind NODE_OPTIONS': [['node', '--max-old-space-size=300'], '--max-old-space-size=100', { 'max-old-space-size': [300, 'the command line', 100] }],
  'NODE_OPTIONS has quotes': [['node'], '--require "./my file.js" --expose-gc "--max-old-space-size=77"', { 'expose-gc': [true, 'NODE_OPTIONS', null], 'max-old-space-size': [77, 'NODE_OPTIONS', null] }],
  'a flag behind one that takes a word': [['node', '-r', './a.js', '--expose-gc', 'b.js'], '', { 'expose-gc': [true, 'the command line', null] }],
  'a value that is no number is none': [['node', '--max-old-space-size=many', '--max-old-space-size'], '', {}],
  'a percentage, with and without its sign': [['node', '--max-old-space-size-percentage=62.5%'], '', { 'max-old-space-size-percentage': [62.5, 'the command line', null] }],
  'other flags and names of every object': [['node', '--inspect', '--constructor=1', '--', '--expose-gc'], undefined, {}],
  'no arguments': [[], undefined, {}],
};

for (const [what, [command, options, expected]] of Object.entries(FLAGS)) {
  test(`flags: ${what}`, () => {
    const found = memoryFlags(command, options);
    assert.deepEqual(Object.fromEntries(Object.entries(found).map(([name, { value, from, before }]) => [name, [value, from, before]])), expected);
  });
}

test('flags are handed on as they were', () => {
  assert.deepEqual(asArguments(memoryFlags(['node', '--max-old-space-size=5', '--expose-gc'], '')), ['--max-old-space-size=5', '--expose-gc']);
});

const GROUPS = {
  'version 2, the own group': [
    { 'proc/self/cgroup': '0::/app\n', 'proc/self/mountinfo': V2_MOUNT, 'sys/fs/cgroup/app/memory.max': '1000\n', 'sys/fs/cgroup/app/memory.high': 'max\n', 'sys/fs/cgroup/app/memory.current': '600\n', 'sys/fs/cgroup/app/memory.stat': 'anon 100\ninactive_file 200\n', 'sys/fs/cgroup/app/memory.swap.max': 'max\n' },
    { version: 2, folder: '/sys/fs/cgroup/app', isOwn: true, inSight: true, limitBytes: 1000, usedBytes: 400, swapBytes: Infinity },
  ],
  'version 2, a group above is nearer': [
    { 'proc/self/cgroup': '0::/slice/app\n', 'proc/self/mountinfo': V2_MOUNT, 'sys/fs/cgroup/slice/app/memory.max': '5000\n', 'sys/fs/cgroup/slice/app/memory.current': '600\n', 'sys/fs/cgroup/slice/memory.max': '900\n', 'sys/fs/cgroup/slice/memory.current': '800\n', 'sys/fs/cgroup/slice/memory.swap.max': '0\n' },
    { version: 2, folder: '/sys/fs/cgroup/slice', isOwn: false, inSight: false, limitBytes: 900, usedBytes: 800, swapBytes: 0 },
  ],
  'version 2, high is below max': [
    { 'proc/self/cgroup': '0::/\n', 'proc/self/mountinfo': V2_MOUNT, 'sys/fs/cgroup/memory.max': '5000\n', 'sys/fs/cgroup/memory.high': '4000\n', 'sys/fs/cgroup/memory.current': '600\n' },
    { version: 2, folder: '/sys/fs/cgroup', isOwn: true, inSight: true, limitBytes: 4000, usedBytes: 600, swapBytes: null },
  ],
  'version 1': [
    { 'proc/self/cgroup': '4:memory:/app\n0::/\n', 'proc/self/mountinfo': V1_MOUNT, 'sys/fs/cgroup/memory/app/memory.limit_in_bytes': '1000\n', 'sys/fs/cgroup/memory/app/memory.usage_in_bytes': '600\n', 'sys/fs/cgroup/memory/app/memory.stat': 'total_inactive_file 100\n', 'sys/fs/cgroup/memory/app/memory.memsw.limit_in_bytes': '1500\n', 'sys/fs/cgroup/memory/memory.limit_in_bytes': UNLIMITED, 'sys/fs/cgroup/memory/memory.usage_in_bytes': '1\n' },
    { version: 1, folder: '/sys/fs/cgroup/memory/app', isOwn: true, inSight: true, limitBytes: 1000, usedBytes: 500, swapBytes: 500 },
  ],
  'both: the limit of version 2 is not where Node.js looks': [
    { 'proc/self/cgroup': '4:memory:/\n0::/app\n', 'proc/self/mountinfo': V1_MOUNT + V2_MOUNT.replace('/sys/fs/cgroup rw', '/sys/fs/cgroup/unified rw'), 'sys/fs/cgroup/memory/memory.limit_in_bytes': UNLIMITED, 'sys/fs/cgroup/memory/memory.usage_in_bytes': '5\n', 'sys/fs/cgroup/unified/app/memory.max': '1000\n', 'sys/fs/cgroup/unified/app/memory.current': '10\n' },
    { version: 2, folder: '/sys/fs/cgroup/unified/app', isOwn: true, inSight: false, limitBytes: 1000, usedBytes: 10, swapBytes: null },
  ],
  'a container sees the path of the host': [
    { 'proc/self/cgroup': '4:memory:/docker/abc\n', 'proc/self/mountinfo': V1_MOUNT.replace(' / ', ' /docker/xyz '), 'sys/fs/cgroup/memory/memory.limit_in_bytes': '1000\n', 'sys/fs/cgroup/memory/memory.usage_in_bytes': '6\n', 'sys/fs/cgroup/memory/memory.memsw.limit_in_bytes': UNLIMITED },
    { version: 1, folder: '/sys/fs/cgroup/memory', isOwn: true, inSight: true, limitBytes: 1000, usedBytes: 6, swapBytes: Infinity },
  ],
  'no limit': [{ 'proc/self/cgroup': '0::/\n', 'proc/self/mountinfo': V2_MOUNT, 'sys/fs/cgroup/memory.max': 'max\n', 'sys/fs/cgroup/memory.current': '600\n' }, null],
  'no control groups': [{}, null],
};

for (const [what, [files, expected]] of Object.entries(GROUPS)) {
  test(`groups: ${what}`, (t) => assert.deepEqual(containerOf(system(t, files), 'self'), expected));
}

const status = (more) => `Name:\tnode\nPPid:\t1\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\nRssAnon:\t 512 kB\nVmSwap:\t  64 kB\n${more ?? ''}`;
const GROUP = { 'proc/self/mountinfo': V2_MOUNT, 'sys/fs/cgroup/app/memory.max': `${512 * MB}\n`, 'sys/fs/cgroup/app/memory.current': '600\n' };

/** A machine with a container of three Node.js processes, and one of another group. */
function cluster(t) {
  const node = (pid, command, group, env = '') => ({
    [`proc/${pid}/status`]: status(), [`proc/${pid}/cmdline`]: `${command.join('\0')}\0`, [`proc/${pid}/cgroup`]: `0::${group}\n`, [`proc/${pid}/environ`]: env,
  });
  return system(t, {
    ...GROUP, 'proc/self/cgroup': '0::/app\n', 'proc/self/status': status(), 'proc/uptime': '1 1\n',
    ...node(10, ['/usr/bin/node', '--max-old-space-size=200', 'a.js'], '/app', 'MALLOC_ARENA_MAX=2\0NODE_OPTIONS=--expose-gc\0'),
    ...node(11, ['node', 'b.js'], '/app', 'NODE_OPTIONS=--max-old-space-size=150\0'),
    ...node(12, ['node', 'cli.js'], '/app'), ...node(13, ['node', 'c.js'], '/other'), ...node(14, ['nginx'], '/app'),
    'proc/10/limits': 'Limit                     Soft Limit           Hard Limit           Units     \nMax data size             2000000              unlimited            bytes     \nMax address space         unlimited            unlimited            bytes     \n',
    'proc/10/maps': '7f00-7f01 r-xp 00000000 08:01 1  /lib/x86_64-linux-gnu/libc.so.6\n7f02-7f03 r-xp 00000000 08:01 1  /usr/lib/libjemalloc.so.2\n', 'proc/10/oom_score_adj': '-5\n',
    'proc/10/smaps_rollup': '00-ff ---p 0 00:00 0 [rollup]\nPss:  700 kB\nAnonHugePages:  4 kB\n',
    'proc/meminfo': 'MemTotal:  4096 kB\nMemAvailable:  2048 kB\nSwapTotal:  0 kB\nCommitLimit:  100 kB\nCommitted_AS:  50 kB\n',
    'proc/sys/vm/overcommit_memory': '2\n', 'proc/sys/vm/max_map_count': '65530\n', 'sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  }, {
    'proc/self/ns/mnt': 'mnt:[1]', ...Object.fromEntries([10, 12, 13, 14].flatMap((pid) => [[`proc/${pid}/exe`, '/usr/bin/node'], [`proc/${pid}/ns/mnt`, pid === 12 ? 'mnt:[2]' : 'mnt:[1]']])),
  });
}

const HEAP = { version: '20.20.2', limitBytes: 248 * MB, oldLimitBytes: 200 * MB };

test('facts of a process: its memory, flags, limits, neighbours and the machine', async (t) => {
  const asked = [];
  const measure = async (...args) => { asked.push(args); return HEAP; };
  const facts = await collectFacts({ files: cluster(t), pid: 10, own: 12, measure, cpus: 4, env: { NODE_OPTIONS: '--max-old-space-size=1' } });
  assert.deepEqual(asked.map(([node, flags]) => [node, asArguments(flags)]), [['/usr/bin/node', ['--expose-gc', '--max-old-space-size=200']]]);
  assert.deepEqual(
    [facts.pid, facts.heap, facts.rssBytes, facts.peakRssBytes, facts.swapBytes, facts.anonymousBytes, facts.proportionalBytes, facts.hugePagesBytes],
    [10, HEAP, MB, 2 * MB, 64 * 1024, 512 * 1024, 700 * 1024, 4096],
  );
  assert.deepEqual([facts.allocator, facts.arenaMax, facts.mappings, facts.addressSpaceLimitBytes, facts.dataLimitBytes, facts.oomScoreAdjust], ['jemalloc', '2', 2, null, 2_000_000, -5]);
  assert.deepEqual(facts.machine, {
    totalBytes: 4 * MB, availableBytes: 2 * MB, swapBytes: 0, commitLimitBytes: 100 * 1024, committedBytes: 50 * 1024, overcommit: 2, maxMappings: 65530, hugePages: 'madvise', cpus: 4,
  });
  assert.deepEqual([facts.isContained, facts.container.limitBytes, facts.container.isOwn], [true, 512 * MB, true]);
  // Neither this program (12), nor another group, nor another program.
  assert.deepEqual(facts.neighbours.map(({ pid, flags }) => [pid, flags['max-old-space-size'].value]), [[11, 150]]);
  assert.deepEqual(facts.refused, []);
});

test('facts hold no secrets of the command line and the environment', async (t) => {
  const facts = await collectFacts({ files: cluster(t), pid: 10, measure: async () => HEAP });
  assert.deepEqual(['command', 'env'].filter((name) => name in facts), []);
});

test('a heap limit that cannot be known is null: another file system, another default, no Node.js', async (t) => {
  const files = cluster(t);
  const measure = async () => assert.fail('it is not asked');
  assert.equal((await collectFacts({ files, pid: 14, measure })).heap, null);
  assert.equal((await collectFacts({ files, pid: 13, measure })).heap, null, 'its group has no limit, ours has: the default differs');
  assert.equal((await collectFacts({ files, pid: 11, measure })).heap, null, 'its program is not told');
  assert.equal((await collectFacts({ files, pid: 12, measure })).heap, null, 'its files are others');
});

test('what a program started here would have', async (t) => {
  const asked = [];
  const measure = async (...args) => { asked.push(args); return HEAP; };
  const files = cluster(t);
  await collectFacts({ files, own: 12, measure, env: { NODE_OPTIONS: '--max-old-space-size=5' } });
  const facts = await collectFacts({ files, own: 12, measure, env: { MALLOC_ARENA_MAX: '1' }, command: ['/opt/node', '--expose-gc', 'x.js'] });
  assert.deepEqual(asked.map(([node, flags]) => [node, asArguments(flags)]), [[process.execPath, ['--max-old-space-size=5']], ['/opt/node', ['--expose-gc']]]);
  assert.deepEqual([facts.pid, facts.rssBytes, facts.swapBytes, facts.mappings, facts.arenaMax], [null, null, null, null, '1']);
  assert.deepEqual(facts.neighbours.map(({ pid }) => pid), [10, 11]);
});

test('a process that is not there, and a command that is not Node.js', async (t) => {
  const files = cluster(t);
  await assert.rejects(collectFacts({ files, pid: 99 }), /There is no process 99/);
  await assert.rejects(collectFacts({ files, command: ['npm', 'start'] }), /npm is not Node\.js/);
});

const MARKS = {
  'a file of Docker': [{ '.dockerenv': '' }, {}, true],
  'a file of podman': [{ 'run/.containerenv': '' }, {}, true],
  'a variable of Kubernetes': [{}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, true],
  'a variable of systemd-nspawn': [{}, { container: 'systemd-nspawn' }, true],
  nothing: [{}, {}, false],
};

test('a container is told by what engines leave', async (t) => {
  for (const [what, [files, env, expected]] of Object.entries(MARKS)) {
    const facts = await collectFacts({ files: system(t, { 'proc/self/status': status(), ...files }), env, measure: async () => HEAP });
    assert.equal(facts.isContained, expected, what);
  }
});

test('a system without /proc tells little, and fails nowhere', async (t) => {
  const facts = await collectFacts({ files: system(t, {}), env: {}, measure: async () => HEAP });
  assert.deepEqual([facts.heap, facts.container, facts.isContained, facts.machine.hugePages, facts.machine.swapBytes], [HEAP, null, false, null, null]);
  assert.ok(facts.machine.totalBytes > 0);
});

test('huge pages that a process has turned off for itself', async (t) => {
  const read = async (more) => (await collectFacts({ files: system(t, { 'proc/self/status': status(more) }), env: {}, measure: async () => HEAP })).hugePagesOff;
  assert.deepEqual([await read('THP_enabled:\t0\n'), await read('THP_enabled:\t1\n'), await read('')], [true, false, false]);
});

const SYSTEM_FILES = fileURLToPath(new URL('../../lib/cli/doctor/system-files.js', import.meta.url));

test('what may not be read is null, and listed', { skip: process.platform === 'win32' && 'files have no modes' }, (t) => {
  const root = mkdtempSync(join(tmpdir(), 'pgtap-system-'));
  t.after(() => rmSync(root, { recursive: true }));
  chmodSync(root, 0o755);
  writeFileSync(join(root, 'secret'), '1', { mode: 0 });
  const program = `${readFileSync(SYSTEM_FILES, 'utf8')}
    const files = new SystemFiles(process.argv[1]);
    console.log(JSON.stringify([files.text('secret'), files.number('secret'), files.text('missing'), files.refused]));`;
  // Root may read everything: then it is somebody else who tries.
  const as = process.getuid() === 0 ? { uid: 65534 } : {};
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, root], { encoding: 'utf8', cwd: '/', ...as });
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), [null, null, null, ['/secret', '/secret']]);
});
