// A server whose requests hold memory for a while. Its arguments: `with` or `without` the middleware, what is held, how many
// MB of it, and for how many milliseconds. Prints its port.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const MB = 1024 * 1024;
/** An object of two numbers, and its place in the array. */
const OBJECT_BYTES = 48;
const HOLDS = {
  buffers: (megabytes) => Buffer.alloc(megabytes * MB, 1),
  objects: (megabytes) => Array.from({ length: (megabytes * MB) / OBJECT_BYTES }, (_, at) => ({ at, next: at })),
};

const [way, holds, megabytes, heldMs] = [process.argv[2], process.argv[3], Number(process.argv[4]), Number(process.argv[5])];
let inFlight = 0;

function work(response) {
  inFlight += 1;
  let held = HOLDS[holds](megabytes);
  setTimeout(() => {
    inFlight -= 1;
    response.end(String(held.length));
    held = undefined;
  }, heldMs);
}

function answer(request, response) {
  if (request.url === '/work') work(response);
  else response.end(JSON.stringify({ inFlight, rssBytes: process.memoryUsage.rss() }));
}

const wrapped = { without: () => answer };
const server = createServer(wrapped[way]());
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
