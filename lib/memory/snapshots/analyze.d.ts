/** How far reading is. */
export interface SnapshotProgress {
  /** Full path of the file that is being read, or was read last. */
  file: string;
  /** `reading` the file, or `retaining`: retained sizes are being worked out, which takes about half as long. */
  phase: 'reading' | 'retaining';
  /** Bytes of the file that were read. */
  bytesRead: number;
  /** Bytes that the file has. */
  totalBytes: number;
}

export interface AnalyzeSnapshotOptions {
  /** How many classes and how many objects are listed; 1 to 10000. Default 20. */
  topN?: number;
  /**
   * Whether retained sizes and paths are worked out. Default true. Without them references are not kept: about a
   * quarter of the memory, and half of the time.
   */
  dominators?: boolean;
  /** Ends the analysis; the promise rejects with its reason. */
  signal?: AbortSignal;
  /** Told of progress, about twenty times a second. What it throws becomes a warning (`PGTAP_MEMORY_LISTENER`). */
  onProgress?: (progress: SnapshotProgress) => void;
}

/** A number of objects. */
export interface SnapshotAmount {
  count: number;
  /** Bytes of the objects alone. */
  shallowBytes: number;
}

/**
 * Objects of one constructor (`Map`), or of one of V8's types: `(string)`, `(array)`, `(closure)`, `(compiled code)`;
 * V8's own objects are `(system)`.
 */
export interface SnapshotClass {
  /** The first 256 bytes of its name. */
  name: string;
  count: number;
  /** Bytes of the objects alone. */
  shallowBytes: number;
  /**
   * Bytes that would be freed with the objects. What an object of the class retains inside another one of the class
   * is counted once. `null` without dominators.
   */
  retainedBytes: number | null;
}

/** A reference, as V8 describes it. */
export interface SnapshotEdge {
  /** `property`, `element`, `context` (a variable of a closure), `internal`, `hidden`, `shortcut`. */
  type: string;
  /** A name, or the number of an element. */
  name: string | number;
}

/** One step of a path. */
export interface SnapshotPathStep {
  /** How many steps from the root; the first is 1. In paths of more than 40 steps those in the middle are left out. */
  depth: number;
  /** The reference from the step before. */
  edge: SnapshotEdge;
  /** Id of the object that it leads to. */
  id: number;
  /** The object's type, in V8's words. */
  type: string;
  /** The first 256 bytes of its name; of a string, its text. */
  name: string;
}

/** A single object. */
export interface SnapshotObject {
  /** The same in all snapshots that one process writes. */
  id: number;
  /** V8's type: `object`, `closure`, `string`, `array`, `native`, ... */
  type: string;
  /** The first 256 bytes of its name; of a string, its text. */
  name: string;
  /** Name of the class that it is counted in. */
  className: string;
  /** Bytes of the object alone. */
  shallowBytes: number;
  /** Bytes that would be freed with it. `null` without dominators. */
  retainedBytes: number | null;
  /** Steps of the path; `null` when it was not looked for, or only weak references lead to the object. */
  depth: number | null;
  /** A shortest path of references from the root, weak ones left out: what holds the object. */
  path: SnapshotPathStep[];
}

/** What a heap holds. */
export interface SnapshotAnalysis {
  /** Full path of the file. */
  file: string;
  /** Objects, V8's own among them. */
  nodeCount: number;
  /** References among them. */
  edgeCount: number;
  /** Bytes of all objects. */
  shallowBytes: number;
  /** Bytes that V8 knows of and no object stands for; `null` when the file does not tell (Node.js 22 and before). */
  extraNativeBytes: number | null;
  /** Objects that only weak references lead to, and what those hold; `null` without dominators. */
  unreachable: SnapshotAmount | null;
  /** Objects that V8 calls detached; `null` when the file does not tell. */
  detached: SnapshotAmount | null;
  /** How many classes there are. */
  classCount: number;
  /** The largest classes, by retained bytes (by their own without dominators). */
  classes: SnapshotClass[];
  /** The largest objects, by retained bytes (by their own without dominators). */
  largest: SnapshotObject[];
}

/**
 * Reads a `.heapsnapshot` file and tells what the heap holds. The file may be of any size and of any version of
 * Node.js; the memory it takes is about that of the file, outside V8's heap, and the work is done on a thread of its
 * own.
 *
 * Rejects with `ERR_PGTAP_SNAPSHOT_FORMAT` (with `offset`, `expected`, `found`) when the file is cut off, damaged or no
 * heap snapshot, `ERR_PGTAP_SNAPSHOT_IO` when it cannot be read, `ERR_PGTAP_SNAPSHOT_TOO_LARGE` when there is no memory
 * for it, and the signal's reason.
 */
export function analyzeSnapshot(file: string, options?: AnalyzeSnapshotOptions): Promise<SnapshotAnalysis>;
