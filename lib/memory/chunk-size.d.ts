export interface ChunkSizeOptions {
  /** What one item takes in memory, in bytes. Standard 1024. */
  bytesPerItem?: number;
  /** The part of the memory that is left that a chunk may take: above 0 and up to 1. Standard 0.1. */
  maxFraction?: number;
  /** Standard 1. The answer is never smaller, also when not even that fits. */
  min?: number;
  /** Standard 10,000. */
  max?: number;
}

/**
 * How many items to work on at a time, by the memory that is left: the least of what V8's heap may grow by, what the
 * container leaves and what the system has.
 *
 * @throws (rejects) TypeError or RangeError `ERR_PGTAP_INVALID_OPTION`
 */
export function determineOptimalChunkSize(options?: ChunkSizeOptions): Promise<number>;
