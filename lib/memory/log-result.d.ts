/** Where results are logged: `console` has these methods. */
export interface ResultLogger {
  debug(message: string, context?: object): unknown;
  info(message: string, context?: object): unknown;
  warn(message: string, context?: object): unknown;
  error(message: string, context?: object): unknown;
}

/** How results are logged. */
export interface LogOptions {
  /** The level at which each result is logged. Without one nothing is logged. */
  logLevel?: 'debug' | 'info' | 'warn' | 'error' | null;
  /** Results that allocated less are not logged; standard 0. */
  thresholdMB?: number;
  /** Standard `console`. */
  logger?: ResultLogger;
}
