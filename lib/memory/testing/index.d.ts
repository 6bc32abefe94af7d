export * from './budget.js';
export * from './leak.js';
export * from './load.js';
