import type { BlockResult } from './operations.js';

/** What runs from its creation to its end, as an operation. */
export interface MemoryBlock {
  /** Ends the block. Called again it answers the first result. */
  end(): BlockResult;
  /** As `end()`, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Begins an operation that `end()` ends. A block that is never ended makes all operations after it shared.
 *
 * @param name 1 to 200 characters; results are summed up by name
 * @param context given with the result
 */
export function createMemoryBlock(name: string, context?: object): MemoryBlock;
