// A server whose requests hold memory for a while. Its arguments: `with` or `without` the middleware, what is held, how many
// MB of it, for how many milliseconds, and the options of the middleware as JSON. Prints its port.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { engine } = require('../../../lib/memory/engine.js');
const { withMemoryMonitoring } = require('../../../lib/memory/middleware/index.js');

const MB = 1024 * 1024;
/** An object of two numbers, and its place in the array: much work for collections. */
const OBJECT_BYTES = 48;
/** An array of numbers: little. */
const ARRAY_LENGTH = 1024;
const HOLDS = {
  buffers: (megabytes) => Buffer.alloc(megabytes * MB, 1),
  objects: (megabytes) => Array.from({ length: (megabytes * MB) / OBJECT_BYTES }, (_, at) => ({ at, next: at })),
  arrays: (megabytes) => Array.from({ length: (megabytes * MB) / (8 * ARRAY_LENGTH) }, () => new Array(ARRAY_LENGTH).fill(0.5)),
};

const [way, holds, megabytes, heldMs, options] = process.argv.slice(2);
let inFlight = 0;

function work(response) {
  inFlight += 1;
  let held = HOLDS[holds](Number(megabytes));
  setTimeout(() => {
    inFlight -= 1;
    response.end(String(held.length));
    held = undefined;
  }, Number(heldMs));
}

/** How full memory is, and, with the middleware, the level. */
function health(response) {
  const { percent, rssBytes } = engine().read();
  response.end(JSON.stringify({ inFlight, rssBytes, percent, level: response.getHeader('X-Memory-Status') ?? null }));
}

const answer = (request, response) => (request.url === '/work' ? work(response) : health(response));

const server = createServer(way === 'with' ? withMemoryMonitoring(answer, { headers: { enabled: true }, ...JSON.parse(options) }) : answer);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
