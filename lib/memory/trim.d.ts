/** What {@link trimNativeMemory} did. */
export interface NativeTrim {
  /** Whether memory was asked back. */
  ran: boolean;
  /** Why it was not. */
  why?: string;
  /** Resident memory of the process before; `null` where the system does not tell. */
  rssBeforeBytes: number | null;
  /** And after. */
  rssAfterBytes: number | null;
  /** How long it took. The calling thread waited for it. */
  durationMs: number;
  /**
   * Who serves `malloc` in this process; `null` where it is not known. One that was linked into the program itself is not
   * seen.
   */
  allocator: 'glibc' | 'musl' | 'jemalloc' | 'mimalloc' | 'tcmalloc' | 'snmalloc' | 'scudo' | null;
}

/**
 * Gives memory outside V8's heap that was freed, and that glibc holds for later, back to the system (`malloc_trim`).
 *
 * It helps when resident memory stays high after many small buffers or native objects were freed; collect first, so that
 * they are. It does nothing for V8's heap, and nothing with another allocator than glibc's: then `ran` is `false` and
 * `why` says so. It takes some ten milliseconds for a hundred MB, and holds up threads that allocate.
 */
export function trimNativeMemory(): NativeTrim;
