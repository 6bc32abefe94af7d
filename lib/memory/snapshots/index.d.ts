export * from './analyze.js';
export * from './diff.js';
