// The middleware with the real types of Express, Fastify and Node, and what their compiler refuses.
import express, { type NextFunction, type Request, type Response } from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type Http2ServerRequest, type Http2ServerResponse, createServer as createHttp2Server } from 'node:http2';
import type { BlockResult, MemoryLevel } from 'pgtap-scanner/memory';
import { type FastifyMemoryOptions, fastifyMemory } from 'pgtap-scanner/memory/fastify';
import {
  type MemoryMiddleware, type MemoryMonitoring, type MemoryPressureMiddleware, type MemoryServerOptions, type RequestMemory, type WithMemory,
  memoryMonitoring, withMemoryMonitoring,
} from 'pgtap-scanner/memory/middleware';

const monitoring: MemoryMonitoring = memoryMonitoring;
const headers: MemoryMiddleware = monitoring.addMemoryHeaders({ enabled: true, limitMB: 512, intervalMs: 1000, thresholds: null });
const requests = memoryMonitoring.monitorRequestMemory({
  sampleRate: 0.1, slowMB: 5, als: 'auto', exempt: ['/events'], logger: console,
  name: ({ method }) => (method === 'GET' ? 'reads' : null),
  onSlow: async ({ adjustedBytes, confidence }: BlockResult, { url }) => console.log(adjustedBytes, confidence, url),
});
const pressure: MemoryPressureMiddleware = memoryMonitoring.handleMemoryPressure({
  thresholds: { warning: 60, critical: 75, emergency: 90 }, at: 'critical', retryAfter: 5, exempt: [], mode: 'probabilistic',
  onShed: ({ level, percent }, request) => console.log(level, percent?.toFixed(), request.method),
});

const layer: MemoryPressureMiddleware = memoryMonitoring({ headers: false, requests: { sampleRate: 'auto', name: ({ route }: Request) => String(route?.path) } });
const allOfIt: number = memoryMonitoring().shedCount;

const app = express();
app.use(layer);
app.use(headers, requests);
app.use('/api', pressure);
express.Router().get('/users/:id', pressure, (request: Request, response: Response, next: NextFunction) => {
  const memory: RequestMemory | undefined = request.memory;
  if (memory === undefined || memory.confidence === 'unmeasured') return next();
  const delta: number = memory.deltaBytes + memory.startBytes + memory.overlapped;
  response.json({ delta, confidence: memory.confidence === 'exclusive' });
});
const shed: number = pressure.shedCount;
pressure.close();

const options: MemoryServerOptions = { headers: false, requests: { slowMB: 1 }, pressure: true };
const listener = withMemoryMonitoring((request, response) => {
  const { memory }: WithMemory<IncomingMessage> = request;
  response.end(memory?.confidence);
}, options);
createServer(listener).on('close', listener.close);
createServer(withMemoryMonitoring<IncomingMessage, ServerResponse>(app));
createHttp2Server(withMemoryMonitoring((request: Http2ServerRequest, response: Http2ServerResponse) => response.end(request.url), {
  requests: { name: ({ authority }) => authority },
}));

const server = fastify({ logger: true });
const given: FastifyMemoryOptions = { requests: { name: (request: FastifyRequest) => request.routeOptions.url } };
await server.register(fastifyMemory, given);
await server.register(fastifyMemory);
server.register(fastifyMemory, { limitMB: 256, pressure: { mode: 'reject' } });
const level: MemoryLevel = server.memoryPressure.level;
const percent: number | null = server.memoryPressure.percent;
await server.memoryManager.initialize();

// @ts-expect-error there is no such level to refuse at
memoryMonitoring.handleMemoryPressure({ at: 'healthy' });
// @ts-expect-error all three levels
memoryMonitoring.handleMemoryPressure({ thresholds: { warning: 60, critical: 75 } });
// @ts-expect-error headers take no retryAfter
memoryMonitoring.addMemoryHeaders({ retryAfter: 5 });
// @ts-expect-error there is no other way to choose than by itself
memoryMonitoring.monitorRequestMemory({ sampleRate: 'all' });
// @ts-expect-error the layer takes the options of a whole server
memoryMonitoring({ retryAfter: 5 });
// @ts-expect-error a request need not be measured
app.get('/', (request) => request.memory.deltaBytes);
// @ts-expect-error a handler is needed
withMemoryMonitoring({ pressure: true });
// @ts-expect-error exempt paths are strings
server.register(fastifyMemory, { pressure: { exempt: [/health/] } });

export { allOfIt, shed, level, percent };
