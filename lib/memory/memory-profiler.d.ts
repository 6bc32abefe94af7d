import type { LogOptions } from './log-result.js';

/** Options of `memoryProfiler.profileFunction`. */
export interface ProfileFunctionOptions extends LogOptions {
  /** Given with the result, and logged with it. */
  context?: object;
}

export const memoryProfiler: {
  /** As `trackOperation`, and logs the result. */
  profileFunction<T>(name: string, fn: () => T | PromiseLike<T>, options?: ProfileFunctionOptions): Promise<T>;
};
