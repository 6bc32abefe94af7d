// The worker of a pool that builds, checks, tests, lints and cleans workspaces: createWorkerPool('./scripts/buildWorker.js').
export { default } from 'pgtap-scanner/memory/build-worker';
