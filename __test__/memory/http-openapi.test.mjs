// The OpenAPI document is valid, describes what is served, and every answer of real servers is as it says.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv/dist/2020.js';
import { Registry } from 'prom-client';

import { fakeParts, sample } from './fake-parts.mjs';
import { FACES, JSON_TYPE, KEY, authorize, bare, routerOf, serve } from './http-servers.mjs';

const require = createRequire(import.meta.url);
const document = require('../../lib/memory/http/openapi.json');
const { ROUTES } = require('../../lib/memory/http/routes.js');
const { dbMemoryMonitor, memorySpikeDetector, memoryTracker, trackOperation, MemoryManagerService } = require('../../lib/memory/index.js');
const { startAllocationSampling, takeSnapshot } = require('../../lib/memory/snapshots/index.js');

const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema(document, 'document');

/** What the document says of an answer: its schema, or the type of its text. */
function described(method, path, status) {
  const operation = document.paths[path][method.toLowerCase()];
  let response = operation?.responses[status];
  assert.ok(response, `${method} ${path} ${status} is not in the document`);
  if (response.$ref) response = document.components.responses[response.$ref.split('/').at(-1)];
  return response;
}

/** Fails unless an answer is as the document says. */
function check(method, path, { status, headers, text }) {
  const { content, headers: promised = {} } = described(method, path, status);
  const [type] = headers.get('content-type').split(';');
  assert.ok(content[type], `${method} ${path} ${status}: ${type}`);
  for (const name of Object.keys(promised)) assert.notEqual(headers.get(name), null, name);
  if (type !== 'application/json') return;
  const validate = ajv.compile({ $ref: `document${pointer(content[type].schema)}`, ...(content[type].schema.$ref ? {} : content[type].schema) });
  assert.ok(validate(JSON.parse(text)), `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)} in ${text}`);
}

const pointer = ({ $ref }) => ($ref ? $ref.replace(/^#/, '#') : '');

test('the document is valid OpenAPI 3.1', async () => {
  assert.equal(document.openapi, '3.1.0');
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors));
  const broken = structuredClone(document);
  delete broken.info.title;
  assert.equal((await new Validator().validate(broken)).valid, false);
});

test('it describes each route with its method, and nothing else', () => {
  const described = Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
  assert.deepEqual(described.sort(), ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  const identifiers = Object.values(document.paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
  assert.equal(new Set(identifiers).size, ROUTES.length);
});

test('every schema of an object says all of its fields; every schema is used', () => {
  const text = JSON.stringify(document);
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    assert.ok(text.includes(`"#/components/schemas/${name}"`), `${name} is used`);
    const walk = (at, where) => {
      if (at?.type?.[0] === 'object' || at?.type === 'object') assert.equal(at.additionalProperties, false, where);
      if (at && typeof at === 'object') for (const [key, value] of Object.entries(at)) walk(value, `${where}.${key}`);
    };
    walk(schema, name);
  }
});

test('a field that is not described is found', () => {
  const validate = ajv.compile({ $ref: 'document#/components/schemas/Health' });
  const health = MemoryManagerService.getInstance().getHealthMetrics();
  assert.equal(validate(health), true);
  assert.equal(validate({ ...health, more: 1 }), false);
  const { status, ...rest } = health;
  assert.equal(validate(rest), false);
});

/** Something in every list of every answer. */
async function eventful(t) {
  const sampling = startAllocationSampling({ intervalBytes: 32_768 });
  const off = memorySpikeDetector.onSpike(() => {});
  t.after(() => {
    sampling.stop();
    off();
    memorySpikeDetector.reset();
    memoryTracker.reset();
    dbMemoryMonitor.reset();
  });
  memorySpikeDetector.feedOperation({ operation: 'import', bytes: 60 * 2 ** 20 });
  for (const [at, rssBytes] of [[0, 10], [1000, 10], [2000, 80], [3000, 80], [4000, 80]]) memorySpikeDetector.feedSample({ at, rssBytes: rssBytes * 2 ** 20 });
  await trackOperation('import', async () => Array.from({ length: 1000 }, (_, i) => ({ i })));
  await dbMemoryMonitor.monitorQuery('SELECT', "SELECT * FROM users WHERE password = 'secret'", 'users', async () => ({ rows: [1] }), { expectedRecords: 0 });
  await Promise.all(['a', 'b'].map((name) => dbMemoryMonitor.monitorQuery('DELETE', 'DELETE FROM secret', name, () => new Promise((resolve) => { setImmediate(resolve); }))));
  const manager = MemoryManagerService.getInstance();
  const sampled = new Promise((resolve) => { manager.once('sample', resolve); });
  await manager.initialize({ intervalMs: 10 });
  t.after(() => manager.shutdown());
  await sampled;
}

/** The real one, whatever the pause, for one of the servers; what it answers for the others. */
function snapshotTaker({ name }) {
  if (name === 'node:http') return (options) => takeSnapshot({ ...options, force: true });
  return async ({ dir, reason }) => ({
    file: join(dir, 'pgtap-heap-x.heapsnapshot'), bytes: 1, durationMs: 2, pauseMs: 1.5, heapUsedBytes: 1, reason, at: new Date(0), removed: ['/x'],
  });
}

const LIMITED = ['/top-consumers', '/history', '/spikes', '/database'];

for (const face of FACES.filter(({ name }) => ['node:http', 'Express', 'Fastify'].includes(name))) {
  test(`${face.name}: every answer is as described`, async (t) => {
    await eventful(t);
    const dir = mkdtempSync(join(tmpdir(), 'pgtap-openapi-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const { router } = routerOf({ authorize, snapshotDir: dir, prometheus: new Registry(), actionIntervalMs: 60_000 }, { takeSnapshot: snapshotTaker(face) });
    const { url, ask, act } = await serve(t, face, router);
    const seen = [];
    const expect = async (method, path, status, how = {}) => {
      const answer = await ask(method, `${path}${how.query ?? ''}`, how);
      assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
      check(method, path, answer);
      for (const secret of ['secret', dir, process.cwd(), '/node_modules', '    at ']) assert.ok(!answer.text.includes(secret), `${path} tells ${secret}`);
      seen.push(`${method} ${path} ${status}`);
      return answer;
    };
    const json = { headers: { ...KEY, ...JSON_TYPE }, body: '{}' };
    for (const { path } of ROUTES.filter(({ kind }) => kind === 'action')) {
      await expect('POST', path, 403, { headers: JSON_TYPE, body: '{}' });
      await expect('POST', path, 415, { headers: { ...KEY, 'content-type': 'text/plain' }, body: '{}' });
      await expect('POST', path, 400, { ...json, body: '{"x":1}' });
      await expect('POST', path, 413, { ...json, body: ' '.repeat(5000) });
      await expect('POST', path, 200, json);
      await expect('POST', path, 429, json);
    }
    for (const { path } of ROUTES.filter(({ kind }) => kind === 'read' || kind === 'page')) {
      // The page holds the program that it runs, whose words are its own.
      if (path !== '/dashboard') await expect('GET', path, 200);
      await expect('GET', path, 403, { headers: { 'x-forwarded-for': '10.0.0.1' } });
    }
    for (const path of LIMITED) {
      await expect('GET', path, 200, { query: '?limit=1' });
      for (const limit of ['0', '-1', '1e3', 'x', '', '999999', '1.5', '0x10']) await expect('GET', path, 400, { query: `?limit=${limit}` });
    }
    check('GET', '/dashboard', await ask('GET', '/dashboard'));
    const stream = await fetch(`${url}/stream`, { signal: AbortSignal.timeout(10_000) });
    check('GET', '/stream', { status: stream.status, headers: stream.headers, text: '' });
    await stream.body.cancel();
    router.close();
    await expect('GET', '/health', 503);
    assert.ok(seen.length > 60, `${seen.length} answers`);
    await act('/gc', '{}');
  });
}

test('an error, a time that ran out, an action that runs: as described', async (t) => {
  let finish;
  const manager = {
    getHealthMetrics() { throw new Error('no'); },
    getStatus: () => ({ level: 'healthy', sample: sample(10) }),
    forceGarbageCollection: () => new Promise((resolve) => { finish = () => resolve({ type: 'force_gc', reason: 'x', success: true, freedBytes: 1, durationMs: 1 }); }),
  };
  const { ask, act } = await bare(t, { authorize, actionIntervalMs: 0 }, { manager });
  check('GET', '/health', await ask('GET', '/health'));
  const first = act('/gc', '{}');
  let second;
  do second = await act('/gc', '{}'); while (second.status !== 409);
  check('POST', '/gc', second);
  finish();
  check('POST', '/gc', await first);
});

/** A manager as it is when much has happened, and the system tells nothing. */
function busyManager() {
  const { parts, engine, state } = fakeParts();
  engine.more = { rssBytes: null, peakRssBytes: null, availableBytes: null };
  state.collected = () => ({ ran: false, why: 'cannot open /home/somebody', freedBytes: 0, durationMs: 0 });
  const Service = MemoryManagerService;
  return { manager: new Service(parts, () => state.at), parts, engine };
}

test('alerts, failed cleanups and leaks: as described, and without what a message may hold', async (t) => {
  const { manager, parts, engine } = busyManager();
  parts.snapshotEvents = Object.assign(new EventEmitter(), { latest: null });
  await manager.initialize({ profile: 'local', logger: { log() {} } });
  t.after(() => manager.shutdown());
  manager.registerCleanup('mine', 1, 1, () => { throw new Error('cannot open /home/somebody'); });
  const [watch] = engine.watches;
  watch.change('critical', 92);
  const report = { ...require('../../lib/memory/engine.js').engine().leakReport(), suspected: true, score: 80, pattern: 'cache_growth', growthMBPerHour: 70, atMs: 5, recommendations: ['look'] };
  engine.report = report;
  watch.emit('leak', report);
  parts.snapshotEvents.emit('failed', Object.assign(new Error('Cannot write into /home/somebody'), { code: 'ERR_PGTAP_SNAPSHOT_FOLDER' }));
  parts.spikes.emit('spike', { severity: 'critical', memoryIncrease: 1e8, timestamp: new Date(0) });
  await manager.performEmergencyCleanup();
  const { ask, act } = await bare(t, { authorize, actionIntervalMs: 0 }, { manager, parts });
  const health = await ask('GET', '/health');
  check('GET', '/health', health);
  assert.deepEqual(health.json.alerts.map(({ type }) => type).sort(), ['gc_failure', 'high_usage', 'memory_leak', 'rapid_growth', 'snapshot_failure']);
  for (const path of ['/status', '/leak-detection', '/heap-analysis']) check('GET', path, await ask('GET', path));
  const cleanup = await act('/emergency-cleanup', '{}');
  check('POST', '/emergency-cleanup', cleanup);
  assert.equal(cleanup.json.actions.find(({ type }) => type === 'mine').success, false);
  const collection = await act('/gc', '{}');
  check('POST', '/gc', collection);
  for (const { text } of [health, cleanup, collection]) assert.ok(!text.includes('/home'), text);
});
