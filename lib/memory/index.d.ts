export * from './sample.js';
export * from './verdicts.js';
export * from './monitor.js';
export * from './manager/service.js';
export * from './memory-monitor-util.js';
