// What the endpoints answer, figure by figure: the shapes that programs and people were promised.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { MB, fakeParts, sample } from './fake-parts.mjs';
import { JSON_TYPE, KEY, authorize, bare } from './http-servers.mjs';

const require = createRequire(import.meta.url);
const { MemoryManagerService } = require('../../lib/memory/manager/service.js');

const SAMPLE = { at: Date.UTC(2026, 0, 2, 3, 4, 5), heapUsedBytes: 245.67 * MB, heapTotalBytes: 512 * MB, rssBytes: 300 * MB, externalBytes: 1.5 * MB };
const USAGE = { heapUsed: '245.67MB', heapTotal: '512.00MB', utilization: '48.0%', usage: '10.0%', limit: '1000.00MB', limitOf: 'heap', rss: '300.00MB', external: '1.50MB' };
const AT = '2026-01-02T03:04:05.000Z';
const CONSUMERS = [{ operation: 'DB.SELECT.users', totalMemory: '125.34MB', callCount: 1250, avgMemory: '0.10MB' }];
const COUNTS = { critical: 2, high: 8, medium: 15 };

function sourcesOf({ spikes = {}, database = [], ...more } = {}) {
  const { parts, engine, state } = fakeParts();
  engine.more = SAMPLE;
  const asked = [];
  return {
    asked, engine, state,
    sources: {
      parts,
      manager: new MemoryManagerService(parts, () => state.at),
      tracker: { names: { kept: 3, folded: 1 }, getReport: (of) => asked.push(of) && { topMemoryConsumers: CONSUMERS } },
      spikes: { active: true, getCounts: () => COUNTS, getSpikes: () => [], options: {}, ...spikes },
      database: { getStats: () => database },
      ...more,
    },
  };
}

const get = async (t, path, given) => {
  const { sources, ...rest } = sourcesOf(given);
  const { ask } = await bare(t, {}, sources);
  return { ...await ask('GET', path), ...rest };
};

test('health: the figures of the manager, as numbers', async (t) => {
  const { json } = await get(t, '/health');
  assert.equal(json.status, 'healthy');
  assert.deepEqual(
    [json.currentUsage.heapUsed, json.currentUsage.heapTotal, json.currentUsage.usagePercentage],
    [SAMPLE.heapUsedBytes, SAMPLE.heapTotalBytes, 10],
  );
  assert.deepEqual(json.trend, {
    timeWindow: 30, averageUsage: 65.2, peakUsage: 72.1, growthRate: 0.512, isIncreasing: false, leakSuspected: false, growthRateMBPerHour: 4.57, samples: 12,
  });
  assert.deepEqual([json.gcStats.totalCollections, json.gcStats.efficiency, json.gcStats.averageDuration], [15, 78.5, 12.3]);
  assert.deepEqual(json.recommendations, ['Memory usage is stable', 'No immediate action required']);
});

test('metrics and leak detection: numbers', async (t) => {
  const { json, engine } = await get(t, '/metrics');
  assert.deepEqual([json.sample.rssBytes, json.trend.growthRate, json.gcStats.majorCollections], [300 * MB, 0.51234, 3]);
  assert.ok(json.heapSpaces.some(({ name, usedBytes }) => name === 'old_space' && usedBytes > 0));
  assert.deepEqual((await get(t, '/leak-detection')).json, engine.report);
});

test('report: text for people', async (t) => {
  const { json, asked } = await get(t, '/report');
  assert.deepEqual(Object.keys(json).slice(0, 3), ['current', 'topMemoryConsumers', 'spikes']);
  assert.deepEqual(json.current, USAGE);
  assert.deepEqual(json.topMemoryConsumers, CONSUMERS);
  assert.deepEqual(json.spikes, COUNTS);
  assert.deepEqual(json.trend, { windowMinutes: 30, samples: 12, averageUsage: '65.2%', peakUsage: '72.1%', growth: '4.57MB/h', isIncreasing: false });
  assert.deepEqual(json.collections, { collections: 15, efficiency: '78.5%', averagePause: '12.3ms', longestPause: '40.0ms', freed: '7.00MB' });
  assert.deepEqual([json.leak.confidence, json.leak.growth, json.status, json.generatedAt], ['3.0%', '0.50MB/h', 'healthy', AT]);
  assert.deepEqual(asked, [{ top: 10, spikes: COUNTS }]);
});

test('status', async (t) => {
  const { json } = await get(t, '/status');
  assert.deepEqual([json.current, json.timestamp, json.monitoring, json.status], [USAGE, AT, false, 'healthy']);
  assert.deepEqual(json.tracking, { operations: 3, foldedOperations: 1, queries: 0, spikes: COUNTS });
});

test('spikes that nobody looked for are not none', async (t) => {
  const spikes = { active: false, getCounts: () => ({ critical: 0, high: 0, medium: 0 }) };
  assert.equal((await get(t, '/status', { spikes })).json.tracking.spikes, null);
  assert.equal((await get(t, '/report', { spikes })).json.spikes, null);
});

test('top consumers: as many as asked for', async (t) => {
  const { json, asked } = await get(t, '/top-consumers?limit=3');
  assert.deepEqual([json, asked[0].top], [{ topMemoryConsumers: CONSUMERS }, 3]);
});

test('history: as many samples as asked for, with what was not known', async (t) => {
  const { sources, engine } = sourcesOf();
  let asked;
  engine.history = (of) => {
    asked = of;
    return [sample(10, SAMPLE), { ...sample(10, SAMPLE), blocked: true, heapUsedBytes: null, heapTotalBytes: null, externalBytes: null, percent: null, limitBytes: null, of: null }];
  };
  const { ask } = await bare(t, {}, sources);
  const { samples } = (await ask('GET', '/history?limit=2')).json;
  assert.equal(asked.most, 2);
  assert.deepEqual(samples[0], { timestamp: AT, blocked: false, ...USAGE });
  assert.deepEqual(samples[1], {
    timestamp: AT, blocked: true, heapUsed: null, heapTotal: null, utilization: null, usage: null, limit: null, limitOf: null, rss: '300.00MB', external: null,
  });
  await ask('GET', '/history');
  assert.equal(asked.most, 120);
});

test('spikes: newest first, as many as asked for', async (t) => {
  const spike = (inRow, more) => ({
    severity: 'high', memoryIncrease: 64 * MB, operation: null, timestamp: new Date(SAMPLE.at), consecutive: false, inRow, baseBytes: 100 * MB, durationMs: 1500, ...more,
  });
  const { json } = await get(t, '/spikes?limit=2', { spikes: { getSpikes: () => [spike(1), spike(2), spike(3, { operation: 'import', baseBytes: null, durationMs: null })] } });
  assert.deepEqual(json, {
    active: true, counts: COUNTS, spikes: [
      { severity: 'high', operation: 'import', timestamp: AT, memoryIncrease: '64.00MB', base: null, duration: null, consecutive: false, inRow: 3 },
      { severity: 'high', operation: null, timestamp: AT, memoryIncrease: '64.00MB', base: '100.00MB', duration: '1500.0ms', consecutive: false, inRow: 2 },
    ],
  });
});

test('queries: last used first, by type and table, also those whose figures are forgotten', async (t) => {
  const counts = { records: null, exceeded: 1, sharedAbove: 2, moreThanExpected: 3 };
  const database = [
    { operation: 'DB.SELECT.old', ...counts },
    { operation: 'DB.SELECT.users', callCount: 4, totalBytes: 4 * MB, averageBytes: MB, averageMs: 2.5, ...counts, records: 9, sql: 'SELECT secret' },
  ];
  const { json } = await get(t, '/database', { database });
  assert.deepEqual(json.queries, [
    { operation: 'DB.SELECT.users', totalMemory: '4.00MB', callCount: 4, avgMemory: '1.00MB', avgDuration: '2.5ms', ...counts, records: 9 },
    { operation: 'DB.SELECT.old', totalMemory: null, callCount: null, avgMemory: null, avgDuration: null, ...counts },
  ]);
});

test('heap analysis: the latest snapshot by its name, and no allocators when nobody samples', async (t) => {
  const { sources } = sourcesOf();
  const { ask } = await bare(t, {}, sources);
  const before = (await ask('GET', '/heap-analysis')).json;
  assert.deepEqual([before.latestSnapshot, before.allocators, before.current], [null, null, USAGE]);
  sources.parts.snapshotEvents.latest = { file: '/srv/secret/a.heapsnapshot', bytes: 3 * MB, reason: 'why', at: new Date(SAMPLE.at), heapUsedBytes: 2 * MB, pauseMs: 12.34 };
  const { latestSnapshot } = (await ask('GET', '/heap-analysis')).json;
  assert.deepEqual(latestSnapshot, { file: 'a.heapsnapshot', size: '3.00MB', reason: 'why', at: AT, heapUsed: '2.00MB', pause: '12.3ms' });
});

test('the latest snapshot is remembered', () => {
  const { snapshotEvents } = require('../../lib/memory/snapshot-events.js');
  assert.ok(snapshotEvents instanceof EventEmitter);
  const { latest } = snapshotEvents;
  const info = { file: 'x' };
  snapshotEvents.emit('taken', info);
  assert.equal(snapshotEvents.latest, info);
  snapshotEvents.latest = latest;
});

test('config: what is in force', async (t) => {
  const { sources } = sourcesOf();
  const { ask } = await bare(t, { authorize, enable: ['reads'], loopback: true, snapshotDir: '/srv/secret' }, sources);
  const { json, text } = await ask('GET', '/config');
  assert.deepEqual(json.routes, { basePath: '/api/memory', enabled: ['reads'], authorizeConfigured: true, loopback: true, actionIntervalMs: 30000 });
  assert.deepEqual([json.settings, json.monitoring, json.node], [sources.manager.getSettings(), false, process.version]);
  assert.ok(!text.includes('secret'));
});

test('gc: the measured pause and what was freed, and when it was left out', async (t) => {
  const { sources, state } = sourcesOf();
  const { ask } = await bare(t, { authorize, actionIntervalMs: 0 }, sources);
  const collect = async () => (await ask('POST', '/gc', { headers: { ...KEY, ...JSON_TYPE }, body: '{}' })).json;
  const first = await collect();
  assert.deepEqual(
    [first.type, first.kind, first.success, first.freedBytes, first.durationMs, first.pauseMs, first.freed, first.before, first.after],
    ['force_gc', 'major', true, 50 * MB, 20, 20, '50.00MB', USAGE, USAGE],
  );
  const second = await collect();
  assert.deepEqual([second.success, second.skipped, second.pauseMs, state.kinds], [false, 'cooldown', 0, ['major']]);
  assert.match(second.detail, /30000 ms ago/);
});
