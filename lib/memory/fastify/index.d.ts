import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { MemoryManagerService } from '../manager/service.js';
import type { MemoryServerOptions } from '../middleware/options.js';
import type { MemoryLevel } from '../sample.js';

export type {
  MemoryGaugeOptions, MemoryHeaderOptions, MemoryPressureOptions, MemoryServerOptions, RequestMemoryOptions,
} from '../middleware/options.js';
export type { MeasuredRequestMemory, RequestMemory, UnmeasuredRequestMemory, WithMemory } from '../middleware/request-memory.js';

/** The options of `fastifyMemory`. */
export type FastifyMemoryOptions = MemoryServerOptions<FastifyRequest>;

/** How full memory is, as the plugin sees it. */
export interface FastifyMemoryPressure {
  /** By the thresholds of the plugin. */
  readonly level: MemoryLevel;
  /** Percent of the limit that is nearest, of the last sample; `null` when it is not known. */
  readonly percent: number | null;
  /** How many requests were refused. */
  readonly shedCount: number;
}

/**
 * A plugin for Fastify 5: headers of each reply, the memory of requests (`request.raw.memory`, and `memoryTracker` by route),
 * and 503 with `Retry-After` while memory is short, all in an `onRequest` hook. A reply that a handler hijacks and writes by
 * itself has no headers of ours. It belongs to the instance that registers it, needs no
 * `fastify-plugin`, and decorates nothing but `memoryManager` and `memoryPressure`, so that `@fastify/under-pressure` has
 * room beside it, before or after. Its watch ends with `fastify.close()`. A wrong option rejects the registration with
 * `ERR_PGTAP_INVALID_OPTION`.
 */
export const fastifyMemory: FastifyPluginAsync<FastifyMemoryOptions>;

declare module 'fastify' {
  interface FastifyInstance {
    /** `MemoryManagerService.getInstance()`; it watches when it was initialized. */
    memoryManager: MemoryManagerService;
    memoryPressure: FastifyMemoryPressure;
  }
}
