// The package as its users get at it: require and import, by both entries.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { suiteFolder } from './suite-folder.mjs';

const packageRoot = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in a folder that has the package installed; answers what it prints. */
function run(t, name, program) {
  const root = suiteFolder(t);
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(packageRoot, join(root, 'node_modules', 'pgtap-scanner'), 'junction');
  writeFileSync(join(root, name), program);
  return execFileSync(process.execPath, [name], { cwd: root, encoding: 'utf8' }).trim();
}

const CHECK = `console.log(JSON.stringify([
  typeof Scanner, PgTapScanner === pgTAPTestScanner, PgTapScanner === Scanner, new Scanner() instanceof EventEmitter,
  Object.getPrototypeOf(Scanner) === EventEmitter, new PgTapScanner().constructor === Scanner,
]));`;
const EXPECTED = JSON.stringify(['function', true, true, true, true, true]);

test('require', (t) => {
  assert.equal(run(t, 'a.cjs', `
    const { EventEmitter } = require('node:events');
    const Scanner = require('pgtap-scanner/scanner');
    const { PgTapScanner, pgTAPTestScanner } = require('pgtap-scanner');
    ${CHECK}`), EXPECTED);
});

test('import', (t) => {
  assert.equal(run(t, 'a.mjs', `
    import { EventEmitter } from 'node:events';
    import Scanner from 'pgtap-scanner/scanner';
    import { PgTapScanner, pgTAPTestScanner } from 'pgtap-scanner';
    ${CHECK}`), EXPECTED);
});

test('require and import give one class', (t) => {
  assert.equal(run(t, 'a.mjs', `
    import { createRequire } from 'node:module';
    import Scanner, * as all from 'pgtap-scanner/scanner';
    import * as main from 'pgtap-scanner';
    const require = createRequire(import.meta.url);
    console.log(require('pgtap-scanner/scanner') === Scanner, all.default === Scanner,
      main.PgTapScanner === require('pgtap-scanner').PgTapScanner, (await import('pgtap-scanner')).pgTAPTestScanner === Scanner);`),
  'true true true true');
});

test('the class can be extended', (t) => {
  assert.equal(run(t, 'a.cjs', `
    const Scanner = require('pgtap-scanner/scanner');
    class Mine extends Scanner { extractAssertions(sql) { return super.extractAssertions(sql).length; } }
    const mine = new Mine({ batchSize: 3 });
    console.log(mine instanceof Scanner, mine.extractAssertions('SELECT pass();'), mine.options.batchSize);`), 'true 1 3');
});

test('other files are not open to import, package.json is', (t) => {
  assert.equal(run(t, 'a.cjs', `
    let code;
    try { require('pgtap-scanner/lib/native.js'); } catch (error) { code = error.code; }
    console.log(code, require('pgtap-scanner/package.json').name);`), 'ERR_PACKAGE_PATH_NOT_EXPORTED pgtap-scanner');
});

test('the sub-path of heap snapshots', (t) => {
  assert.equal(run(t, 'a.mjs', `
    import { createRequire } from 'node:module';
    import * as all from 'pgtap-scanner/memory/snapshots';
    const required = createRequire(import.meta.url)('pgtap-scanner/memory/snapshots');
    console.log(Object.keys(required).every((name) => all[name] === required[name]), typeof all.analyzeSnapshot, typeof all.diffSnapshots);`),
  'true function function');
});

test('the sub-path of the memory endpoints, which needs no framework', (t) => {
  assert.equal(run(t, 'a.mjs', `
    import { createRequire } from 'node:module';
    import { createMemoryRouter } from 'pgtap-scanner/memory/http';
    const require = createRequire(import.meta.url);
    const loaded = Object.keys(require.cache).filter((file) => /node_modules.(express|fastify|prom-client)/.test(file));
    console.log(require('pgtap-scanner/memory/http').createMemoryRouter === createMemoryRouter, createMemoryRouter().length, loaded.length);`),
  'true 3 0');
});

test('the sub-path of the monitor loads nothing of the other parts', (t) => {
  assert.equal(run(t, 'a.mjs', `
    import { createRequire } from 'node:module';
    import * as monitor from 'pgtap-scanner/memory/monitor';
    import { getMemoryStats, startMemoryMonitor } from 'pgtap-scanner/memory/monitor';
    const require = createRequire(import.meta.url);
    const loaded = Object.keys(require.cache).filter((file) => /memory.(operations|manager|black-box)/.test(file)).length;
    startMemoryMonitor();
    const toolkit = require('pgtap-scanner/memory');
    const names = Object.keys(require('pgtap-scanner/memory/monitor'));
    console.log(loaded, getMemoryStats().level, names.length, names.every((name) => toolkit[name] === monitor[name]));`),
  '0 healthy 7 true');
});

test('the sub-paths of the middleware', (t) => {
  assert.equal(run(t, 'a.mjs', `
    import { createRequire } from 'node:module';
    import { memoryMonitoring, withMemoryMonitoring } from 'pgtap-scanner/memory/middleware';
    import { fastifyMemory } from 'pgtap-scanner/memory/fastify';
    const require = createRequire(import.meta.url);
    console.log(require('pgtap-scanner/memory/middleware').memoryMonitoring === memoryMonitoring,
      require('pgtap-scanner/memory/middleware').withMemoryMonitoring === withMemoryMonitoring,
      require('pgtap-scanner/memory/fastify').fastifyMemory === fastifyMemory, Object.keys(require.cache).some((path) => /node_modules.(express|fastify)\\W/.test(path)));`),
  'true true true false');
});

test('the sub-paths of metrics and health need no package of others', (t) => {
  assert.equal(run(t, 'a.mjs', `
    import { createRequire } from 'node:module';
    import { registerOpenTelemetry, registerPrometheus } from 'pgtap-scanner/memory/metrics';
    import { createHealthCheck } from 'pgtap-scanner/memory/health';
    const require = createRequire(import.meta.url);
    const loaded = Object.keys(require.cache).filter((file) => /prom-client|opentelemetry|express/.test(file));
    console.log(require('pgtap-scanner/memory/metrics').registerPrometheus === registerPrometheus, typeof registerOpenTelemetry, typeof createHealthCheck, loaded.length);`),
  'true function function 0');
});

test('the sub-path of managed builds', (t) => {
  assert.equal(run(t, 'a.mjs', `
    import { createRequire } from 'node:module';
    import * as all from 'pgtap-scanner/memory/build';
    import { memoryMonitorPlugin } from 'pgtap-scanner/memory';
    const required = createRequire(import.meta.url)('pgtap-scanner/memory/build');
    console.log(Object.keys(required).every((name) => all[name] === required[name]), typeof all.runManagedBuild, typeof all.workspaceSteps,
      all.memoryMonitorPlugin === memoryMonitorPlugin);`),
  'true function function true');
});

test('the sub-paths of workers', (t) => {
  assert.equal(run(t, 'a.mjs', `
    import { createRequire } from 'node:module';
    import { WorkerMemoryLimitError, createWorkerPool } from 'pgtap-scanner/memory/workers';
    import { buildPackage, clean, lint, test, typecheck } from 'pgtap-scanner/memory/build-worker';
    const require = createRequire(import.meta.url);
    const names = Object.keys(require('pgtap-scanner/memory/workers')).sort().join();
    console.log(names, typeof createWorkerPool, [buildPackage, clean, lint, test, typecheck].every((task) => typeof task === 'function'));`),
  'WorkerMemoryLimitError,createWorkerPool function true');
});
