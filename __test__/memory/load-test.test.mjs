// loadTestWithMemoryMonitoring against real servers: one that leaks, one that does not, ones that fail.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { loadTestWithMemoryMonitoring } = require('pgtap-scanner/memory/testing');
const MB = 1024 * 1024;

/** A server for the time of the test; answers its address and what it counted. */
async function serve(t, handle) {
  const seen = { requests: 0, open: 0, most: 0 };
  const server = createServer(async (request, response) => {
    seen.requests += 1;
    seen.open += 1;
    seen.most = Math.max(seen.most, seen.open);
    response.on('close', () => { seen.open -= 1; });
    handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => { server.closeAllConnections(); server.close(); });
  return { baseUrl: `http://127.0.0.1:${server.address().port}`, seen };
}
const short = { endpoint: '/api/heavy?x=1', duration: 1400, concurrent: 4 };

test('a server that does not leak', async (t) => {
  const { baseUrl, seen } = await serve(t, (request, response) => response.end(JSON.stringify(Array.from({ length: 200 }, (_, at) => ({ at })))));
  const result = await loadTestWithMemoryMonitoring({ ...short, baseUrl, memoryThreshold: 4096 * MB });
  assert.ok(result.requests > 20, `${result.requests}`);
  assert.equal(result.requests, seen.requests);
  assert.ok(seen.most <= 4, `${seen.most} at once`);
  assert.deepEqual([result.errors, result.failures, result.thresholdExceeded], [0, {}, false]);
  const { p50, p95, p99 } = result.latencyMs;
  assert.ok(p50 > 0 && p50 <= p95 && p95 <= p99);
  assert.equal(result.leak.suspected, false, JSON.stringify(result.leak));
  assert.equal(result.leak.floorsBytes.length, 7);
  const { peakUsedBytes, peakRssBytes, floorBytes } = result.memory;
  assert.ok(peakUsedBytes >= floorBytes && peakRssBytes > floorBytes && floorBytes > MB);
});

test('a server that leaks', async (t) => {
  const held = [];
  const { baseUrl } = await serve(t, (request, response) => { held.push(Buffer.alloc(256 * 1024)); setTimeout(() => response.end('x'), 20); });
  const result = await loadTestWithMemoryMonitoring({ ...short, baseUrl });
  assert.equal(result.leak.suspected, true, JSON.stringify(result.leak));
  assert.ok(result.leak.growthBytes > 3 * MB);
  assert.ok(held.length === result.requests);
});

test('more than the threshold rejects, with all that was found', async (t) => {
  const { baseUrl } = await serve(t, (request, response) => { const big = Buffer.alloc(40 * MB); setTimeout(() => response.end(`${big.length}`), 5); });
  await assert.rejects(loadTestWithMemoryMonitoring({ ...short, duration: 350, baseUrl, memoryThreshold: 20 * MB }), (error) => {
    assert.equal(error.code, 'ERR_PGTAP_MEMORY_THRESHOLD');
    assert.match(error.message, /^\/api\/heavy took \d+\.\d\d MB under load, of 20\.00 MB allowed$/);
    assert.ok(error.result.thresholdExceeded && error.result.requests > 0);
    return true;
  });
});

test('what the request carries, and what counts as an error', async (t) => {
  const bodies = new Set();
  const { baseUrl } = await serve(t, (request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => { bodies.add(`${request.method} ${request.url} ${request.headers['x-of']} ${body}`); response.writeHead(201).end(); });
  });
  const how = { ...short, duration: 70, baseUrl, method: 'POST', headers: { 'x-of': 'me' }, body: '{"a":1}' };
  assert.equal((await loadTestWithMemoryMonitoring(how)).errors, 0);
  assert.deepEqual([...bodies], ['POST /api/heavy?x=1 me {"a":1}']);
  const { requests, errors, failures } = await loadTestWithMemoryMonitoring({ ...how, expectStatus: 200 });
  assert.ok(requests > 0 && errors === requests);
  assert.deepEqual(failures, { 'status 201': errors });
});

test('a server that is not there, one that hangs up, one that never answers', async (t) => {
  const refused = await loadTestWithMemoryMonitoring({ ...short, duration: 70, endpoint: 'http://127.0.0.1:1/' });
  assert.ok(refused.failures.ECONNREFUSED > 0 && refused.errors === refused.requests);
  const rude = await serve(t, (request) => request.socket.destroy());
  assert.ok((await loadTestWithMemoryMonitoring({ ...short, duration: 70, baseUrl: rude.baseUrl })).failures.ECONNRESET > 0);
  const silent = await serve(t, () => {});
  const late = await loadTestWithMemoryMonitoring({ ...short, duration: 70, baseUrl: silent.baseUrl, requestTimeout: 20 });
  assert.deepEqual(Object.keys(late.failures), ['timeout']);
});

test('the memory of another process', async (t) => {
  const { baseUrl } = await serve(t, (request, response) => response.end('x'));
  let heapUsed = 50 * MB;
  const growing = async () => { heapUsed += 5 * MB; return { heapUsed, rss: 300 * MB }; };
  const result = await loadTestWithMemoryMonitoring({ ...short, duration: 700, baseUrl, memory: growing });
  assert.equal(result.memory.peakUsedBytes, heapUsed);
  assert.equal(result.memory.peakRssBytes, 300 * MB);
  assert.equal(result.leak.suspected, true);
  const steady = await loadTestWithMemoryMonitoring({ ...short, duration: 70, baseUrl, memory: () => ({ heapUsed: 5, rss: 6, external: 7 }) });
  assert.deepEqual([steady.leak.suspected, steady.memory], [false, { peakUsedBytes: 12, peakRssBytes: 6, floorBytes: 12 }]);
  await assert.rejects(loadTestWithMemoryMonitoring({ ...short, duration: 70, baseUrl, memory: async () => ({ heap: 1 }) }), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  await assert.rejects(loadTestWithMemoryMonitoring({ ...short, duration: 70, baseUrl, memory: async () => { throw new Error('down'); } }), { message: 'down' });
});

test('a signal ends it', async (t) => {
  const control = new AbortController();
  const { baseUrl } = await serve(t, () => control.abort(new Error('enough')));
  await assert.rejects(loadTestWithMemoryMonitoring({ ...short, duration: 1e9, baseUrl, signal: control.signal }), { message: 'enough' });
  await assert.rejects(loadTestWithMemoryMonitoring({ ...short, baseUrl, signal: control.signal }), { message: 'enough' });
});

test('other machines only when allowed', async () => {
  const remote = ['http://example.com/', 'http://10.0.0.1/', '//example.com/x', 'http://localhost.example.com/', 'http://127.0.0.1.example.com/', 'http://0.0.0.0/'];
  for (const endpoint of remote) {
    await assert.rejects(loadTestWithMemoryMonitoring({ endpoint }), (error) => error.code === 'ERR_PGTAP_INVALID_ARGUMENT' && /allowRemote/.test(error.message), endpoint);
  }
  await assert.rejects(loadTestWithMemoryMonitoring({ endpoint: 'file:///etc/passwd', allowRemote: true }), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
});

test('wrong options', async () => {
  const wrong = [undefined, {}, { endpoint: 5 }, { concurrent: 0 }, { concurrent: 1.5 }, { duration: 0 }, { duration: '5' }, { memoryThreshold: -1 },
    { method: 5 }, { headers: [] }, { body: {} }, { expectStatus: 99 }, { memory: 5 }, { signal: {} }, { requestTimeout: 0 }, { allowRemote: 1 }];
  for (const options of wrong) {
    const given = options && 'duration' in { duration: 1, ...options } && Object.keys(options).length > 0 ? { endpoint: '/', ...options } : options;
    await assert.rejects(loadTestWithMemoryMonitoring(given), { code: 'ERR_PGTAP_INVALID_ARGUMENT' }, JSON.stringify(options));
  }
});
