// Metrics with the types of prom-client and OpenTelemetry, health checks with those of Express, and what the compiler refuses.
import express from 'express';
import { createServer } from 'node:http';
import { metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import client from 'prom-client';
import { createHealthCheck } from 'pgtap-scanner/memory/health';
import type { HealthCheck, HealthReport, HealthStatus, Liveness, Readiness } from 'pgtap-scanner/memory/health';
import { registerOpenTelemetry, registerPrometheus } from 'pgtap-scanner/memory/metrics';
import type { PrometheusOptions } from 'pgtap-scanner/memory/metrics';

const options: PrometheusOptions = { prefix: 'shop_', gcDurationBuckets: [0.001, 0.1], mostOperations: 10, profile: 'render', limitMB: 512 };
const unregister: () => void = registerPrometheus(client.register, options);
registerPrometheus(new client.Registry<client.OpenMetricsContentType>())();
unregister();
registerOpenTelemetry(metrics.getMeterProvider(), { leakDetection: false })();
const stop: () => void = registerOpenTelemetry(new MeterProvider());

const health: HealthCheck = createHealthCheck({
  unreadyAt: 'emergency', restartAfterMs: null, authorize: async (request) => request.headers.authorization === 'x',
});
const remove: () => void = health.registerCheck('database', async ({ signal }) => signal.aborted, { timeoutMs: 100 });
const report: HealthReport = await health.performEnhancedHealthCheck();
const usage: number = report.metrics.memoryUsage.heapUsed;
const status: HealthStatus = report.status;
const live: Liveness = health.live();
const ready: Readiness = await health.ready();
const why: string | null | undefined = ready.checks['database']?.error ?? report.checks['database']?.error;
createServer(health.handler);
express().use('/health', health.handler);
health.close();

// @ts-expect-error metrics need a register, not the module
registerPrometheus(client);
// @ts-expect-error metrics of OpenTelemetry have no prefix
registerOpenTelemetry(metrics.getMeterProvider(), { prefix: 'x' });
// @ts-expect-error metrics: bounds are numbers
registerPrometheus(client.register, { gcDurationBuckets: ['0.1'] });
// @ts-expect-error metrics: a meter is no provider of meters
registerOpenTelemetry(metrics.getMeter('x'));
// @ts-expect-error health: there is no such level to be unready at
createHealthCheck({ unreadyAt: 'warning' });
// @ts-expect-error health: a check needs a function
health.registerCheck('database');
// @ts-expect-error health: readiness has to be waited for
const now: boolean = health.ready().ok;
// @ts-expect-error health: what was not an emergency lasted no time
const lasted: number = live.emergencyMs;

export { stop, remove, usage, status, why, now, lasted };
