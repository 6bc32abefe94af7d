// A server of load-servers.mjs: sends its port, and what it used each time it is asked. Its arguments: framework and way.
import { SERVERS } from './load-servers.mjs';

const [framework, way] = process.argv.slice(2);
const server = await SERVERS[framework][way]();
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuUs: user + system, loop: performance.eventLoopUtilization() });
});
process.on('disconnect', () => process.exit());
