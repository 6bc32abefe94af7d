// What a server's heap holds after many requests: for the benchmark `floors` and the test of the same.
//
// The server is __test__/children/memory/serving.mjs: everything that watches requests is on. Of ten requests eight are
// answered, one is refused with 503, and one is given up by its client before there is an answer.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const SERVER = fileURLToPath(new URL('../__test__/children/memory/serving.mjs', import.meta.url));
const CONNECTIONS = 50;
/** Less than `/slow` waits, and enough for the server to have the request. Milliseconds. */
const GIVES_UP_AFTER = 20;

async function askFor(port, amount) {
  const { statusCodeStats, errors } = await autocannon({ url: `http://127.0.0.1:${port}/`, connections: CONNECTIONS, amount, sampleInt: 50 });
  return { errors, ...Object.fromEntries(Object.entries(statusCodeStats).map(([code, { count }]) => [code, count])) };
}

/** A client that goes away while its request is worked on. */
async function giveUp(port) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await wait(GIVES_UP_AFTER);
  socket.destroy();
}

async function giveUpAll(port, amount) {
  for (let left = amount; left > 0; left -= CONNECTIONS) {
    await Promise.all(Array.from({ length: Math.min(left, CONNECTIONS) }, () => giveUp(port)));
  }
}

/** Bytes by which a floor rises with each request: least squares. */
export function slopeOf(floors) {
  const mean = (name) => floors.reduce((sum, floor) => sum + floor[name], 0) / floors.length;
  const [x, y] = [mean('requests'), mean('heldBytes')];
  const sum = (of) => floors.reduce((all, floor) => all + of(floor), 0);
  return sum((floor) => (floor.requests - x) * (floor.heldBytes - y)) / sum((floor) => (floor.requests - x) ** 2);
}

/**
 * Sends `requests` in `points` + 1 equal parts; the first warms up. After each, what is held after full collections.
 *
 * @param {{ framework: string, requests: number, points?: number, leak?: boolean }} run `leak`: the server keeps something
 *   of each request, to see that it shows
 * @returns `floors`, one for each part after the first, each with the `requests` until then; `counts` of what the server
 *   and the clients saw in all
 */
export async function floorsOf({ framework, requests, points = 10, leak = false }) {
  const server = fork(SERVER, [framework, String(leak)], { execArgv: ['--expose-gc'] });
  const failed = once(server, 'exit').then(([status, signal]) => { throw new Error(`the server ended with ${status ?? signal}`); });
  failed.catch(() => {});
  const told = async () => (await Promise.race([once(server, 'message'), failed]))[0];
  try {
    const { ports } = await told();
    const part = Math.ceil(requests / (points + 1) / 10);
    const floors = [];
    const counts = { answered: 0, refused: 0, errors: 0 };
    for (let point = 0; point <= points; point += 1) {
      const [open, full] = await Promise.all([askFor(ports.open, 8 * part), askFor(ports.full, part), giveUpAll(ports.open, part)]);
      counts.answered += open[200] ?? 0;
      counts.refused += full[503] ?? 0;
      counts.errors += open.errors + full.errors;
      server.send('floor');
      const { seen, aborted, ...floor } = await told();
      Object.assign(counts, { seen, aborted });
      if (point > 0) floors.push({ requests: seen, ...floor });
    }
    return { floors, counts };
  } finally {
    server.kill('SIGKILL');
  }
}
