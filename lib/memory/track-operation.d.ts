/**
 * Runs `fn`, awaits what it answers, and records what that took. The value and the error are those of `fn`.
 *
 * @param name 1 to 200 characters; results are summed up by name
 * @param context given with the result
 * @throws TypeError or RangeError `ERR_PGTAP_INVALID_ARGUMENT`, at once
 */
export function trackOperation<T>(name: string, fn: () => T | PromiseLike<T>, context?: object): Promise<T>;

/** As `trackOperation`, for work that is done when `fn` returns: a promise is answered as it is, and not awaited. */
export function trackOperationSync<T>(name: string, fn: () => T, context?: object): T;
