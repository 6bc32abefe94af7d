// What a stranger, a page of another site or a broken client may try on a real server: nothing happens, and little is said.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import snapshots from '../../lib/memory/snapshots/index.js';
import { FACES, JSON_TYPE, KEY, authorize, bare, raw, routerOf, serve } from './http-servers.mjs';

const { takeSnapshot } = snapshots;

/** A folder for snapshots, and what lies in it. */
function snapshotFolder(t) {
  const dir = mkdtempSync(join(tmpdir(), 'pgtap-http-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return { dir, files: () => readdirSync(dir) };
}

/** Actions that count how often they were really taken. */
function counting() {
  const taken = { gc: 0, cleanup: 0, snapshot: [] };
  const sample = { at: 0, heapUsedBytes: 1, heapTotalBytes: 2, percent: 1, limitBytes: 100, of: 'heap', rssBytes: 1, externalBytes: 1 };
  const manager = {
    getStatus: () => ({ level: 'healthy', sample }),
    forceGarbageCollection: async (reason) => {
      taken.gc += 1;
      return { type: 'force_gc', reason, success: true, freedBytes: 0, durationMs: 1 };
    },
    performEmergencyCleanup: async () => {
      taken.cleanup += 1;
      return [];
    },
  };
  const takeSnapshot = async (options) => {
    taken.snapshot.push(options);
    return { file: `${options.dir}/x.heapsnapshot`, bytes: 1, reason: options.reason, at: new Date(0), heapUsedBytes: 1, pauseMs: 1, removed: [] };
  };
  return { taken, sources: { manager, takeSnapshot } };
}

const NOTHING = { gc: 0, cleanup: 0, snapshot: [] };
const ACTIONS = ['/gc', '/emergency-cleanup', '/snapshot'];

test('actions without authorisation: refused, also from this machine, and the answer says what to configure', async (t) => {
  const { taken, sources } = counting();
  const { ask, logged } = await bare(t, {}, sources);
  for (const path of ACTIONS) {
    for (const headers of [{}, JSON_TYPE, KEY]) {
      const answer = await ask('POST', path, { headers, body: headers === JSON_TYPE ? '{}' : undefined });
      assert.equal(answer.status, 403);
      assert.match(answer.json.error.message, /give createMemoryRouter the option "authorize"/);
    }
  }
  assert.deepEqual(taken, NOTHING);
  assert.equal(logged.length, ACTIONS.length, 'each kind once');
});

test('actions with the wrong key: refused', async (t) => {
  const { taken, sources } = counting();
  const { ask } = await bare(t, { authorize }, sources);
  for (const authorization of ['', 'Bearer', 'Bearer let me ', 'bearer let me', 'Basic bGV0IG1l']) {
    for (const path of ACTIONS) assert.equal((await ask('POST', path, { headers: { ...JSON_TYPE, authorization }, body: '{}' })).status, authorization.trim() === KEY.authorization ? 200 : 403);
  }
  assert.equal(taken.gc, 1, 'the parser of HTTP trims');
});

test('posts of pages of other sites: refused, whatever cookie they carry', async (t) => {
  const { taken, sources } = counting();
  const { port, ask } = await bare(t, { authorize: () => true }, sources);
  const foreign = [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }, { origin: 'null' }, { origin: `http://localhost:${port + 1}` }];
  for (const headers of foreign) {
    for (const path of ACTIONS) {
      // fetch() sets some of these headers itself, so the bytes are written here.
      const lines = Object.entries({ ...JSON_TYPE, ...headers, 'content-length': 2, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
      const answer = await raw(port, `POST /api/memory${path} HTTP/1.1\r\nHost: localhost:${port}\r\n${lines.join('')}\r\n{}`);
      assert.match(answer, /^HTTP\/1\.1 403 /, JSON.stringify(headers));
      assert.match(answer, /"cross_site"/);
    }
  }
  // What a form can send, and the question that precedes what it cannot.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    assert.equal((await ask('POST', '/gc', { headers: { 'content-type': type }, body: '{}' })).status, 415);
  }
  const preflight = await ask('OPTIONS', '/gc', { headers: { 'access-control-request-method': 'POST' } });
  assert.deepEqual([...preflight.headers.keys()].filter((name) => name.startsWith('access-control')), []);
  assert.deepEqual(taken, NOTHING);
});

test('reads over a name that was bound to this machine, or for somebody behind a proxy: refused', async (t) => {
  const { port } = await bare(t);
  const status = async (...headers) => (await raw(port, `GET /api/memory/health HTTP/1.1\r\n${[...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`)).slice(9, 12);
  assert.equal(await status('Host: localhost'), '200');
  assert.equal(await status('Host: evil.example'), '403');
  assert.equal(await status(`Host: evil.example:${port}`, 'X-Requested-With: x'), '403');
  assert.equal(await status('Host: localhost', 'X-Forwarded-For: 127.0.0.1'), '403');
  assert.equal(await status('Host: localhost', 'Via: 1.1 squid'), '403');
  assert.equal(await status('Host: localhost', 'Forwarded: for=127.0.0.1'), '403');
  assert.equal(await status('Host: localhost', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors'), '403');
});

test('paths in reasons, and what would end a line of a log or a header: refused, and nothing is written', async (t) => {
  const { dir, files } = snapshotFolder(t);
  const { act } = await bare(t, { authorize, snapshotDir: dir, actionIntervalMs: 0 });
  const reasons = ['../../etc/passwd', '/etc/passwd', '..\\..\\x', 'a/b', 'C:\\x', 'x\u0000y', 'x\r\nSet-Cookie: a=b', 'x\ny', 'x\u2028y', '\u202egnp.exe', '\ud800', '', 'x'.repeat(101), 1, null, {}, ['x'], true];
  for (const reason of reasons) {
    const answer = await act('/snapshot', JSON.stringify({ reason }));
    assert.deepEqual([answer.status, answer.json.error.code], [400, 'bad_request'], JSON.stringify(reason));
    assert.equal(answer.headers.get('set-cookie'), null);
  }
  assert.deepEqual(files(), []);
});

test('reasons that are allowed are never a path, nor more than a part of a name', async (t) => {
  const { dir, files } = snapshotFolder(t);
  const forced = (options) => takeSnapshot({ ...options, force: true });
  const { act } = await bare(t, { authorize, snapshotDir: dir, actionIntervalMs: 0 }, { takeSnapshot: forced });
  const answer = await act('/snapshot', JSON.stringify({ reason: '..%2f..%2fetc: "passwd" ?x=<b>' }));
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.json.file, /^pgtap-heap-[\w-]+-2f-2fetc-passwd-x-b\.heapsnapshot$/);
  assert.deepEqual(files(), [answer.json.file]);
  assert.ok(!answer.text.includes(dir), 'no folder');
});

test('1,000 requests for a snapshot at once, without authorisation: refused, logged once, nothing written', async (t) => {
  const { dir, files } = snapshotFolder(t);
  for (const options of [{}, { authorize }]) {
    const { act: _, ask, logged } = await bare(t, { snapshotDir: dir, ...options });
    const answers = await Promise.all(Array.from({ length: 1000 }, () => ask('POST', '/snapshot', { headers: JSON_TYPE, body: '{"reason":"x"}' })));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [403]);
    assert.deepEqual(logged, ['[memory] refused snapshot from 127.0.0.1: 403 forbidden']);
  }
  assert.deepEqual(files(), []);
});

test('1,000 requests for a snapshot at once, authorised: one is taken', async (t) => {
  const { taken, sources } = counting();
  const { act, logged } = await bare(t, { authorize, snapshotDir: '/somewhere' }, sources);
  const answers = await Promise.all(Array.from({ length: 1000 }, () => act('/snapshot', '{"reason":"x"}')));
  const statuses = answers.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 1);
  assert.equal(statuses.filter((status) => status === 409 || status === 429).length, 999);
  assert.deepEqual(taken.snapshot, [{ reason: 'x', dir: '/somewhere', maxPauseMs: 2000 }]);
  assert.equal(new Set(logged).size, logged.length, 'each kind once');
  assert.ok(logged.length <= 2, logged.join('\n'));
});

test('who is refused does not use up the turn of who is not', async (t) => {
  const { taken, sources } = counting();
  const { ask, act } = await bare(t, { authorize }, sources);
  await ask('POST', '/gc', { headers: JSON_TYPE, body: '{}' });
  await act('/gc', '{"a":1}');
  await act('/gc', '{');
  assert.equal((await act('/gc', '{}')).status, 200);
  const again = await act('/gc', '{}');
  assert.deepEqual([again.status, again.headers.get('retry-after')], [429, '30']);
  assert.equal(taken.gc, 1);
});

for (const face of FACES.filter(({ name }) => ['node:http', 'Express', 'Fastify'].includes(name))) {
  test(`${face.name}: bodies that are too large, and connections that do not end`, async (t) => {
    const { taken, sources } = counting();
    const { router } = routerOf({ authorize, actionIntervalMs: 0 }, { ...sources, bodyTimeoutMs: 200 });
    const { port } = await serve(t, face, router);
    const head = (...more) => [`POST ${face.base}/gc HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json', `Authorization: ${KEY.authorization}`, ...more, '', ''].join('\r\n');
    const large = 'x'.repeat(6000);

    const announced = await raw(port, head('Content-Length: 100000000'));
    assert.match(announced, /^HTTP\/1\.1 413 [^]*connection: close[^]*"body_too_large"/i, 'before a byte of it came');
    const chunked = await raw(port, head('Transfer-Encoding: chunked'), `${(6000).toString(16)}\r\n${large}\r\n`);
    assert.match(chunked, /^HTTP\/1\.1 413 [^]*connection: close/i, 'without its end');
    const slow = await raw(port, head('Content-Length: 10'), '{');
    assert.match(slow, /^HTTP\/1\.1 408 [^]*connection: close[^]*"body_timeout"/i);
    const slowChunks = await raw(port, head('Transfer-Encoding: chunked'), '1\r\n{\r\n');
    assert.match(slowChunks, /^HTTP\/1\.1 408 /);
    // Whoever may not act is not even read from.
    const stranger = await raw(port, head('Content-Length: 100000000').replace(KEY.authorization, 'x'), large);
    assert.match(stranger, /^HTTP\/1\.1 403 [^]*connection: close/i);
    assert.deepEqual(taken, NOTHING);
  });
}

test('bodies that are no objects of the right fields: refused', async (t) => {
  const { taken, sources } = counting();
  const { act } = await bare(t, { authorize, actionIntervalMs: 0 }, sources);
  const bodies = ['{', 'null', '[]', '1', '"x"', 'true', '{"reason":"x"', '{"reasons":"x"}', '{"reason":"x","dir":"/"}', '{"__proto__":{"reason":"x"}}',
    '{"constructor":{"prototype":{"polluted":1}}}', '{"prototype":1}', '{"toString":"x"}', '\ufeff\ufeff{}', Buffer.from([0x7b, 0xff, 0x7d]), `${'['.repeat(2000)}`, "{'reason':'x'}"];
  for (const body of bodies) {
    const answer = await act('/snapshot', body);
    assert.deepEqual([answer.status, answer.json.error.code], [400, 'bad_request'], String(body).slice(0, 60));
  }
  assert.equal({}.polluted, undefined);
  assert.equal({}.reason, undefined);
  assert.deepEqual(taken, NOTHING);
  assert.equal((await act('/snapshot', '')).status, 200, 'no body at all');
});

test('odd ways to write a path lead nowhere', async (t) => {
  const { taken, sources } = counting();
  const paths = ['//api/memory/gc', '/api//memory/gc', '/api/memory//gc', '/api/memory/../memory/gc', '//api/memory/../health', '/x/../api/memory/gc', '/api/memory/./gc',
    '/api/memory/gc/', '/api/memory/gc;x', '/api/memory%2fgc', '/api%2Fmemory/gc', '/api/memory/%67c', '/api/memory/gc%00', '/api/memory/gc%20', '/API/memory/gc',
    '/api/memory/GC', '\\api\\memory\\gc', '/api/memory/__proto__', '/api/memory/constructor', 'http://localhost/api/memory/gc', 'http://localhost//api/memory/gc'];
  for (const face of FACES) {
    const { router } = routerOf({ authorize: () => true, actionIntervalMs: 0 }, sources);
    const { port } = await serve(t, face, router);
    for (const path of paths) {
      const answer = await raw(port, `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, `${face.name} ${path}`);
    }
  }
  assert.deepEqual(taken, NOTHING);
});

test('what cannot be answered says no more than that; the log has it, once', async (t) => {
  const manager = { getHealthMetrics() { throw new Error('cannot open /home/somebody/secret'); } };
  const { ask, logged } = await bare(t, {}, { manager });
  for (let i = 0; i < 3; i += 1) {
    const answer = await ask('GET', '/health');
    assert.equal(answer.status, 500);
    assert.deepEqual(answer.json, { error: { code: 'internal', message: "The answer could not be made; the program's log says why" } });
  }
  assert.equal(logged.length, 1);
  assert.match(logged[0], /^\[memory\] health failed: Error: cannot open \/home\/somebody\/secret\n {4}at /);
});

test('a snapshot that is refused or fails names no folder', async (t) => {
  const outcomes = [
    ['memory', 503], ['disk', 503], ['pause', 503], ['busy', 409],
  ];
  for (const [why, status] of outcomes) {
    const takeSnapshot = async () => ({ refused: true, why, needBytes: 1, haveBytes: 1, pauseMs: 5000, message: 'in /home/somebody' });
    const { act } = await bare(t, { authorize }, { takeSnapshot });
    const answer = await act('/snapshot', '{}');
    assert.deepEqual([answer.status, answer.json.error.code], [status, `snapshot_${why}`]);
    assert.ok(!answer.text.includes('/home'), answer.text);
  }
  const { dir } = snapshotFolder(t);
  writeFileSync(join(dir, 'file'), '');
  const { act, logged } = await bare(t, { authorize, snapshotDir: join(dir, 'file', 'below') });
  const failed = await act('/snapshot', '{}');
  assert.deepEqual([failed.status, failed.json.error.code], [500, 'internal']);
  assert.ok(!failed.text.includes(dir), failed.text);
  assert.match(logged[0], /ERR_PGTAP_SNAPSHOT_FOLDER/);
});
