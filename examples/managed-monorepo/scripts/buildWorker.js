// The worker of a pool that builds, checks, tests, lints and cleans workspaces: createWorkerPool('./scripts/buildWorker.js').
export { buildPackage, clean, lint, test, typecheck } from 'pgtap-scanner/memory/build-worker';
