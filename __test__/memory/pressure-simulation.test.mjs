// Memory that is taken on purpose: really taken, held, let go, and refused when it is too much.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { MB, fakeParts } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { developmentTools } = require('../../lib/memory/development.js');
const { PARTS } = require('../../lib/memory/parts.js');

const { simulateMemoryPressure } = developmentTools(PARTS, {});

for (const [kind, figure] of [['heap', 'heapUsedBytes'], ['buffer', 'externalBytes']]) {
  test(`memory of the kind ${kind} is really taken`, async () => {
    const { rssBytes } = PARTS.engine().read();
    const result = await simulateMemoryPressure(40, { kind, holdMs: 1 });
    assert.deepEqual([result.kind, result.heldMB], [kind, 40]);
    assert.ok(result.peak[figure] >= 40 * MB, `${figure} ${result.peak[figure]}`);
    assert.ok(result.peak.rssBytes - rssBytes > 25 * MB, 'its pages are there');
  });
}

test('it is held as long as asked, a fraction of a MB, too', async () => {
  const { durationMs, heldMB } = await simulateMemoryPressure(0.5, { holdMs: 150 });
  assert.ok(durationMs >= 149, `${durationMs}`);
  assert.equal(heldMB, 0.5);
});

/** The tools over an engine that the test drives: 1000 MB of heap of which 100 MB are used, 4000 MB in the machine. */
function driven(more = {}) {
  const { engine, parts } = fakeParts();
  engine.more = more;
  return developmentTools(parts, {}).simulateMemoryPressure;
}

test('more than half of what is available is refused unless forced', async () => {
  const container = { limitBytes: 300 * MB, usedBytes: 100 * MB };
  const cases = [
    [{}, 451, 'heap', /at most 450 \(half of the 900 MB that are available/],
    [{}, 2001, 'buffer', /at most 2000 \(half of the 4000 MB/],
    [{ container }, 101, 'heap', /at most 100 \(half of the 200 MB/],
    [{ container }, 101, 'buffer', /at most 100 \(half of the 200 MB/],
    [{ heapUsedBytes: 1100 * MB }, 1, 'heap', /at most 0 \(half of the 0 MB/],
  ];
  for (const [more, mb, kind, message] of cases) {
    const refused = (error) => error instanceof RangeError && error.code === 'ERR_PGTAP_INVALID_ARGUMENT' && message.test(error.message);
    await assert.rejects(driven(more)(mb, { kind, holdMs: 0 }), refused, `${message}`);
  }
  assert.equal((await driven({ availableBytes: 4 * MB })(3, { force: true, holdMs: 0 })).heldMB, 3);
  assert.equal((await driven({ availableBytes: 4 * MB })(2, { holdMs: 0 })).heldMB, 2);
});

test('a signal ends it while it takes and while it holds', async () => {
  const reason = new Error('enough');
  await assert.rejects(simulateMemoryPressure(1, { signal: AbortSignal.abort(reason) }), reason);
  const taking = new AbortController();
  const taken = simulateMemoryPressure(100, { holdMs: 60000, signal: taking.signal });
  setImmediate(() => taking.abort(reason));
  await assert.rejects(taken, reason);
  const holding = new AbortController();
  const held = simulateMemoryPressure(1, { holdMs: 60000, signal: holding.signal });
  setTimeout(() => holding.abort(reason), 50);
  await assert.rejects(held, reason);
});

test('wrong arguments', async () => {
  for (const mb of [0, -1, NaN, Infinity, '100', null, undefined]) {
    await assert.rejects(simulateMemoryPressure(mb), { code: 'ERR_PGTAP_INVALID_ARGUMENT' }, `${mb}`);
  }
  const wrong = { holdMs: [-1, NaN, '5', null, 2 ** 31], force: [1, 'yes', null], kind: ['stack', 5, null], signal: [{}, true] };
  let tried = 0;
  for (const [option, values] of Object.entries(wrong)) {
    for (const value of values) {
      tried += 1;
      await assert.rejects(simulateMemoryPressure(1, { [option]: value }), ({ code, message }) => code === 'ERR_PGTAP_INVALID_OPTION' && message.includes(`"${option}"`), `${option} ${String(value)}`);
    }
  }
  assert.equal(tried, 13);
});

test('a report says what is known', () => {
  const { parts, engine } = fakeParts();
  const manager = { getHealthMetrics: () => ({ status: 'healthy' }), getLeakReport: () => engine.report };
  const report = developmentTools(parts, { stats: () => ({ heapUsedMB: 1 }), manager: () => manager }).generateMemoryReport();
  assert.deepEqual([report.stats, report.health, report.leak], [{ heapUsedMB: 1 }, { status: 'healthy' }, engine.report]);
  assert.deepEqual([report.node, report.pid], [process.version, process.pid]);
  assert.ok(Math.abs(Date.parse(report.generatedAt) - Date.now()) < 60000);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

test('development monitoring has its own levels and interval', () => {
  const { parts, engine } = fakeParts();
  const tools = developmentTools(parts, {});
  const handle = tools.startDevelopmentMonitoring();
  assert.deepEqual(engine.watches[0].options, { intervalMs: 5000, thresholds: { warning: 80, critical: 90 }, basis: 'heapLimit' });
  handle.stop();
  assert.equal(engine.watches[0].stopped, true);
  for (const interval of [0, 9, 10.5, '5000', null, NaN]) {
    assert.throws(() => tools.startDevelopmentMonitoring(interval), { code: 'ERR_PGTAP_INVALID_ARGUMENT' }, `${interval}`);
  }
});
