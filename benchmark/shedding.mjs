// A server under a limit on memory, a load that grows and falls, and what became of both: for the benchmark and the test.
//
// The server is __test__/children/memory/holding-server.mjs. The load is open: requests come when they are due, whether or
// not earlier ones were answered, as from many clients that know nothing of each other. All of it stays on 127.0.0.1.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../__test__/children/memory/holding-server.mjs', import.meta.url));
/** Milliseconds: between two turns of the clients, between two probes, and until a request counts as lost. */
const TURN = 10;
const PROBE_EVERY = 200;
const LOST_AFTER = 20_000;

/** One request; never rejects. `status` is a number, or the code of what went wrong. */
function ask(port, path, agent) {
  const at = performance.now();
  return new Promise((resolve) => {
    const done = (status, body = '') => resolve({ at, status, ms: performance.now() - at, body });
    const request = get({ host: '127.0.0.1', port, path, agent, timeout: LOST_AFTER }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => { body += text; });
      response.on('end', () => done(response.statusCode, body)).on('error', (error) => done(error.code));
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error('lost'), { code: 'LOST' })));
    request.on('error', (error) => done(error.code));
  });
}

/** Requests that are due `seconds` after the start: `phases` are `{ seconds, from, to }`, with rates per second. */
export function dueBy(seconds, phases) {
  let due = 0;
  let start = 0;
  for (const { seconds: length, from, to } of phases) {
    const within = Math.min(Math.max(seconds - start, 0), length);
    due += within * (from + ((to - from) * within) / length / 2);
    start += length;
  }
  return Math.floor(due);
}

const lengthOf = (phases) => phases.reduce((sum, { seconds }) => sum + seconds, 0);

/** Starts the server; in `group`, where one is given. */
async function start({ group, flags, way, holds, megabytes, heldMs, options }) {
  const program = [process.execPath, ...flags, SERVER, way, holds, String(megabytes), String(heldMs), JSON.stringify(options)];
  const [command, args] = group ? group.command(...program) : [program[0], program.slice(1)];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit').then(([status, signal]) => ({ status, signal, at: performance.now() }));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { stderr = (stderr + text).slice(-4_000); });
  const first = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  if (!Array.isArray(first)) throw new Error(`the server ended with ${first.status ?? first.signal}: ${stderr}`);
  return { child, ended, port: Number(first[0]), stderr: () => stderr };
}

/** Asks for its health until `goesOn` is false: a new connection each time, as an orchestrator does. */
async function probe(port, goesOn) {
  const probes = [];
  while (goesOn()) {
    const { body, ...found } = await ask(port, '/health', false);
    probes.push({ ...found, ...(found.status === 200 ? JSON.parse(body) : {}) });
    await wait(Math.max(0, PROBE_EVERY - found.ms));
  }
  return probes;
}

/** Sends what is due until the phases are over or `goesOn` is false; the answers, by the time they were sent. */
async function load(port, phases, goesOn) {
  const agent = new Agent({ keepAlive: true });
  const began = performance.now();
  const answers = [];
  for (let seconds = 0; seconds < lengthOf(phases) && goesOn(); seconds = (performance.now() - began) / 1_000) {
    for (const due = dueBy(seconds, phases); answers.length < due; ) answers.push(ask(port, '/work', agent));
    await wait(TURN);
  }
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
}

/**
 * Runs the load against a fresh server and ends that. `way` is `with` or `without` the middleware, `holds` what a request
 * in flight holds for `heldMs`, of `megabytes`, `options` those of the middleware.
 *
 * @returns `answers` and `probes` in the order they were sent, each with `at` (milliseconds since the start), `status` and
 *   `ms`; `ended`, how the server ended by itself, `null` where it did not
 */
export async function runShedding({ group, flags = [], way, holds, megabytes, heldMs, options = {}, phases }) {
  const server = await start({ group, flags, way, holds, megabytes, heldMs, options });
  const began = performance.now();
  let over = null;
  server.ended.then((how) => { over = how; });
  try {
    const loading = load(server.port, phases, () => over === null);
    let loaded = false;
    loading.then(() => { loaded = true; });
    const probes = await probe(server.port, () => !loaded && over === null);
    const since = (found) => ({ ...found, at: found.at - began });
    // Its end may be a moment behind the connections' that it had.
    if (probes.at(-1)?.status !== 200) await Promise.race([server.ended, wait(2_000)]);
    const ended = over && { ...since(over), stderr: server.stderr() };
    return { answers: (await loading).map(({ body, ...found }) => since(found)), probes: probes.map(since), ended };
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
  }
}
