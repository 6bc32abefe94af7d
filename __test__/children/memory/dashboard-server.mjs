// A server with the memory router, which does what its parent says: node dashboard-server.mjs OPTIONS
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { MemoryManagerService, memorySpikeDetector, trackOperation } = require('../../../lib/memory/index.js');
const { createMemoryRouter } = require('../../../lib/memory/http/index.js');

const MB = 1024 * 1024;
const { port = 0, token = null, mount = '', roomMB = null, ...options } = JSON.parse(process.argv[2]);
const manager = MemoryManagerService.getInstance();
if (roomMB !== null) {
  const limitMB = process.memoryUsage.rss() / MB + roomMB;
  await manager.initialize({ profile: 'local', limitMB, proactiveGc: false, logger: { log() {} } });
}
const authorize = ({ headers }) => headers.authorization === `Bearer ${token}`;
const router = createMemoryRouter({ logger: { log() {} }, ...(token === null ? {} : { authorize }), ...options });

/** As a framework does with what it mounts: the front of the address is taken off. */
function mounted(request, response) {
  if (request.url.startsWith(mount)) {
    request.baseUrl = mount;
    request.url = request.url.slice(mount.length);
  }
  router(request, response);
}

const held = [];
const cache = [];
const rows = (count, width) => Array.from({ length: count }, (_, at) => ({ id: at, text: 'x'.repeat(width) + at }));
const pause = (ms) => new Promise((settle) => setTimeout(settle, ms));

/** What a shop does all day: by name how often in milliseconds, and what. */
const WORK = {
  'orders.list': [700, () => rows(40_000, 20).length],
  'orders.export': [9000, async () => {
    const all = rows(250_000, 40);
    await pause(1500);
    return all.length;
  }],
  'prices.import': [23_000, async () => {
    cache.push(rows(30_000, 30));
    if (cache.length > 8) cache.splice(0, 6);
    await pause(400);
  }],
  'images.resize': [4000, async () => {
    const image = Buffer.alloc((10 + 30 * Math.random()) * MB, 1);
    await pause(1800);
    return image.length;
  }],
  'search.index': [31_000, async () => {
    const index = new Map(rows(90_000, 16).map((row) => [row.text, row]));
    await pause(4000);
    return index.size;
  }],
};

const COMMANDS = {
  hold: (mb) => held.push(Buffer.alloc(mb * MB, 1)),
  operation: (name) => trackOperation(name, async () => Array.from({ length: 100_000 }, (_, at) => ({ at })).length),
  spike: (operation) => memorySpikeDetector.feedOperation({ operation, bytes: 60 * MB }),
  work() {
    for (const [name, [everyMs, work]] of Object.entries(WORK)) setInterval(() => trackOperation(name, work), everyMs);
  },
};
process.on('message', async ([command, argument]) => {
  await COMMANDS[command](argument);
  process.send([command]);
});
process.on('disconnect', () => process.exit());
const server = createServer(mount === '' ? router : mounted).listen(port, '127.0.0.1', () => process.send(['listens', server.address().port]));
