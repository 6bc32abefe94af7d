/// <reference types="node" />
import { EventEmitter } from 'node:events';

/**
 * The kinds of objects that coverage is counted for: one map of the coverage database each.
 * `docs/coverage.md` says what their labels look like.
 */
export type CoverageKind =
  | 'schemas' | 'tables' | 'columns' | 'functions' | 'policies' | 'indexes' | 'triggers' | 'views'
  | 'materializedViews' | 'foreignTables' | 'sequences' | 'relations' | 'composites' | 'types' | 'domains' | 'enums'
  | 'rules' | 'partitions' | 'inheritance' | 'primaryKeys' | 'foreignKeys' | 'checks' | 'roles' | 'extensions'
  | 'languages' | 'operators' | 'operatorClasses' | 'casts' | 'tablespaces' | 'databases' | 'foreignDataWrappers'
  | 'foreignServers';

/** What a single assertion is about, in the catalogue's words. */
export type ObjectKind =
  | 'cast' | 'check_constraint' | 'column' | 'composite' | 'database' | 'domain' | 'enum' | 'extension' | 'fdw'
  | 'foreign_key' | 'foreign_server' | 'foreign_table' | 'function' | 'group' | 'index' | 'inheritance' | 'language'
  | 'materialized_view' | 'opclass' | 'operator' | 'partition' | 'policy' | 'primary_key' | 'relation' | 'role'
  | 'rule' | 'schema' | 'sequence' | 'table' | 'tablespace' | 'trigger' | 'type' | 'unique_constraint' | 'user'
  | 'view';

/** An assertion function of your own, for suites that have some. */
export interface CustomAssertion {
  /**
   * The function's name as calls write it, with its schema if they do: `'tests.rls_enabled'`. Case does not matter.
   * With `pattern` it no longer decides which calls are meant. Its last part becomes the assertion's `type`.
   */
  name: string;
  /** What it tests. */
  kind: ObjectKind;
  /**
   * What its arguments are, by position: `['schema', 'table', 'desc']`. Every role but `'desc'`, `'description'` and
   * `'-'` is a part of the object's name, outermost first; there are one to three of them. When the first is
   * `'schema'` and a call gives nothing else, the assertion is about the schema.
   */
  roles: string[];
  /** Matched against the lower-case name as written, instead of `name`: a string in the syntax of Rust's regex crate. */
  pattern?: string;
}

/** The options of the constructor. `undefined` stands for the default; a wrong type or range throws. */
export interface ScannerOptions {
  /** Also report assertions inside comments; each is marked `commented`. @defaultValue `false` */
  includeCommented?: boolean;
  /** A file is a candidate when its name ends with one of these. @defaultValue `['.sql']` */
  fileExtensions?: string[];
  /** Globs on the path relative to the scanned folder, `/`-separated; `*` matches dots, too. @defaultValue all files */
  includePatterns?: string[];
  /**
   * Globs for what is left out. Exclusion wins over inclusion, and an excluded folder is not entered.
   * @defaultValue `['**\/node_modules/**', '**\/.git/**', '**\/.*']`
   */
  excludePatterns?: string[];
  /** Tested against the full path of each file; a match is left out. @defaultValue `[]` */
  ignorePatterns?: RegExp[];
  /** Warn when the plan of a file and its assertions disagree. @defaultValue `true` */
  validatePlans?: boolean;
  /** Follow symbolic links; cycles end, and a file reached twice is scanned once. @defaultValue `false` */
  followSymlinks?: boolean;
  /** How deep folders are entered; the scanned folder is depth 0. An integer from 0, or `Infinity`. @defaultValue `10` */
  maxDepth?: number;
  /** Memory budget in MB; cleanup starts above 80 % of it. @defaultValue `500` */
  maxMemoryMB?: number;
  /** Files per batch, an integer from 1. @defaultValue `100` */
  batchSize?: number;
  /** Allow streaming mode. @defaultValue `true` */
  enableStreaming?: boolean;
  /** Milliseconds between memory checks, 0 for none; at most 2147483647. @defaultValue `1000` */
  cleanupInterval?: number;
  /** Objects of each kind that are kept in memory; accepted, without effect in this version. An integer from 1, or `Infinity`. @defaultValue `10000` */
  maxObjectsPerType?: number;
  /** Ask V8 for a collection when cleaning up, where that is possible. @defaultValue `true` */
  enableGC?: boolean;
  /** Compress stored coverage data; accepted, without effect in this version. @defaultValue `false` */
  enableCompression?: boolean;
  /** Assertion functions of your own. @defaultValue `[]`; `tests.rls_enabled(schema, table)` is always known */
  assertions?: CustomAssertion[];
  /** Schemas that hold pgTAP, beside `public`, `extensions`, `tap` and `pgtap`. @defaultValue `[]` */
  pgtapSchemas?: string[];
  /** Threads that read files, 0 to 256; 0 for one a core, but at least 2 and at most 16. @defaultValue `0` */
  threads?: number;
}

/** What a long call takes. */
export interface ScanOptions {
  /** Ends the call: it rejects with the signal's reason, an `AbortError` unless you gave another. */
  signal?: AbortSignal;
}

/** The object that PostgreSQL will test. A part that the call does not name is `null`. */
export interface AssertionObject {
  kind: ObjectKind;
  schema: string | null;
  /** The relation that the object is or belongs to. */
  relation: string | null;
  name: string | null;
  /** The argument types of a function, comma-separated. */
  signature: string | null;
  /** The columns of a constraint. */
  columns?: string[];
  /** The members of an exhaustive list (`tables_are` and its like). */
  members?: string[];
}

/** What an assertion about a function says of it; only the keys that apply. */
export interface FunctionMetadata {
  schema?: string;
  name?: string;
  /** Argument types. */
  parameters?: string[];
  returnType?: string;
  language?: string;
  isSecurityDefiner?: boolean;
  volatility?: string;
  role?: string;
  privileges?: string[];
  owner?: string;
}

/** What an assertion about policies or row level security says. */
export interface PolicyMetadata {
  /** `'public'` when the call names none. */
  schema: string;
  tableName: string;
  policyName?: string;
  command?: string;
  roles?: string[];
  policies?: string[];
  description?: string;
}

/** One call of an assertion function. */
export interface Assertion {
  /** The function's name in lower case, without schema. */
  type: string;
  /** The label that coverage is indexed by (`docs/coverage.md`); empty for assertions about values. */
  target: string;
  /**
   * One string per argument: the content of a literal, the inside of `ARRAY[…]`, else the source text. Named
   * arguments of a pgTAP function stand in the order of its parameters.
   */
  parameters: string[];
  /** The line of the function's name; the first is 1. */
  lineNumber: number;
  /** The source, from `SELECT` where it directly leads the call, through the closing parenthesis. */
  rawSql: string;
  /** The description, when the call has one. */
  description?: string;
  /** On assertions about objects: what PostgreSQL will test, or `null` where the text does not tell. */
  object?: AssertionObject | null;
  /** It stands in the body of a function, or in a `DO` block. */
  context?: 'function' | 'do';
  /** The function in whose body it stands. */
  inFunction?: string;
  /** It stands in a branch: `\if`, `CASE`, `IF`. */
  conditional?: true;
  /** The `FROM` clause supplies arguments. */
  rowDriven?: true;
  /** The labels of all rows, where the `FROM` clause spells them out. */
  targets?: string[];
  /** A name is computed. */
  dynamic?: true;
  /** The fixed part of a computed name; `*` stands for the rest. */
  pattern?: string;
  /** It stands in a comment. */
  commented?: true;
  /** The function whose argument it is: `'ok'`, `'check_test'`, … */
  wrapper?: string;
  /** `target` names another object than PostgreSQL tests; believe `object`. */
  misread?: true;
  /** The helper from whose call it was expanded. */
  helper?: string;
  functionMetadata?: FunctionMetadata;
  policyMetadata?: PolicyMetadata;
  /** On assertions about tables; `'public'` when the call names none. */
  schema?: string;
  /** On assertions about a table. */
  tableName?: string;
  /** On `table_owner_is`. */
  owner?: string;
  /** On `table_privs_are`. */
  role?: string;
  /** On `table_privs_are`. */
  privileges?: string[];
  /** On `tables_are`. */
  tableList?: string[];
}

/** A file of tests. */
export interface TestFile {
  /** The full path. */
  filePath: string;
  fileName: string;
  /** Sorted by line, ties in source order. */
  assertions: Assertion[];
  /** The number in the first `plan(N)`, or `null`. */
  planCount: number | null;
  /** The files that `\i`, `\ir`, `\include` and `\include_relative` name, as written. */
  dependencies: string[];
  metadata: {
    /** In characters. */
    size: number;
    /** Newlines + 1. */
    lines: number;
    parsed: Date;
  };
}

/** What is wrong with a file or folder of the scan; the scan went on. */
export interface Problem {
  /** A stable code, `ERR_PGTAP_…`; `docs/errors.md` has a paragraph for each. */
  code: string;
  filePath: string;
  /** Where it begins; the first line is 1. `null` when it is about the whole file or a folder. */
  line: number | null;
  message: string;
  /** `'error'`: it was not read. `'warning'`: it was read, but not all is well. */
  severity: 'error' | 'warning';
}

/** A function of the scanned files whose body makes assertions. */
export interface Helper {
  name: string;
  /** The schema that `CREATE FUNCTION` names, or `null`. */
  schema: string | null;
  filePath: string;
  line: number;
  /** The names of its input parameters; empty for one without a name. */
  parameters: string[];
  /** How many assertions its body makes. */
  assertions: number;
}

/** The entry of a table in the coverage map. */
export interface TableCoverage {
  assertionTypes: string[];
  schema: string;
  tableName: string;
  descriptions: string[];
  testFiles: string[];
}

/** The distinct assertion types by kind and label, in first-seen order. */
export type CoverageMap = { [K in Exclude<CoverageKind, 'tables'>]: Record<string, string[]> } & {
  tables: Record<string, TableCoverage>;
  /** The files that name a label. */
  filesByTarget: Record<string, TestFile[]>;
};

/** Counts of the last scan. */
export interface Statistics {
  filesScanned: number;
  totalAssertions: number;
  /** How often each assertion function is called. */
  assertionTypes: Record<string, number>;
  coverageStats: {
    schemasWithTests: number;
    tablesWithTests: number;
    tablesWithDescriptions: number;
    columnsWithTests: number;
    functionsWithTests: number;
    policiesWithTests: number;
    indexesWithTests: number;
    triggersWithTests: number;
    uniqueTargets: number;
  };
  /** How many relations and functions the tests' SQL names beside assertions, whether or not one is about them, too. */
  exercised: { relations: number; functions: number };
}

/** One assertion in a coverage entry. */
export interface CoverageAssertion {
  type: string;
  target: string;
  /** The name of the file. */
  testFile: string;
  /** Its full path. */
  filePath: string;
  lineNumber: number;
  description: string | null;
  parameters: string[];
}

/** What is known of one object. */
export interface CoverageEntry {
  assertions: CoverageAssertion[];
  assertionTypes: Set<string>;
  testFiles: Set<string>;
  metadata: Record<string, unknown>;
  /** When the database was built, ISO 8601. */
  lastTested: string;
}

/** A file that coverage was built from. */
export interface FileIndexEntry {
  fileName: string;
  filePath: string;
  planCount: number | null;
}

/** Which files exercise an object. */
export interface ExercisedEntry {
  testFiles: Set<string>;
}

/**
 * The coverage database. Its maps may fetch from native storage when they are read; they behave as `Map`s, in
 * first-seen order.
 */
export interface CoverageDatabaseView {
  objects: { [K in CoverageKind]: Map<string, CoverageEntry> };
  assertionCounts: {
    total: number;
    byType: Map<string, number>;
    /** Keys are `'kind:name'`. */
    byObject: Map<string, number>;
  };
  gaps: {
    uncoveredObjects: Set<string>;
    /** Fewer than 2 assertions for a table or function, fewer than 1 for others. */
    partialCoverage: Set<string>;
  };
  /** By full path. */
  fileIndex: Map<string, FileIndexEntry>;
  /** ISO 8601. */
  buildTimestamp: string;
  totalFiles: number;
  totalAssertions: number;
  memoryManaged: true;
  streamingMode: boolean;
  /** How many assertions say that an object is NOT there, by `'kind:name'`; they cover nothing. */
  absences: Map<string, number>;
  /** Assertions whose names are computed, by the fixed part of the name. */
  patterns: Map<string, number>;
  /** What the tests' SQL names beside assertions, whether or not an assertion is about it, too. */
  exercised: { relations: Map<string, ExercisedEntry>; functions: Map<string, ExercisedEntry> };
}

/** Coverage of one object. */
export interface ObjectCoverage {
  objectType: string;
  objectName: string;
  assertionCount: number;
  assertionTypes: string[];
  /** File names. */
  testFiles: string[];
  metadata: Record<string, unknown>;
  /**
   * Assertions of those expected, at most 100. Expected are 8 for a table, 6 for a function, 4 for a column or trigger,
   * 2 for a schema, 3 for any other object.
   */
  coveragePercentage: number;
  /** When the database was built, ISO 8601. */
  lastTested: string;
  assertions: Array<{ type: string; testFile: string; lineNumber: number; description: string | null }>;
}

/** Counts and quality of the whole suite. */
export interface CoverageStatistics {
  totalFiles: number;
  totalAssertions: number;
  buildTimestamp: string;
  objectCounts: Record<string, number>;
  assertionTypes: Record<string, number>;
  coveragePercentages: Record<string, number>;
  quality: {
    averageAssertionsPerObject: number;
    /** Files with 5 assertions or more. */
    filesWithHighCoverage: number;
    /** Objects with 3 assertion types or more. */
    objectsWithMultipleTests: number;
    assertionDiversity: number;
  };
  gaps: {
    totalUncovered: number;
    partialCoverage: number;
    uncoveredByType: Record<string, number>;
    recommendedTests: unknown[];
  };
  /** At most 10. */
  topTested: unknown[];
}

/** What `exportCoverageReport` takes. */
export interface CoverageReportOptions {
  /** An unknown format is an error. @defaultValue `'json'` */
  format?: 'json' | 'csv' | 'html' | 'markdown';
  /** List what is exercised but not asserted, and what has partial coverage; not in CSV. @defaultValue `true` */
  includeGaps?: boolean;
  /** List each object's assertions with type, file and line; not in CSV. @defaultValue `false` */
  includeDetails?: boolean;
  /** Only these kinds; an unknown one throws. @defaultValue all that have objects */
  objectTypes?: CoverageKind[] | null;
}

/** The memory of the process, rounded MB. */
export interface MemoryUsage {
  rss: number;
  heapUsed: number;
  heapTotal: number;
  external: number;
}

/** Memory and progress of a scanner. */
export interface MemoryState {
  currentUsageMB: number;
  maxUsageMB: number;
  lastCleanup: number;
  gcCount: number;
  batchesProcessed: number;
  objectsProcessed: number;
  streamingMode: boolean;
}

export interface MemoryStats extends MemoryState {
  currentUsage: MemoryUsage;
  streamingDBStats: Record<string, unknown> | null;
  options: { maxMemoryMB: number; batchSize: number; enableStreaming: boolean; enableGC: boolean };
  /** Memory outside V8's heap, in bytes: now, at its highest, allowed. */
  native: { current: number; high: number; limit: number };
}

/** What every event carries. */
export interface ScannerEvent {
  message: string;
  timestamp: Date;
}

/** Once per scan. */
export interface DirectoryEvent extends ScannerEvent {
  type: 'directory';
  data: Record<string, unknown>;
}

/** While files are read. */
export interface ScanProgressEvent extends ScannerEvent {
  type: 'progress';
  /** 0 to 100. */
  percentage: number;
  data: { filePath: string; filesProcessed: number; totalFiles: number };
}

/** At the end of each batch. */
export interface BatchEvent extends ScannerEvent {
  type: 'batch_processed';
  batch: number;
  totalBatches: number;
  itemsProcessed: number;
  memoryUsage: MemoryUsage;
}

/** Something to know that ends nothing. */
export interface WarningEvent extends ScannerEvent {
  type: 'warning' | 'memory_threshold' | 'memory_limit' | 'object_limit' | 'file_limit';
  data?: Record<string, unknown>;
}

export interface CleanupEvent extends ScannerEvent {
  type: 'memory_cleanup' | 'shutdown';
  memoryUsage: MemoryUsage;
  /** Whether V8 really ran a collection. */
  gcPerformed: boolean;
  freedMB: number;
}

/** Every `cleanupInterval`; MB. */
export interface MemoryStatusEvent extends ScannerEvent {
  current: number;
  max: number;
  /** 80 % of `maxMemoryMB`. */
  threshold: number;
  streamingMode: boolean;
}

/** The end of a scan or a build. */
export interface SuccessEvent extends ScannerEvent {
  type?: string;
  data?: Record<string, unknown>;
}

/** A file that could not be read. */
export interface FileErrorEvent extends ScannerEvent {
  type: 'error';
  error: Error;
  data: { filePath: string };
}

/** The events of a scanner and what their listeners get. `docs/events.md` has an example of each. */
export interface ScannerEvents {
  directory: [DirectoryEvent];
  progress: [ScanProgressEvent | BatchEvent];
  warning: [WarningEvent];
  cleanup: [CleanupEvent];
  memory_status: [MemoryStatusEvent];
  success: [SuccessEvent];
  error: [FileErrorEvent];
}

type ScannerListener<E extends keyof ScannerEvents> = (...payload: ScannerEvents[E]) => void;

/** An error of this package: `code` is stable and begins with `ERR_PGTAP_`; `docs/errors.md` has a paragraph for each. */
export interface PgTapError extends Error {
  code: string;
}

/**
 * Scans folders of pgTAP test files, says what PostgreSQL will test, and builds the coverage database.
 *
 * Files are read on threads of their own; the JavaScript thread stays free. A scanner runs one scan at a time; several
 * scanners may live in one process and in several worker threads.
 */
export class PgTapScanner extends EventEmitter {
  /**
   * @throws TypeError or RangeError with code `ERR_PGTAP_INVALID_OPTION` for a known option of a wrong type or range.
   * An unknown option is ignored, with one warning of code `PGTAP_UNKNOWN_OPTION` per name.
   */
  constructor(options?: ScannerOptions);

  /** The complete options, defaults filled in. */
  options: Required<ScannerOptions>;
  /** The files of the last scan. Assign or push plain objects to build coverage from them. */
  testFiles: TestFile[];
  coverageMap: CoverageMap;
  memoryState: MemoryState;
  filesProcessed: number;
  totalAssertions: number;
  /** What `buildCoverageDatabase()` built last, or `null`. */
  coverageDatabase: CoverageDatabaseView | null;
  /** What was wrong with the files of the last scan. Files that could not be read are listed, too. */
  readonly problems: Problem[];
  /** The helpers found in the files of the last scan. */
  readonly helpers: Helper[];

  /**
   * Scans a folder.
   *
   * @returns the files, sorted by full path. A folder without candidates gives `[]` and a `warning` event.
   * @throws an error with code `ENOENT` when there is no such folder, one that says `Path is not a directory` when it is
   * a file, `ERR_PGTAP_BUSY` while another scan of this scanner runs, and the signal's reason when that ends it. A file
   * that cannot be read ends nothing: see {@link problems}.
   */
  scanDirectory(dir: string, options?: ScanOptions): Promise<TestFile[]>;
  /** The same files one by one, for suites that one would rather not hold at once. Ending the loop early ends the scan. */
  stream(dir: string, options?: ScanOptions): AsyncIterableIterator<TestFile>;
  /** Reads one file. */
  parseTestFile(path: string): Promise<TestFile>;
  /** Finds the assertions of a text; synchronous. */
  extractAssertions(sql: string): Assertion[];

  getCoverageMap(): CoverageMap;
  getStatistics(): Statistics;
  /** Forgets all files, counts and coverage; the options stay. */
  reset(): void;

  /** Builds the coverage database from `testFiles`; it is kept as `coverageDatabase`, too. */
  buildCoverageDatabase(): Promise<CoverageDatabaseView>;
  /** Builds the coverage map from `testFiles`. */
  _buildCoverageMap(): void;
  /**
   * Coverage of one object, or `null` when nothing tests it. Builds the database first when there is none.
   * @param type a kind, as `'tables'`
   * @param name its label, as `'public.users'`
   */
  getCoverageByObject(type: CoverageKind, name: string): ObjectCoverage | null;
  /** Builds the database first when there is none. */
  getCoverageStatistics(): CoverageStatistics;
  /** The report as text. Builds the database first when there is none. @throws on an unknown format */
  exportCoverageReport(options?: CoverageReportOptions): string;

  getMemoryStats(): MemoryStats;
  /** Forgets everything, as `reset()`, and removes all listeners. */
  dispose(): void;

  on<E extends keyof ScannerEvents>(event: E, listener: ScannerListener<E>): this;
  once<E extends keyof ScannerEvents>(event: E, listener: ScannerListener<E>): this;
  off<E extends keyof ScannerEvents>(event: E, listener: ScannerListener<E>): this;
  addListener<E extends keyof ScannerEvents>(event: E, listener: ScannerListener<E>): this;
  removeListener<E extends keyof ScannerEvents>(event: E, listener: ScannerListener<E>): this;
  prependListener<E extends keyof ScannerEvents>(event: E, listener: ScannerListener<E>): this;
  prependOnceListener<E extends keyof ScannerEvents>(event: E, listener: ScannerListener<E>): this;
  emit<E extends keyof ScannerEvents>(event: E, ...payload: ScannerEvents[E]): boolean;
}

/** The same class under the name of the one it replaces. */
export { PgTapScanner as pgTAPTestScanner };
