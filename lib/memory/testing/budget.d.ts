/** Options of {@link testMemoryBudget}. */
export interface MemoryBudgetOptions<Input = unknown> {
  /** What the calls may take at most, in MB (1,048,576 bytes) above what was in use before the first. */
  maxMemoryMB: number;
  /** How many calls are measured, one after the other. Default: 100 */
  iterations?: number;
  /** Calls before that are not measured. Default: 3 */
  warmup?: number;
  /** Given to each call, the same each time. */
  input?: Input;
}

/** What the calls took. */
export interface MemoryBudgetResult {
  name: string;
  iterations: number;
  maxMemoryMB: number;
  /** The most in use during any call, above what was in use before the first: heap and Buffers, without young garbage. */
  peakBytes: number;
  /** What was still alive after the last call, above what was before the first. */
  retainedBytes: number;
}

/**
 * Fails when a function takes more memory than it may.
 *
 * Each call starts after a full collection. What counts is what is in use before and after each collection that V8 runs during the
 * call, and when the call is over while its result is still held. Small objects that live between two such moments only do
 * not count: garbage is not charged, and what a call holds in the young generation alone (16 MB at most by default) may be
 * missed. Other work of the process during the calls counts, too. The collections take time: `iterations` times some 5 ms
 * for a small heap.
 *
 * @param name of the function: in messages, and to find it when `fn` is not given
 * @param fn may be async. Default: the function that was registered under `name`, or the method that `ProfileMemory` or
 *   `profileMethod` profiles under it: with an object of the program's, as long as that lives, else with a new one
 * @returns what it took. Rejects with `ERR_PGTAP_BUDGET_EXCEEDED` (`error.result` is a {@link MemoryBudgetResult}),
 *   `ERR_PGTAP_BUDGET_TARGET`, `ERR_PGTAP_GC_UNAVAILABLE`, `ERR_PGTAP_INVALID_ARGUMENT`, or what the function throws
 */
export function testMemoryBudget<Input = unknown>(
  name: string, options: MemoryBudgetOptions<Input>, fn?: (input: Input) => unknown,
): Promise<MemoryBudgetResult>;

/**
 * Lets {@link testMemoryBudget} find a function by name. A later registration of the same name replaces it.
 *
 * @throws `ERR_PGTAP_INVALID_ARGUMENT`
 */
export function registerBudgetTarget(name: string, fn: (input: any) => unknown): void;
