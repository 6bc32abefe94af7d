/** Options of {@link armNearHeapLimit}. */
export interface NearHeapLimitOptions {
  /**
   * `auto`: a heap profile where Node has it (26 and later), else a snapshot if it fits. `profile`, `snapshot`: only
   * that. `off`: nothing. Default: `'auto'`
   */
  mode?: 'auto' | 'profile' | 'snapshot' | 'off';
  /**
   * Where the file is expected. Node alone decides that: the folder of its last flag `--diagnostic-dir` (the command line
   * comes before `NODE_OPTIONS`), else the working folder. When `dir` is another one, nothing is armed; a link to it is
   * the same.
   */
  dir?: string;
}

/** What was armed. */
export interface NearHeapLimit {
  armed: 'profile' | 'snapshot' | 'none';
  /**
   * Why nothing was: `memory` and `disk`: a snapshot does not fit. `folder`: Node writes elsewhere, or may not write
   * there. `unsupported`: this Node has no heap profile near the limit. `off`: as asked.
   */
  why: 'memory' | 'disk' | 'folder' | 'unsupported' | 'off' | null;
  /** Where Node will write; `null` when nothing was armed. */
  dir: string | null;
  /** All of that in a sentence. */
  message: string;
}

/**
 * Has Node write one file when V8's heap comes near its limit, before the process dies.
 *
 * A profile takes some kB and no pause worth naming; to have one, allocation sampling is started and stays on.
 * A snapshot is armed only if memory of 15 times the heap limit and disk of 2.5 times are free now. There is no way to
 * disarm. Memory outside the heap (Buffers) that runs out triggers neither.
 */
export function armNearHeapLimit(options?: NearHeapLimitOptions): NearHeapLimit;
