/// <reference types="node" />
import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  MemoryGaugeOptions, MemoryHeaderOptions, MemoryPressureOptions, MemoryServerOptions, RequestMemoryOptions,
} from './options.js';

export * from './options.js';
export * from './request-memory.js';

/** Middleware for Express, connect and whatever calls functions of `(request, response, next)`. */
export interface MemoryMiddleware {
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void;
  /** Ends its watch, if it has one; from then on it lets everything through. Twice is fine. */
  close(): void;
}

/** Middleware that refuses requests. */
export interface MemoryPressureMiddleware extends MemoryMiddleware {
  /** How many it refused. */
  readonly shedCount: number;
}

/** The middleware: all of it as one layer, or each part as a layer of its own. */
export interface MemoryMonitoring {
  /**
   * All three on one watch: headers, the refusal of requests, and the memory of each that is let in. The usual way for
   * Express, where each layer costs some microseconds of each request by itself. Put it before what reads bodies.
   *
   * @throws ERR_PGTAP_INVALID_OPTION for a wrong option
   */
  <Request = IncomingMessage>(options?: MemoryServerOptions<Request>): MemoryPressureMiddleware;
  /**
   * Sets, before the handler runs, `X-Memory-Usage` (MB in use of the limit that is nearest), `X-Memory-Percent` (of that
   * limit), both of the last sample, and `X-Memory-Status` (the level): `245.67`, `48.0`, `healthy`. The first two are left
   * out as long as there is no sample. Off in production unless `enabled`.
   */
  addMemoryHeaders(options?: MemoryGaugeOptions & MemoryHeaderOptions): MemoryMiddleware;
  /**
   * Measures requests, as many as it can afford (`sampleRate`), as operations until their response was sent or their
   * connection closed: `request.memory`, and the top consumers of `memoryTracker` by route. It has no watch.
   */
  monitorRequestMemory(options?: RequestMemoryOptions): MemoryMiddleware;
  /**
   * Refuses requests while memory is short, with 503, `Retry-After`, and a short JSON body without figures. The connection
   * stays open. Put it before what reads bodies.
   */
  handleMemoryPressure(options?: MemoryGaugeOptions & MemoryPressureOptions): MemoryPressureMiddleware;
}

export const memoryMonitoring: MemoryMonitoring;

/** A listener of requests with the toolkit around it. */
export interface MonitoredListener<Request, Response> {
  (request: Request, response: Response): unknown;
  /** Ends the watch; from then on only the handler is called. Twice is fine. */
  close(): void;
  /** How many requests were refused. */
  readonly shedCount: number;
}

/**
 * Headers, the memory of requests and the refusal of requests around a listener for `http.createServer`, `https` or
 * `http2` (compatibility API), or around a whole app of Express, which then needs no layer. Requests that are refused do not
 * reach `handler`; what it answers is answered.
 *
 * @throws ERR_PGTAP_INVALID_ARGUMENT when `handler` is no function, ERR_PGTAP_INVALID_OPTION for a wrong option
 */
export function withMemoryMonitoring<Request = IncomingMessage, Response = ServerResponse>(
  handler: (request: Request, response: Response) => unknown,
  options?: MemoryServerOptions<Request>,
): MonitoredListener<Request, Response>;
