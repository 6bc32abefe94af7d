// The monitor and the manager over the real engine, each in a process of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const MEMORY = JSON.stringify(fileURLToPath(new URL('../../lib/memory/', import.meta.url)));
/** A heap of 64 MB that V8 really lets a program fill: the young generation counts to its limit, too. */
const SMALL = ['--max-old-space-size=64', '--max-semi-space-size=1'];

/** What the process printed, as JSON; it ended by itself and without a word on stderr. */
function outcome(args, env = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60000, env: { ...process.env, ...env } });
  assert.equal(status, 0, stderr);
  return { ...JSON.parse(stdout), stderr };
}

const child = (name) => fileURLToPath(new URL(`../children/memory/${name}.mjs`, import.meta.url));
const program = (code) => ['-e', `const lib = ${MEMORY};${code}`];

test('a heap that fills: warning, then critical', () => {
  const { called, samples, stats, stderr } = outcome([...SMALL, child('monitored')]);
  const levels = called.map(([level]) => level);
  assert.equal(levels[0], 'warning');
  assert.equal(levels.at(-1), 'critical');
  for (const [level, message] of called) assert.match(message, level === 'warning' ? /^High memory usage: \d\d% \(/ : /^Critical memory usage: \d\d% \(/);
  assert.ok(samples >= 20, `${samples} samples`);
  assert.ok(stats.heapLimitMB < 80 && stats.rssMB > stats.heapUsedMB, JSON.stringify(stats));
  assert.equal(stderr, '');
});

test('a cache that grows is cleared, and memory recovers', () => {
  const { told, clearedAt, level, status, currentUsage, history } = outcome([...SMALL, child('managed')]);
  assert.ok(clearedAt >= 30, `${clearedAt} MB`);
  const events = told.map(([event]) => event);
  assert.deepEqual(events.slice(0, 2), ['warning', 'alert']);
  assert.equal(events.at(-1), 'recovered');
  const [, , percent] = told.find(([event, type]) => event === 'cleanup' && type === 'cache');
  assert.ok(percent > 65, `${percent}`);
  assert.deepEqual([level, status], ['healthy', 'healthy']);
  // With so small a young generation the two are all but one.
  assert.ok(['heap', 'oldGeneration'].includes(currentUsage.usageOf), currentUsage.usageOf);
  assert.ok(history >= 10, `${history} samples`);
});

test('a monitor does not keep a process alive', () => {
  const { samples } = outcome(program(`
    const { startMemoryMonitor } = require(lib + 'monitor.js');
    const { memoryMonitorUtil } = require(lib + 'memory-monitor-util.js');
    let samples = 0;
    startMemoryMonitor({ intervalMs: 10, verbose: true, autoGC: false, logger: { log: () => samples++ } });
    setTimeout(() => {}, 1000);
    process.on('exit', () => console.log(JSON.stringify({ samples })));`));
  assert.ok(samples >= 5, `${samples}`);
});

test('development monitoring logs and ends with the process', () => {
  const { status, stdout } = spawnSync(process.execPath, program(`
    require(lib + 'memory-monitor-util.js').memoryMonitorUtil.startDevelopmentMonitoring(10);
    setTimeout(() => {}, 1000);`), { encoding: 'utf8', timeout: 60000 });
  assert.equal(status, 0);
  const lines = stdout.trim().split('\n');
  assert.ok(lines.length >= 5, stdout);
  for (const line of lines) assert.match(line, /^Memory: \d+\.\d\dMB \/ \d+\.\d\dMB \(\d+%\)$/);
});

for (const flags of [[], ['--expose-gc']]) {
  test(`a collection on demand: node ${flags}`, () => {
    const { ran, minor, freedMB, exposed } = outcome([...flags, ...program(`
      const { getMemoryStats, triggerGarbageCollection } = require(lib + 'monitor.js');
      let held = Array.from({ length: 1e6 }, (_, at) => ({ at }));
      const before = getMemoryStats().heapUsedMB;
      held = null;
      const ran = triggerGarbageCollection();
      const minor = triggerGarbageCollection('minor');
      console.log(JSON.stringify({ ran, minor, freedMB: before - getMemoryStats().heapUsedMB, exposed: typeof globalThis.gc }));`)]);
    assert.deepEqual([ran, minor, exposed], [true, true, flags.length > 0 ? 'function' : 'undefined']);
    assert.ok(freedMB > 15, `${freedMB}`);
  });
}

test('a collection that is refused', () => {
  const { results } = outcome(program(`
    const { triggerGarbageCollection } = require(lib + 'monitor.js');
    const results = [];
    for (const gc of [() => {}, () => { throw new Error('no'); }]) {
      globalThis.gc = gc;
      results.push(triggerGarbageCollection());
    }
    console.log(JSON.stringify({ results }));`));
  assert.deepEqual(results, [false, false]);
});

test('the environment is read when the manager starts, and a wrong value is warned of once', () => {
  const { intervalMs, stderr } = outcome(program(`
    const { readSettings } = require(lib + 'manager/settings.js');
    readSettings();
    console.log(JSON.stringify(readSettings()));`), { MEMORY_CHECK_INTERVAL: '5000', MEMORY_EMERGENCY_THRESHOLD: 'high' });
  assert.equal(intervalMs, 5000);
  assert.equal(stderr.match(/PGTAP_MEMORY_ENVIRONMENT/g).length, 1, stderr);
  assert.match(stderr, /MEMORY_EMERGENCY_THRESHOLD but found 'high'/);
});

test('the names that are public', () => {
  const names = Object.keys(require('../../lib/memory/index.js'));
  for (const name of ['startMemoryMonitor', 'stopMemoryMonitor', 'getMemoryStats', 'checkMemoryUsage', 'formatMemoryUsage',
    'triggerGarbageCollection', 'autoGarbageCollection', 'MemoryManagerService', 'memoryMonitorUtil']) assert.ok(names.includes(name), name);
});

test('the timeline is forgotten but for half an hour', () => {
  const { cleared, freedBytes, old, kept } = outcome(program(`
    const { PARTS } = require(lib + 'parts.js');
    const { clearAll } = require(lib + 'clearable.js');
    const now = Date.now;
    const watch = PARTS.engine().watch({ intervalMs: 60000 });
    watch.check();
    const old = watch.history().length;
    Date.now = () => now() + 31 * 60000;
    const { cleared, freedBytes } = clearAll('memory_snapshots');
    Date.now = now;
    watch.check();
    clearAll('memory_snapshots');
    console.log(JSON.stringify({ cleared, freedBytes, old, kept: watch.history().length }));`));
  assert.deepEqual([cleared, kept], [['timeline'], 1]);
  assert.ok(old >= 1 && freedBytes > 0, `${old} ${freedBytes}`);
});

test('the example outlives its heap', () => {
  const example = fileURLToPath(new URL('../../examples/memory-monitor/growing-cache.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [...SMALL, example], { encoding: 'utf8', timeout: 60000 });
  assert.equal(status, 0, stderr);
  const lines = stdout.trim().split('\n');
  assert.equal(lines.at(-1), '120 pages read');
  for (const [event, least] of [['warning', 1], ['cleanup cache', 2], ['recovered', 1]]) {
    assert.ok(lines.filter((line) => line.startsWith(`${event}: `)).length >= least, stdout);
  }
});

test('a cleanup that hangs: who waits for it is answered, and it keeps no process alive', () => {
  const hanging = (rest) => program(`
    const { MemoryManagerService } = require(lib + 'index.js');
    const manager = MemoryManagerService.getInstance();
    process.on('warning', () => {});
    let began = 0;
    manager.registerCleanup('hangs', 2000, 0, () => { began++; return new Promise(() => {}); });
    ${rest}`);
  const { actions } = outcome(hanging(`
    manager.initialize({ cleanupTimeoutMs: 200 }).then(() => manager.performEmergencyCleanup()).then(([first, ...others]) => {
      console.log(JSON.stringify({ actions: [first.type, first.error, others.length] }));
    });`));
  assert.deepEqual(actions, ['hangs', 'it took longer than 200 ms', 4]);
  const ended = outcome(hanging(`
    manager.initialize({ intervalMs: 10, cleanupTimeoutMs: 600000 });
    setTimeout(() => {}, 1500);
    process.on('exit', () => console.log(JSON.stringify({ began })));`));
  assert.equal(ended.began, 1);
});

test('a worker has a manager of its own', () => {
  const { main, worker, limits } = outcome(program(`
    const { Worker, isMainThread } = require('node:worker_threads');
    const { MemoryManagerService } = require(lib + 'index.js');
    const manager = MemoryManagerService.getInstance();
    const code = "const { parentPort } = require('node:worker_threads');"
      + "const { MemoryManagerService, getMemoryStats } = require(" + JSON.stringify(lib + 'index.js') + ");"
      + "MemoryManagerService.getInstance().initialize({ intervalMs: 10, profile: 'render' }).then(() => {"
      + "parentPort.postMessage([MemoryManagerService.getInstance().getHealthMetrics().currentUsage.platform, getMemoryStats().heapLimitMB]); });";
    manager.initialize({ profile: 'local' }).then(() => {
      new Worker(code, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 90 } }).on('message', ([platform, limitMB]) => {
        const { heapLimitBytes, platform: mine } = manager.getHealthMetrics().currentUsage;
        console.log(JSON.stringify({ main: mine, worker: platform, limits: [limitMB, heapLimitBytes / 1048576] }));
      });
    });`));
  assert.deepEqual([main, worker], ['local', 'render']);
  assert.ok(limits[0] < limits[1], `${limits}: the worker's limit counts in the worker`);
});

test('the manager tells of heap snapshots, and of those that fail', () => {
  const { told, codes } = outcome(program(`
    const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
    const { join } = require('node:path');
    const { takeSnapshot } = require(lib + 'snapshots/index.js');
    const { MemoryManagerService } = require(lib + 'index.js');
    const manager = MemoryManagerService.getInstance();
    const told = [];
    manager.on('snapshot', ({ reason, bytes }) => told.push(['snapshot', reason, bytes > 1e6]));
    manager.on('alert', ({ type, code }) => told.push(['alert', type, typeof code !== 'string' || code.includes('INVALID')]));
    const dir = mkdtempSync(join(require('node:os').tmpdir(), 'pgtap-faces-'));
    const file = join(dir, 'file');
    writeFileSync(file, '');
    const codes = [];
    const refused = (options) => takeSnapshot(options).catch(({ code, name }) => codes.push(code ?? name));
    (async () => {
      await manager.initialize();
      await refused({ dir: 7 });
      await refused({ dir, signal: AbortSignal.abort() });
      await refused({ dir: join(file, 'below') });
      await takeSnapshot({ dir, reason: 'test', force: true });
      rmSync(dir, { recursive: true });
      console.log(JSON.stringify({ told, codes }));
    })();`));
  assert.deepEqual(told, [['alert', 'snapshot_failure', false], ['snapshot', 'test', true]]);
  assert.equal(codes.length, 3, `${codes}`);
});
