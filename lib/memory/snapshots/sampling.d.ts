/** Options of {@link startAllocationSampling}. */
export interface AllocationSamplingOptions {
  /**
   * One sample for so many bytes allocated, on average; 1,024 to 2^30. At 524,288 the cost was not measurable, at
   * 131,072 it was 6 % of the processor time of a program that mostly allocates. Default: 524288
   */
  intervalBytes?: number;
}

/** A function of the program, by what it allocated and is still alive. */
export interface Allocator {
  /** `(anonymous)` where the function has no name. */
  functionName: string;
  /** The script: a `file:` URL, or a path. Empty for V8's own frames. */
  url: string;
  /** Where the function begins, from 1; `null` where there is none. */
  line: number | null;
  /** From 1; `null` where there is none. */
  column: number | null;
  /** Estimated from the samples, on all stacks together; what callees allocated is theirs. */
  selfBytes: number;
  /** The function and its callers on the stack that holds most, nearest first. Callers before an `await` are not on it. */
  stack: string[];
}

/** Allocation sampling that runs. */
export interface AllocationSampling {
  /** The interval in use: that of the call that started the sampler. After stop() that of then. */
  readonly intervalBytes: number;
  /**
   * The functions that hold most memory of what was allocated since the sampler was started, largest first, one row
   * each. After stop(): as of then.
   *
   * @param n how many, 1 to 10,000. Default: 10
   * @throws `ERR_PGTAP_SAMPLING` when another debugger stopped the sampler; {@link startAllocationSampling} starts it
   *   again, also for this handle
   */
  topAllocators(n?: number): Allocator[];
  /** Lets go, and keeps the profile as it is; the sampler ends with the last handle. A second call does nothing. */
  stop(): void;
  [Symbol.dispose](): void;
}

/**
 * Samples what allocates in this isolate. V8 has one sampler: a second start shares it, with the first one's interval.
 * Where another debugger stopped the sampler it is started again with the new interval, and counts from then on.
 * It does not keep the process alive.
 */
export function startAllocationSampling(options?: AllocationSamplingOptions): AllocationSampling;

/**
 * What {@link AllocationSampling.topAllocators} of any sampling that runs in this isolate answers: all share one sampler.
 *
 * @param n how many, 1 to 10,000. Default: 10
 * @throws `ERR_PGTAP_SAMPLING` when none runs, or another debugger stopped the sampler; `ERR_PGTAP_INVALID_ARGUMENT`
 */
export function topAllocators(n?: number): Allocator[];
