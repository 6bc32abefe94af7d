/// <reference types="node" />
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MemoryLogger } from '../monitor.js';

export * from './answers.js';

/** What can be turned on: the answers, the actions `gc` and `emergency-cleanup`, heap snapshots, the page and its stream. */
export type MemoryRouteGroup = 'reads' | 'actions' | 'snapshot' | 'dashboard';

/** What is used of a registry of prom-client. */
export interface MetricsRegister {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** The options of `createMemoryRouter`. `Request` is the framework's: what `authorize` is given. */
export interface MemoryRouterOptions<Request = IncomingMessage> {
  /**
   * Answers `true` for requests that may read and act; anything else is a no. What it throws, or rejects with, is reported
   * once as a process warning, and is a no. Actions are refused without it. It is given the request of the framework:
   * Express's, Fastify's, or that of `node:http`. @defaultValue `null`: reads from this machine only, no actions
   */
  authorize?: ((request: Request) => boolean | Promise<boolean>) | null;
  /** What all routes begin with; compared as it was sent, letter by letter. @defaultValue `'/api/memory'` */
  basePath?: string;
  /**
   * What is served; the rest is answered with 404. @defaultValue all; but `'snapshot'` in production (`NODE_ENV`) only where
   * `MEMORY_ENABLE_SNAPSHOTS` is `true`
   */
  enable?: MemoryRouteGroup[] | null;
  /**
   * Answer reads of this machine without `authorize`: over loopback, to a name of this machine, through no proxy that says
   * that it is one. Set it to `false` behind a proxy on the same machine that adds no header. @defaultValue `true`
   */
  loopback?: boolean;
  /** The folder of heap snapshots. No answer names it. @defaultValue `'heap-snapshots'` below the working directory */
  snapshotDir?: string;
  /** No heap snapshot that may stop the program for longer, in milliseconds; `Infinity` for any. @defaultValue `2000` */
  snapshotMaxPauseMs?: number;
  /** Milliseconds from the beginning of an action until it may be taken again, 0 or more. @defaultValue `30000` */
  actionIntervalMs?: number;
  /** Where `GET prometheus` takes its text from. @defaultValue `null`: no such route */
  prometheus?: MetricsRegister | null;
  /** Where refusals are logged: each kind once a minute, with how many there were. @defaultValue `console` */
  logger?: MemoryLogger;
}

/** A handler of `node:http`, Express and connect, and what belongs to it. */
export interface MemoryRouter {
  /**
   * Answers requests below the base path, also where the router is mounted at that path (`app.use('/api/memory', router)`)
   * or below another one. Others are left to `next`, or answered with 404 where there is none.
   */
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void;
  /**
   * The same as a plugin: `app.register(router.fastify)`, or with a `prefix` that ends with the base path. It changes no
   * parser, hook or error handler of the application, and closes the router before the server closes.
   */
  readonly fastify: (instance: { readonly prefix: string }, options: object) => Promise<void>;
  /** Ends all streams; every later request is answered with 503. */
  close(): void;
}

/**
 * Makes the endpoints of the memory toolkit; docs/toolkit/endpoints.md lists them.
 *
 * It starts nothing: without `MemoryManagerService.initialize()` answers have figures of the moment, and no history.
 *
 * @throws TypeError or RangeError `ERR_PGTAP_INVALID_OPTION`
 */
export function createMemoryRouter<Request = IncomingMessage>(options?: MemoryRouterOptions<Request>): MemoryRouter;
