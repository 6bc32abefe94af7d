import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { loadTestWithMemoryMonitoring } from 'pgtap-scanner/memory/testing';

const { Latencies } = createRequire(import.meta.url)('../../lib/memory/testing/latencies.js');

const kept = [];
const ROUTES = {
  '/': (response) => response.end('hello'),
  '/leak': (response) => {
    kept.push(Buffer.alloc(50_000).toString('hex') + kept.length);
    response.end();
  },
  '/missing': (response) => response.writeHead(404).end(),
  '/hangs-up': (response) => response.destroy(),
};
let server;
let baseUrl;
before(async () => {
  server = createServer((request, response) => ROUTES[request.url](response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

test('a server without a leak', async () => {
  const result = await loadTestWithMemoryMonitoring({ baseUrl, endpoint: '/', duration: 1_000, concurrent: 4, memoryThreshold: 2 ** 40 });
  assert.ok(result.requests > 20 && result.failed === 0 && result.bytesReceived === 5 * result.requests, `${result.requests}`);
  assert.equal(result.leak.suspected, false);
  assert.deepEqual([result.thresholdExceeded, result.thresholdExceededAfterMs], [false, null]);
  const { p50, p95, p99, max } = result.latencyMs;
  assert.ok(p50 > 0 && p50 <= p95 && p95 <= p99 && p99 <= max);
  assert.ok(result.memory.peakHeapUsedBytes >= result.leak.floorsBytes[0]);
});

test('a server that leaks, and its threshold', async () => {
  const result = await loadTestWithMemoryMonitoring({ baseUrl, endpoint: '/leak', duration: 1_500, memoryThreshold: 2 ** 20 });
  assert.equal(result.leak.suspected, true, JSON.stringify(result.leak));
  assert.ok(result.leak.keptBytesPerRequest > 20_000, `${result.leak.keptBytesPerRequest}`);
  assert.ok(result.thresholdExceeded && result.thresholdExceededAfterMs >= 0);
  kept.length = 0;
});

test('failures are counted by kind', async () => {
  const of = async (endpoint, options) => (await loadTestWithMemoryMonitoring({ baseUrl, endpoint, duration: 200, ...options }));
  const missing = await of('/missing');
  assert.deepEqual(missing.failures, [{ kind: 'status 404', count: missing.requests }]);
  assert.equal((await of('/missing', { expectStatus: 404 })).failed, 0);
});

test('a server that goes away is counted, and the test ends', async () => {
  const child = spawn(process.execPath, ['-e', `
    const server = require('node:http').createServer((_, response) => response.end()).listen(0, '127.0.0.1', () => console.log(server.address().port));
    setTimeout(() => process.exit(), 700);`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  const result = await loadTestWithMemoryMonitoring({
    endpoint: `http://127.0.0.1:${Number(port)}/`, duration: 1_500, memory: async () => ({ heapUsed: 1_000, rss: 2_000 }),
  });
  assert.ok(result.failures.some(({ kind }) => kind === 'ECONNREFUSED'), JSON.stringify(result.failures));
  assert.deepEqual([result.memory.peakHeapUsedBytes, result.memory.peakRssBytes], [1_000, 2_000]);
});

test('nobody there, nobody wanted, nobody waiting', async () => {
  await assert.rejects(loadTestWithMemoryMonitoring({ endpoint: 'http://127.0.0.1:1/' }), { code: 'ERR_PGTAP_UNREACHABLE', message: /ECONNREFUSED/ });
  await assert.rejects(loadTestWithMemoryMonitoring({ baseUrl, endpoint: '/hangs-up' }), { code: 'ERR_PGTAP_UNREACHABLE' });
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(loadTestWithMemoryMonitoring({ baseUrl, endpoint: '/', signal }), /enough/);
  await assert.rejects(loadTestWithMemoryMonitoring({ baseUrl, endpoint: '/', duration: 60_000, signal: AbortSignal.timeout(200) }), { name: 'TimeoutError' });
});

test('what the program’s own memory function throws is thrown', async () => {
  let asked = 0;
  const memory = async () => {
    asked += 1;
    if (asked > 3) throw new Error('mine');
    return { heapUsed: 1 };
  };
  await assert.rejects(loadTestWithMemoryMonitoring({ baseUrl, endpoint: '/', duration: 1_500, memory }), /mine/);
});

const WRONG = [
  ['endpoint', [undefined, 1, '']], ['concurrent', [0, 1.5, '1', 20_000]], ['duration', [0, -1, '1']], ['memoryThreshold', [0, '1']],
  ['headers', ['x', [], { a: 1 }]], ['body', [1, {}]], ['expectStatus', [99, 600, '200']], ['memory', [1]], ['allowRemote', [1]],
  ['signal', [{}]], ['baseUrl', ['nonsense', 'ftp://127.0.0.1/', 'http://example.com', 'http://10.0.0.1', 'http://127.0.0.1.example.com']],
];
test('options of the wrong kind are refused by name', async () => {
  let count = 0;
  for (const [name, values] of WRONG) {
    for (const value of values) {
      const promise = loadTestWithMemoryMonitoring({ baseUrl, endpoint: '/', [name]: value });
      await assert.rejects(promise, { code: /ERR_PGTAP_INVALID_(OPTION|ARGUMENT)/, message: new RegExp(`option "${name}`) }, `${name}: ${value}`);
      count += 1;
    }
  }
  assert.equal(count, 28);
});

test('latencies are at most 3 % above the truth', () => {
  const latencies = new Latencies();
  assert.equal(latencies.at(0.5), null);
  for (let ms = 1; ms <= 1_000; ms += 1) latencies.add(ms);
  for (const share of [0.5, 0.95, 0.99, 1]) {
    const found = latencies.at(share);
    assert.ok(found >= share * 1_000 && found <= share * 1_000 * 1.03, `${found} for ${share}`);
  }
  for (const odd of [0, -1, 1e-9, 1e12, Infinity]) latencies.add(odd);
  assert.ok(latencies.at(1) > 1e6);
});
