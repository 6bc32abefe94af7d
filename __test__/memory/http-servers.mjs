// Real servers on loopback that a test ends, and requests that are sent as they are written.
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';

/** Starts `listener` (an Express app, a function, or a server); ended with the test. */
export async function listening(t, listener) {
  const server = typeof listener.listen === 'function' && listener instanceof net.Server ? listener : http.createServer(listener);
  let connections = 0;
  server.on('connection', () => { connections += 1; });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections?.();
  });
  const { port } = server.address();
  return { server, port, connections: () => connections, ask: (path, more) => ask({ port, agent, path, ...more }) };
}

/** A session with a server of HTTP/2 that answers by `listener`; both end with the test. */
export async function http2Session(t, listener) {
  const server = http2.createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = http2.connect(`http://127.0.0.1:${server.address().port}`);
  t.after(() => {
    session.destroy();
    server.close();
  });
  return session;
}

/** One request over the agent's single connection; `path` is sent as it is. */
async function ask({ body, ...options }) {
  const request = http.request({ host: '127.0.0.1', ...options });
  request.end(body);
  const [response] = await once(request, 'response');
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() };
}

/** Sends text over a connection of its own. */
export async function connected(t, port, text) {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** Resolves when `holds` does; fails after a generous time. */
export async function until(holds, what) {
  const end = performance.now() + 20_000;
  while (!await holds()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((settle) => setTimeout(settle, 5));
  }
}

/** A few turns of the loop, after which operations that ended were told. */
export async function turns() {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((settle) => setImmediate(settle));
}

/** Every result of operations from now on. */
export async function resultsFromNow(t, operations) {
  await turns();
  const results = [];
  t.after(operations.on((result) => results.push(result)));
  return results;
}
