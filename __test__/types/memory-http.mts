// Uses everything that the sub-path of the memory endpoints declares. Only compiled, never run.
import { createServer } from 'node:http';
import { createServer as createServer2 } from 'node:http2';
import express from 'express';
import fastify from 'fastify';
import type { FastifyRequest } from 'fastify';
import { Registry } from 'prom-client';
import { createMemoryRouter } from 'pgtap-scanner/memory/http';
import type {
  MemoryCleanupAnswer, MemoryConfigAnswer, MemoryDatabaseAnswer, MemoryErrorAnswer, MemoryGcAnswer, MemoryHealthAnswer, MemoryHeapAnswer,
  MemoryHistoryAnswer, MemoryLeakAnswer, MemoryMetricsAnswer, MemoryReportAnswer, MemoryRouteGroup, MemoryRouter, MemoryRouterOptions,
  MemorySnapshotAnswer, MemorySpikesAnswer, MemoryStatusAnswer, MemoryTopConsumersAnswer, MetricsRegister,
} from 'pgtap-scanner/memory/http';

const groups: MemoryRouteGroup[] = ['reads', 'actions', 'snapshot', 'dashboard'];
const register: MetricsRegister = new Registry();
const options: MemoryRouterOptions = {
  authorize: async (request) => request.headers.authorization === 'x', basePath: '/x', enable: groups, loopback: false, snapshotDir: 'x',
  snapshotMaxPauseMs: Infinity, actionIntervalMs: 0, prometheus: register, logger: console,
};
const router: MemoryRouter = createMemoryRouter(options);
createServer(router);
createServer2((request, response) => response.end(request.url));
express().use(router).use('/x', router);
const mine = createMemoryRouter<FastifyRequest>({ authorize: (request) => request.ip === '10.0.0.1' });
await fastify().register(mine.fastify, { prefix: '/api/memory' });
createMemoryRouter<express.Request>({ authorize: (request) => request.get('x') === 'y', enable: null, prometheus: null });
router.close();

const answer = async <T,>(path: string): Promise<T> => (await fetch(path)).json() as Promise<T>;
const health = await answer<MemoryHealthAnswer>('health');
console.log(health.status, health.currentUsage.usagePercentage.toFixed(1), health.alerts[0]?.type, (await answer<MemoryErrorAnswer>('x')).error.code);
const metrics = await answer<MemoryMetricsAnswer>('metrics');
console.log(metrics.sample.pressure?.someTotalUs, metrics.heapSpaces[0]?.usedBytes, metrics.trend.samples, metrics.gcStats.freedBytes);
const leak = await answer<MemoryLeakAnswer>('leak-detection');
const config = await answer<MemoryConfigAnswer>('config');
console.log(leak.score + config.settings.warningPercent + config.spikes.highThresholdMB, config.routes.enabled.includes('reads'));
const status = await answer<MemoryStatusAnswer>('status');
const consumers = await answer<MemoryTopConsumersAnswer>('top-consumers');
console.log(status.current.heapUsed?.length, status.tracking.spikes?.critical, consumers.topMemoryConsumers[0]?.avgMemory);
const history = await answer<MemoryHistoryAnswer>('history');
const spikes = await answer<MemorySpikesAnswer>('spikes');
const database = await answer<MemoryDatabaseAnswer>('database');
console.log(history.samples[0]?.usage, spikes.spikes[0]?.memoryIncrease, database.queries[0]?.sharedAbove);
const heap = await answer<MemoryHeapAnswer>('heap-analysis');
const report = await answer<MemoryReportAnswer>('report');
console.log(heap.allocators?.[0]?.script, heap.latestSnapshot?.pause, heap.leak.confidence, report.current.rss, report.spikes?.high, report.collections.freed);
const gc = await answer<MemoryGcAnswer>('gc');
const cleanup = await answer<MemoryCleanupAnswer>('emergency-cleanup');
const snapshot = await answer<MemorySnapshotAnswer>('snapshot');
console.log(gc.pauseMs, gc.before.usage, cleanup.actions[0]?.type, cleanup.freedBytes, snapshot.bytes + snapshot.removed);

// @ts-expect-error misspelt option
createMemoryRouter({ authorise: () => true });
// @ts-expect-error no such group
createMemoryRouter({ enable: ['heapdump'] });
// @ts-expect-error a yes is true
createMemoryRouter({ authorize: () => 'yes' });
// @ts-expect-error a folder is a string
createMemoryRouter({ snapshotDir: new URL('file:///x') });
