// Nothing of a request stays when it was answered, refused or given up.
//
// A short version of `npm run bench -- floors`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floorsOf, slopeOf } from '../../benchmark/floors.mjs';

const REQUESTS = 22_000;
/**
 * Bytes for each request. Measured are up to 35, as V8's code and the toolkit's bounded figures settle; headers that are
 * kept are 150.
 */
const MOST = 60;

async function run(framework, leak) {
  const { floors, counts: { answered, refused, errors, aborted } } = await floorsOf({ framework, requests: REQUESTS, leak });
  assert.deepEqual({ answered, refused, errors }, { answered: 0.8 * REQUESTS, refused: 0.1 * REQUESTS, errors: 0 });
  // On a busy machine some are given up before the server had them.
  assert.ok(aborted > 0.05 * REQUESTS, `${aborted} given up`);
  assert.equal(floors.length, 10);
  assert.ok(floors.every(({ inFlight }) => inFlight === 0));
  return { slope: slopeOf(floors), floors };
}

for (const framework of ['node:http', 'express', 'fastify']) {
  test(`${framework}: the floors of the heap stay flat`, async () => {
    const found = await run(framework, false);
    assert.ok(found.slope < MOST, JSON.stringify(found));
  });
}

test('headers that a server keeps would show', async () => {
  const found = await run('node:http', true);
  assert.ok(found.slope > MOST, JSON.stringify(found));
});
