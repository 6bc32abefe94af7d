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
const COMMANDS = {
  hold: (mb) => held.push(Buffer.alloc(mb * MB, 1)),
  operation: (name) => trackOperation(name, async () => Array.from({ length: 100_000 }, (_, at) => ({ at })).length),
  spike: (operation) => memorySpikeDetector.feedOperation({ operation, bytes: 60 * MB }),
  leave: () => router.close(),
};
process.on('message', async ([command, argument]) => {
  await COMMANDS[command](argument);
  process.send([command]);
});
process.on('disconnect', () => process.exit());
const server = createServer(mount === '' ? router : mounted).listen(port, '127.0.0.1', () => process.send(['listens', server.address().port]));
