// The monitor and the manager as a program in TypeScript uses them, and what its compiler refuses.
import {
  MemoryManagerService, autoGarbageCollection, checkMemoryUsage, formatMemoryUsage, getMemoryStats, memoryMonitorUtil, startMemoryMonitor,
  stopMemoryMonitor, triggerGarbageCollection,
} from 'pgtap-scanner/memory';
import { startMemoryMonitor as alone } from 'pgtap-scanner/memory/monitor';
import type {
  HealthMetrics, ManagerOptions, MemoryAction, MemoryAlert, MemoryMonitorConfig, MemoryReport, MemoryStats, MonitorHandle, PressureState, SimulationResult,
} from 'pgtap-scanner/memory';

const config: MemoryMonitorConfig = {
  intervalMs: 30000, autoGC: true, verbose: true, onWarning: (message) => console.warn(message.length), signal: new AbortController().signal, logger: console,
};
const handle: MonitorHandle = startMemoryMonitor(config);
alone(config).stop();
handle.stop();
stopMemoryMonitor();
const stats: MemoryStats = getMemoryStats();
const resident: number = stats.rssMB ?? 0;
const warning: string | null = checkMemoryUsage();
const line: string = formatMemoryUsage({ heapUsedMB: 1, heapLimitMB: 2, heapUsagePercent: 50 });
const collected: boolean = triggerGarbageCollection('minor') || autoGarbageCollection();

const options: ManagerOptions = { profile: 'render', limitMB: 512, basis: 'effective', leakDetection: null };
const manager = MemoryManagerService.getInstance();
await manager.initialize(options);
manager.on('level', ({ from, to, percent }) => console.log(from, to, percent.toFixed(1)));
manager.once('alert', (alert: MemoryAlert) => console.log(alert.type, alert.message));
const remove: () => void = manager.registerCleanup('cache', 90, 80, async ({ reason, signal }) => (signal.aborted ? 0 : reason.length));
remove();
const action: MemoryAction = await manager.forceGarbageCollection('manual_cleanup');
const actions: MemoryAction[] = await manager.performEmergencyCleanup();
const metrics: HealthMetrics = manager.getHealthMetrics();
const average: number | null = metrics.trend.averageUsage;
const state: PressureState = await manager.checkMemoryPressure();
const growth: number = manager.getTrend(5).growthRateMBPerHour + manager.getLeakReport().score + manager.getHistory().length;
await manager.shutdown();

const simulated: SimulationResult = await memoryMonitorUtil.simulateMemoryPressure(10, { kind: 'buffer', holdMs: 0 });
memoryMonitorUtil.startDevelopmentMonitoring(5000).stop();
const report: MemoryReport = memoryMonitorUtil.generateMemoryReport();

// @ts-expect-error an interval is a number
startMemoryMonitor({ intervalMs: '30s' });
// @ts-expect-error there is no such basis
startMemoryMonitor({ basis: 'rss' });
// @ts-expect-error there are two kinds
triggerGarbageCollection('full');
// @ts-expect-error there is one for an environment
new MemoryManagerService();
// @ts-expect-error there is no such profile
await manager.initialize({ profile: 'heroku' });
// @ts-expect-error a cleanup needs a function
manager.registerCleanup('cache', 90, 80);
// @ts-expect-error there is no such event
manager.on('error', () => {});
// @ts-expect-error what the system does not tell is null
const certain: number = stats.rssMB;

export {
  resident, warning, line, collected, action, actions, average, state, growth, simulated, report, certain,
};
