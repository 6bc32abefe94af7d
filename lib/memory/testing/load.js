'use strict';

const { PgTapError } = require('../../errors.js');
const { MB, inMB, lastingGrowth } = require('./floor.js');
const { loadOptions } = require('./load-options.js');
const { Requests } = require('./requests.js');
const { serverMemory } = require('./server-memory.js');

// The first part fills caches, pools and compiled code; each of the others ends with a floor.
const PARTS = 7;
const LEAST_GROWTH = 3 * MB;
const GROWTH_SHARE = 0.1;

/** A leak: growth in both halves of the test, of 3 MB and a tenth of what was alive at least. */
function leakOf(floorsBytes) {
  const growthBytes = lastingGrowth(floorsBytes);
  return { suspected: growthBytes >= Math.max(LEAST_GROWTH, floorsBytes[0] * GROWTH_SHARE), growthBytes, floorsBytes };
}

async function run(how, requests, memory) {
  const floors = [];
  memory.start();
  try {
    for (let part = 0; part < PARTS; part += 1) {
      await requests.run(how.duration / PARTS, () => memory.answered());
      floors.push(await memory.floor());
      how.signal?.throwIfAborted();
    }
  } finally {
    memory.stop();
    requests.close();
  }
  return floors;
}

function resultOf(how, requests, memory, floors) {
  const { peakUsedBytes, peakRssBytes } = memory;
  return {
    requests: requests.requests,
    errors: requests.errors,
    failures: requests.failures,
    latencyMs: requests.latency(),
    memory: { peakUsedBytes, peakRssBytes, floorBytes: Math.min(...floors) },
    leak: leakOf(floors),
    thresholdExceeded: how.memoryThreshold !== undefined && peakUsedBytes > how.memoryThreshold,
  };
}

/** Documented in load.d.ts. */
async function loadTestWithMemoryMonitoring(options) {
  const how = loadOptions(options, loadTestWithMemoryMonitoring);
  how.signal?.throwIfAborted();
  const requests = new Requests(how.url, how);
  const memory = serverMemory(how.memory);
  const floors = await run(how, requests, memory);
  const result = resultOf(how, requests, memory, floors);
  if (!result.thresholdExceeded) return result;
  const message = `${how.url.pathname} took ${inMB(result.memory.peakUsedBytes)} MB under load, of ${inMB(how.memoryThreshold)} MB allowed`;
  throw Object.assign(new PgTapError('ERR_PGTAP_MEMORY_THRESHOLD', message), { result });
}

module.exports = { loadTestWithMemoryMonitoring };
