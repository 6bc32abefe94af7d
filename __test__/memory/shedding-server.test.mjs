// Real servers whose memory really grows: new requests are refused before the limit, and let in again when memory is free.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('../children/memory/shedding-server.mjs', import.meta.url));
/** More requests than fill the limit twice. */
const MOST = 400;

async function started(t, kind) {
  const child = spawn(process.execPath, [CHILD, kind], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'test' } });
  t.after(() => child.kill('SIGKILL'));
  const [port] = await once(child.stdout, 'data');
  return `http://127.0.0.1:${String(port).trim()}`;
}

/** Asks until the status is the one wanted; the responses. */
async function askUntil(status, ask) {
  const seen = [];
  while (seen.length < MOST) {
    const response = await ask();
    await response.text();
    seen.push(response);
    if (response.status === status) return seen;
    await later(25);
  }
  assert.fail(`no ${status} among ${MOST} responses`);
}

for (const kind of ['node', 'express', 'fastify']) {
  test(`${kind}: refuses while memory is short, answers health checks, and recovers`, { timeout: 120_000 }, async (t) => {
    const origin = await started(t, kind);
    const post = (path) => fetch(origin + path, { method: 'POST' });
    const filling = await askUntil(503, () => post('/hold'));
    assert.ok(filling.length > 10, `${filling.length} requests`);
    assert.deepEqual([...new Set(filling.slice(0, -1).map(({ status }) => status))], [200]);
    const refused = filling.at(-1);
    assert.equal(refused.headers.get('retry-after'), '10');
    assert.equal(refused.headers.get('x-memory-status'), 'emergency');
    assert.ok(Number(refused.headers.get('x-memory-percent')) >= 90, refused.headers.get('x-memory-percent'));
    assert.equal((await post('/health')).status, 200);
    assert.equal((await post('/hold')).status, 503, 'it goes on while nothing is let go');
    assert.equal((await post('/health/free')).status, 200);
    const recovering = await askUntil(200, () => post('/hold'));
    assert.ok(Number(recovering.at(-1).headers.get('x-memory-percent')) < 85);
  });
}
