export * from './near-limit.js';
export * from './sampling.js';
export * from './schedule.js';
export * from './take.js';
export * from './analyze.js';
export * from './diff.js';
