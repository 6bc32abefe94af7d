/// <reference types="node" />
import { EventEmitter } from 'node:events';
import type { GapAnalysis, GapOptions, Gaps, SchemaCoverage } from './lib/gaps.js';
import type { ReportOptions } from './lib/reports.js';

export type {
  GapAnalysis, GapOptions, Gaps, RecommendedTest, SchemaCoverage, SchemaKind, SchemaObject, SchemaSummary, StaleAssertion,
} from './lib/gaps.js';

export type { Config } from './lib/cli/config.js';

export * from './lib/reports.js';

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
  /**
   * Memory budget in MB (of 1,048,576 bytes). Records of a scan that take more than half of it move to disk; cleanup
   * starts above 80 % of it. @defaultValue `500`
   */
  maxMemoryMB?: number;
  /** Files per batch, an integer from 1. @defaultValue `100` */
  batchSize?: number;
  /** Allow streaming mode. @defaultValue `true` */
  enableStreaming?: boolean;
  /** Milliseconds between memory checks, 0 for none; at most 2147483647. @defaultValue `1000` */
  cleanupInterval?: number;
  /**
   * Objects of each kind that are kept in memory; more are on disk, found and counted all the same. They move there when
   * the scan ends, or, with the default, a quarter of a second later. With `spill: false` a database of more drops the
   * oldest, and the most recent four fifths of this number stay. An integer from 1, or `Infinity`. @defaultValue `10000`
   */
  maxObjectsPerType?: number;
  /** Ask V8 for a collection when cleaning up, where that is possible. @defaultValue `true` */
  enableGC?: boolean;
  /** Compress what moves to disk (LZ4). @defaultValue `false` */
  enableCompression?: boolean;
  /** Assertion functions of your own. @defaultValue `[]`; `tests.rls_enabled(schema, table)` is always known */
  assertions?: CustomAssertion[];
  /** Schemas that hold pgTAP, beside `public`, `extensions`, `tap` and `pgtap`. @defaultValue `[]` */
  pgtapSchemas?: string[];
  /** Move records to a temporary file when they take more than half of `maxMemoryMB`. @defaultValue `true` */
  spill?: boolean;
  /**
   * File that keeps what was read of test files, so that the next scan reads only what is new or changed. It is made when
   * it is missing, set aside with a `warning` when it is damaged, and several processes may share it. The answer is
   * always that of a scan without it. @defaultValue `null`
   */
  cache?: string | null;
  /**
   * List only one part of the suite, as `'2/4'`. A hash of each file's path below the folder decides, so that every file
   * is in exactly one part, on any machine. All files are read, for helpers may be anywhere. @defaultValue `null`
   */
  shard?: string | null;
  /** Folder for that file, or `null` for the system's for temporary files. @defaultValue `null` */
  tempDir?: string | null;
  /**
   * How large that file may be, in MB (1,048,576 bytes); `null` for any size. What needs more ends with `ERR_PGTAP_SPILL_LIMIT`.
   * @defaultValue `null`
   */
  maxDiskMB?: number | null;
  /** Threads that read files, 0 to 256; 0 for one a core, but at least 2 and at most 16. @defaultValue `0` */
  threads?: number;
}

/** What a long call takes. */
export interface ScanOptions {
  /** Ends the call: it rejects with the signal's reason, an `AbortError` unless you gave another. */
  signal?: AbortSignal;
}

/** What {@link PgTapScanner.lint} takes. */
export interface LintOptions extends ScanOptions {
  /** Apply the fixes that are certain. @defaultValue `false` */
  fix?: boolean;
  /** Codes of rules that are not wanted. @defaultValue `[]` */
  disable?: string[];
  /** The only version of pgTAP that the suite runs on, or `null` for both. @defaultValue `null` */
  pgtapVersion?: '1.2' | '1.3' | null;
  /** What is known of the database: its schemas, relations and functions by name. @defaultValue `null` */
  catalog?: {
    format: 'pgtap-scanner-catalog';
    schemas?: { name: string }[];
    relations?: { name: string }[];
    functions?: { name: string }[];
  } | null;
}

/** A rule of {@link PgTapScanner.lint}; `docs/lint.md` has a section for each. */
export interface LintRule {
  code: string;
  severity: 'error' | 'warning';
  /** What it finds, in one sentence. */
  says: string;
}

/** A change of a file: the bytes `from` to `to` (exclusive) become `text`. */
export interface LintFix {
  from: number;
  to: number;
  text: string;
  /** It gives what was meant, whatever else the suite or the database holds. */
  certain: boolean;
}

/** Something wrong with a test. Lines and columns count from 1, columns in characters (code points). */
export interface LintFinding {
  /** The rule's. */
  code: string;
  /** `'error'`: it fails, cannot run, or does not test what it says. */
  severity: 'error' | 'warning';
  /** The path below the scanned folder, with `/` between names. */
  file: string;
  line: number;
  column: number;
  endLine: number;
  /** One past the last character. Equal to `column` where only the line is known. */
  endColumn: number;
  /** What PostgreSQL does, and what was meant. */
  message: string;
  /** What to do. */
  help: string;
  fix: LintFix | null;
}

/** What {@link PgTapScanner.lint} answers. */
export interface LintResult {
  /** Sorted by file, line and column. After fixes: what is left, with its places in the mended files. */
  findings: LintFinding[];
  /** What was mended, with the places from before. */
  fixed: { file: string; fixes: LintFinding[] }[];
  filesChecked: number;
  /** Files that were not checked or not mended, and why; those that changed since the scan are among them. */
  skipped: { file: string; message: string }[];
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
  gaps: Gaps;
  /** By full path. */
  fileIndex: Map<string, FileIndexEntry>;
  /** ISO 8601. */
  buildTimestamp: string;
  totalFiles: number;
  totalAssertions: number;
  memoryManaged: true;
  streamingMode: boolean;
  /**
   * Saves the database as an SQLite file; `docs/data-format.md` describes it. Files are read again for their
   * descriptions, unless the database was opened. What was there stays as it was until the new file is whole; a
   * symbolic link is followed. Windows replaces no file that is open: close who opened it first.
   *
   * @throws (rejects with) `ERR_PGTAP_SAVED_IO` when it cannot be written, `ERR_PGTAP_FILE_CHANGED` when a test file
   * changed since the scan, `ERR_PGTAP_SAVED_DAMAGED` when a file that was opened changed since,
   * `ERR_PGTAP_INVALID_ARGUMENT` for a database over files of the caller's own, and the signal's reason when that ends
   * it
   */
  save(file: string, options?: ScanOptions): Promise<SavedCounts>;
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
    /** After `analyzeGaps()` each is a {@link RecommendedTest}. */
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
  /** How the last suite was read: at once (under 100 files), in batches, or streaming (above 1,000, or short of memory). */
  mode: 'standard' | 'batched' | 'streaming';
}

/** What lies on disk; bytes. */
export interface OnDisk {
  /** What it took in memory. */
  rawBytes: number;
  /** What it takes now, compressed if `enableCompression` is on. */
  diskBytes: number;
}

export interface MemoryStats extends MemoryState {
  currentUsage: MemoryUsage;
  /** What lies on disk; `null` when nothing does. */
  streamingDBStats: OnDisk | null;
  options: { maxMemoryMB: number; batchSize: number; enableStreaming: boolean; enableGC: boolean };
  /** Memory outside V8's heap, in bytes: now, at its highest, allowed. */
  native: { current: number; high: number; limit: number };
}

/** What a saved file holds. */
export interface SavedCounts {
  files: number;
  assertions: number;
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
  /** The first is 1. */
  batch: number;
  /** As far as is known now; `null` for items of a `BatchProcessor` whose number only reading them tells. */
  totalBatches: number | null;
  itemsProcessed: number;
  memoryUsage: MemoryUsage;
}

/** Something to know that ends nothing. */
export interface WarningEvent extends ScannerEvent {
  /** What each means: docs/events.md. */
  type: 'warning' | 'memory_threshold' | 'memory_limit' | 'object_limit' | 'file_limit';
  data?: Record<string, unknown>;
}

export interface CleanupEvent extends ScannerEvent {
  type: 'memory_cleanup' | 'shutdown';
  /** What was done; absent for `shutdown`. */
  step?: 'caches' | 'gc' | 'spill';
  memoryUsage: MemoryUsage;
  /** Whether V8 really ran a collection. */
  gcPerformed: boolean;
  freedMB: number;
}

/** Every `cleanupInterval`, at most every 10 ms; MB. */
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
  /** How many files of the last scan were taken from the cache. */
  filesCached: number;
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
  /**
   * Finds tests in the files of the last scan that do not test what they say, cannot run, or pass whatever the database
   * holds, and mends them if asked. The files are read again; one that changed since the scan is left alone.
   *
   * @throws (rejects with) `ERR_PGTAP_INVALID_OPTION`, `ERR_PGTAP_NOT_SCANNED`, and the signal's reason when that ends it;
   * a file that is being written then is written to its end
   */
  lint(options?: LintOptions): Promise<LintResult>;
  /** Every rule of {@link lint}. */
  static lintRules(): LintRule[];
  /** Finds the assertions of a text; synchronous. */
  extractAssertions(sql: string): Assertion[];

  /**
   * The coverage map; `coverageMap` is the same. Synchronous: it is made from `testFiles` when it is first asked for, as
   * plain objects with every name, which takes about 8 µs a name: 2 s for 276,000 names in 10,000 files. The coverage
   * database answers the same questions without that.
   */
  getCoverageMap(): CoverageMap;
  /** Counts over `testFiles`. Synchronous, and counted anew each time: 0.06 s for 10,000 files of 40 assertions. */
  getStatistics(): Statistics;
  /** Forgets all files, counts and coverage; the options stay. */
  reset(): void;

  /**
   * Builds the coverage database from `testFiles`, on a thread of its own; it is kept as `coverageDatabase`, too.
   * @throws (rejects with) the signal's reason when that ends it, `ERR_PGTAP_SPILL_…` when the disk fails
   */
  buildCoverageDatabase(options?: ScanOptions): Promise<CoverageDatabaseView>;
  /** Builds the coverage map from `testFiles` anew, at the cost that {@link getCoverageMap} tells. */
  _buildCoverageMap(): void;
  /**
   * Compares the tests of the last scan with a schema, on threads of its own; `docs/gaps.md` says what counts. From then
   * on `coverageDatabase.gaps` and `getCoverageStatistics().gaps` are those of the schema.
   *
   * @throws (rejects with) `ERR_PGTAP_CATALOG` for a catalog that is none, `ERR_PGTAP_SCHEMA_…` when there is no schema to
   * compare with, `ERR_PGTAP_FILE_CHANGED` when a file changed since the scan, `ERR_PGTAP_NO_SOURCES` when `testFiles` are
   * not those of the scan or the scanner was opened from a saved file, and the signal's reason when that ends it
   */
  analyzeGaps(options: GapOptions): Promise<GapAnalysis>;
  /** A test file, ready to run, of the suggestions in a coverage: each object without an assertion has one test. */
  suggestTests(coverage: SchemaCoverage): string;
  /**
   * Coverage of one object, or `null` when nothing tests it.
   *
   * Synchronous, as are {@link getCoverageStatistics} and {@link exportCoverageReport}. When there is no database they
   * build it first, on the JavaScript thread: about a tenth of the time of the scan, 0.04 s for 10,000 files of 40
   * assertions, several times that when records lie on disk. `await buildCoverageDatabase()` before, and they wait for
   * nothing.
   * @param type a kind, as `'tables'`
   * @param name its label, as `'public.users'`
   */
  getCoverageByObject(type: CoverageKind, name: string): ObjectCoverage | null;
  /** Builds the database first when there is none; goes through all objects then: 0.05 s for 276,000. */
  getCoverageStatistics(): CoverageStatistics;
  /**
   * The report as text. Builds the database first when there is none; 276,000 objects take 0.3 s as CSV and 0.7 s as JSON.
   * @throws on an unknown format
   */
  exportCoverageReport(options?: CoverageReportOptions): string;
  /** The report of what the tests cover of a schema, as {@link renderReport} writes it; `coverage` is that of {@link analyzeGaps}. */
  exportCoverageReport(options: { coverage: SchemaCoverage } & ReportOptions): string;

  getMemoryStats(): MemoryStats;
  /**
   * Opens a coverage database that was saved, as `coverageDatabase` of a new scanner that answers as the one did that
   * saved it. Paths are those below the scanned folder; the test files are not needed. `problems` and `helpers` are empty.
   *
   * @throws (rejects with) `ERR_PGTAP_SAVED_FOREIGN`, `ERR_PGTAP_SAVED_NEWER`, `ERR_PGTAP_SAVED_DAMAGED` or
   * `ERR_PGTAP_SAVED_IO`; the signal's reason when that ends it
   */
  static open(file: string, options?: ScanOptions): Promise<PgTapScanner>;
  /**
   * Writes what several saved files hold to `output`, which may be one of them. The order, and how often a file is given,
   * make no difference.
   *
   * @throws (rejects with) `ERR_PGTAP_SAVED_CONFLICT` when two hold different contents of one test file, and as
   * {@link open}; `output` is as it was then
   */
  static merge(files: Iterable<string>, output: string, options?: ScanOptions): Promise<SavedCounts>;
  /** Forgets everything, as `reset()`, and removes all listeners. */
  dispose(): void;
  /**
   * Ends a scan that runs and frees everything: files, maps and databases of this scanner answer no more. Twice is fine.
   * Calls after it throw, or reject, with `ERR_PGTAP_CLOSED`.
   */
  close(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;

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

/** What the warnings of a {@link StreamingCoverageDatabase} carry as `data`. */
export interface StoreLimit {
  /** Objects go to disk from now on; were dropped; are not taken. */
  action: 'spilling' | 'pruned' | 'refused';
  objectType: string;
  /** The limit: objects for `object_limit`, bytes for `memory_limit`. */
  limit: number;
  /** How many objects were dropped. Only for `'pruned'`. */
  dropped?: number;
  /** How many stay. Only for `'pruned'`. */
  kept?: number;
}

/** A limit was reached, or the disk failed and nobody listens to `error`. */
export interface StoreWarningEvent extends ScannerEvent {
  type: 'object_limit' | 'memory_limit' | 'warning';
  data: StoreLimit | Record<string, never>;
  /** Only for `'warning'`: what `error` would have told. */
  error?: PgTapError;
}

/** The disk failed. It is told once, and again after it worked in between. */
export interface StoreErrorEvent extends ScannerEvent {
  type: 'error';
  /** Its code begins with `ERR_PGTAP_SPILL_`. */
  error: PgTapError;
  data: Record<string, never>;
}

/** The events of a {@link StreamingCoverageDatabase}. */
export interface StoreEvents {
  warning: [StoreWarningEvent];
  error: [StoreErrorEvent];
}

/** Native memory in bytes: now, at its highest, allowed. */
export interface NativeMemory {
  current: number;
  high: number;
  limit: number;
}

/** The options of {@link StreamingCoverageDatabase}. */
export interface StreamingCoverageDatabaseOptions {
  /** Objects of each type whose data is in memory. An integer from 1, or `Infinity`. @defaultValue `10000` */
  maxObjectsPerType?: number;
  /** Keep data that is not in use compressed, in memory and on disk. @defaultValue `false` */
  enableCompression?: boolean;
  /** Objects that are compressed and moved to disk together; at most 1,000 take effect. @defaultValue `100` */
  batchSize?: number;
  /** Memory for names and data in MB (1,048,576 bytes). @defaultValue `500` */
  maxMemoryMB?: number;
  /** Move data to disk at a limit. When off, the least recently used fifth of the type is dropped. @defaultValue `true` */
  spill?: boolean;
  /** The folder of the temporary file; it has to exist. @defaultValue the system's folder for temporary files, also for `null` */
  tempDir?: string | null;
  /**
   * How large that file may be, in MB (1,048,576 bytes); `null` for any size. What needs more ends with `ERR_PGTAP_SPILL_LIMIT`.
   * @defaultValue `null`
   */
  maxDiskMB?: number | null;
}

/** What a {@link StreamingCoverageDatabase} holds. */
export interface StreamingCoverageDatabaseStats {
  totalObjects: number;
  objectsByType: Record<string, number>;
  /** Types whose data is kept compressed. */
  compressedTypes: string[];
  /** Types of which objects were moved to disk, or dropped. */
  overflowedTypes: string[];
  /** Native memory in bytes, as `native.current`. */
  memoryUsage: number;
  /** How many objects have their data in memory. */
  objectsInMemory: number;
  native: NativeMemory;
  /** Bytes of data that is packed, in memory and on disk: before, after, and the first divided by the second. */
  compression: { rawBytes: number; storedBytes: number; ratio: number };
  /** The temporary file in bytes: in use, free for use again, written in all. */
  disk: { bytes: number; freeBytes: number; writtenBytes: number };
}

/**
 * Objects by type and name, outside V8's heap: those used last in memory, the others in a temporary file. Data is any
 * JSON value. Names stay in memory: about 140 bytes and the name for each object. For working it takes up to 1 MB more,
 * or three times the largest value.
 */
export class StreamingCoverageDatabase extends EventEmitter {
  /** @throws TypeError or RangeError with code `ERR_PGTAP_INVALID_OPTION` */
  constructor(options?: StreamingCoverageDatabaseOptions);
  /** The complete options; `tempDir` as a full path. */
  readonly options: Required<StreamingCoverageDatabaseOptions> & { tempDir: string };

  /**
   * Keeps an object. A name that is known is replaced, counts once, and keeps its place in the order.
   *
   * @returns `true`; or `false`, with nothing changed, when a limit is reached and the disk fails, or when names alone
   * fill the memory. Events say why.
   * @throws TypeError with code `ERR_PGTAP_NOT_JSON` for data that JSON cannot hold: functions, symbols, BigInts,
   * `NaN`, infinities, Maps, Sets, cycles and so on. As in `JSON.stringify()`, `toJSON()` is called and a property that
   * is `undefined` is left out.
   */
  addObject(type: string, name: string, data: unknown): boolean;
  /** The data, or `null` when there is none. @throws an error with code `ERR_PGTAP_SPILL_…` when the disk fails */
  getObject(type: string, name: string): any;
  /** The objects of a type in the order they came: a view for reading, that fetches what is looked at. */
  getObjectsByType(type: string): Map<string, any>;
  /** Keeps the data of a type compressed from now on. @returns the bytes of memory that this freed */
  compress(type: string): number;
  /** Whether the type has `maxObjectsPerType` objects or more: a further one makes others go to disk, or be dropped. */
  isAtCapacity(type: string): boolean;
  getStats(): StreamingCoverageDatabaseStats;
  /** Forgets all objects and gives memory and disk back. */
  clear(): void;
  /** As `clear()`; later calls throw `ERR_PGTAP_CLOSED`. Calling it twice is fine. */
  close(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
  /** All objects once, in the order they came; objects that are added meanwhile, too. */
  [Symbol.asyncIterator](): AsyncIterableIterator<{ type: string; name: string; data: any }>;

  on<E extends keyof StoreEvents>(event: E, listener: (...payload: StoreEvents[E]) => void): this;
  once<E extends keyof StoreEvents>(event: E, listener: (...payload: StoreEvents[E]) => void): this;
  off<E extends keyof StoreEvents>(event: E, listener: (...payload: StoreEvents[E]) => void): this;
}

/** The options of {@link CoverageDatabase}. */
export interface CoverageDatabaseOptions {
  /** Bytes of records in memory; above it all go to disk. An integer from 1. @defaultValue `104857600` (100 MiB) */
  maxMemory?: number;
  /** Write records to disk soon: whatever `maxMemory` says, at most 524,288 bytes are held. @defaultValue `false` */
  streaming?: boolean;
  /** The folder of the temporary file; it has to exist. @defaultValue the system's folder for temporary files, also for `null` */
  tempDir?: string | null;
  /**
   * How large that file may be, in MB (1,048,576 bytes); `null` for any size. What needs more ends with `ERR_PGTAP_SPILL_LIMIT`.
   * @defaultValue `null`
   */
  maxDiskMB?: number | null;
}

/**
 * Coverage records in the order they came. It is a log: a name that is added twice is two records. Calls take effect in
 * the order they are made, awaited or not.
 */
export class CoverageDatabase {
  /** @throws TypeError or RangeError with code `ERR_PGTAP_INVALID_OPTION` */
  constructor(options?: CoverageDatabaseOptions);
  /** The complete options; `tempDir` as a full path. */
  readonly options: Required<CoverageDatabaseOptions> & { tempDir: string };

  /**
   * Adds a record; `coverage` is any JSON value. When memory is full, all records go to disk first.
   *
   * @throws (rejects with) an error with code `ERR_PGTAP_SPILL_…` when that fails: the record was not added, and all
   * before it can still be read; a TypeError with code `ERR_PGTAP_NOT_JSON` as {@link StreamingCoverageDatabase.addObject}
   */
  addCoverage(type: string, name: string, coverage: unknown): Promise<void>;
  /** Moves all records to disk, on a thread of its own. */
  flushToDisk(): Promise<void>;
  /** All records once, in order, wherever they are; records that are added meanwhile, too. */
  iterate(): AsyncIterableIterator<{ type: string; name: string; coverage: any }>;
  /** Records, native memory, and bytes of the temporary file: as it is, unpacked, written in all. */
  getStats(): { records: number; native: NativeMemory; disk: { bytes: number; rawBytes: number; writtenBytes: number } };
  /** Forgets all records and gives memory and disk back. */
  clear(): Promise<void>;
  /** As `clear()`; later calls reject with `ERR_PGTAP_CLOSED`. Calling it twice is fine. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What the system says of memory, in bytes; `null` is what this system does not tell: of macOS and Windows only `residentBytes` is known. */
export interface SystemMemory {
  /** Memory of the process that is in RAM. */
  residentBytes: number | null;
  /** The highest that was. */
  peakBytes: number | null;
  /** What the machine has for new work. */
  availableBytes: number | null;
  /**
   * Of the control groups (versions 1 and 2) that hold this process, up to the root, the one that leaves the least;
   * `null` when none has a limit. `usedBytes` is counted without the inactive page cache.
   */
  container: { limitBytes: number; usedBytes: number } | null;
  /**
   * Percent of the last 10 and 60 seconds, and microseconds in all, in which some or all tasks waited for memory: of the
   * process's own control group in version 2, else of the machine.
   */
  pressure: {
    someAvg10: number; someAvg60: number; fullAvg10: number; fullAvg60: number; someTotalUs: number; fullTotalUs: number;
  } | null;
  /** How often the process's own control group met its limits; `null` is what the kernel does not count. */
  events: { high: number | null; max: number | null; oom: number | null; oomKill: number | null } | null;
}

/** Bytes that are left. */
export interface AvailableMemory {
  /** What V8's heap may still take before it ends the process: its limit without what is used. */
  heapBytes: number;
  /** What the container may still take; `null` without a limit. */
  containerBytes: number | null;
  /** What the machine has. */
  systemBytes: number;
}

/** Memory of this process. All methods are static. */
export class MemoryMonitor {
  /** Rounded MB. */
  static getMemoryUsage(): MemoryUsage;
  static getSystemMemory(): SystemMemory;
  static getAvailableMemory(): AvailableMemory;
  /**
   * Runs a full collection and waits for it: about 0.1 s for a heap of 50 MB, 2 s for one of 2 GB. Works without
   * `--expose-gc`, too.
   * @returns whether V8 really collected
   */
  static forceGC(): boolean;
  /** Whether `currentMB` is above 80 % of `maxMB`. @throws `ERR_PGTAP_INVALID_ARGUMENT` unless both are numbers from 0, the second above 0 */
  static shouldTriggerCleanup(currentMB: number, maxMB: number): boolean;
  /** Logs `[label] Heap: U/T MB, RSS: R MB`. @param label default `'Memory'` @param logger default `console` */
  static logMemoryStats(label?: string, logger?: { log(line: string): void }): void;
  /** Whether `requiredMB` fit into what V8, the container and the machine each have left ({@link getAvailableMemory}). */
  static hasSufficientMemory(requiredMB: number): boolean;
}

/** The options of a `BatchProcessor`. */
export interface BatchProcessorOptions {
  /** Items per batch, an integer from 1, or `Infinity`. @defaultValue `100` */
  batchSize?: number;
  /** Budget for V8's heap in MB; above 80 % of it memory is cleaned up before the next batch. @defaultValue `500` */
  maxMemoryMB?: number;
  /** Run a collection when cleaning up. @defaultValue `true` */
  enableGC?: boolean;
  /** Batches that are worked on at once, 1 to 1024. @defaultValue `1` */
  concurrency?: number;
  /**
   * Change the size of batches: half when memory had to be cleaned up, one item while that does not help, then twice
   * the last up to `batchSize`. @defaultValue `false`
   */
  adaptive?: boolean;
  /** Ends all calls: they reject with its reason. @defaultValue `null` */
  signal?: AbortSignal | null;
}

/** What a call of a `BatchProcessor` takes. */
export interface BatchOptions {
  /** Ends the call, beside the processor's own signal. */
  signal?: AbortSignal | null;
}

/** Works on a batch; `index` begins at 0. An array gives its elements, `undefined` nothing, anything else one result. */
export type BatchFunction<T, R> = (batch: T[], index: number) => Promise<R[] | R | void> | R[] | R | void;

/** What `BatchProcessor.getStats()` gives. */
export interface BatchStats {
  processedBatches: number;
  /** Items in those batches. */
  totalItems: number;
  batchSize: number;
  maxMemoryMB: number;
  enableGC: boolean;
}

/** Works on items in batches, within a memory budget. One call at a time: another rejects with `ERR_PGTAP_BUSY`. */
export class BatchProcessor {
  /**
   * @param scanner an emitter for the events `progress` (`batch_processed`), `cleanup` and `warning` (`memory_limit`)
   * @throws `ERR_PGTAP_INVALID_ARGUMENT`, `ERR_PGTAP_INVALID_OPTION`
   */
  constructor(scanner?: EventEmitter | null, options?: BatchProcessorOptions);
  /**
   * @returns the results of all batches, in order
   * @throws what the function, the items, or a listener threw, after the batches under way have ended. On an error of
   * the function (the earliest batch's, when several fail) `batchIndex` says which batch.
   */
  processBatches<T, R>(items: Iterable<T> | AsyncIterable<T>, processor: BatchFunction<T, R>, options?: BatchOptions): Promise<R[]>;
  /** The same results one by one. Items are read, and batches started, as results are taken; leaving the loop ends the work. */
  streamBatches<T, R>(items: Iterable<T> | AsyncIterable<T>, processor: BatchFunction<T, R>, options?: BatchOptions): AsyncGenerator<R, void, undefined>;
  /** Cuts items into batches of `batchSize`. */
  createBatches<T>(items: Iterable<T>): T[][];
  /** Cleans up now, emits `cleanup`, and answers its payload. */
  performCleanup(): Promise<CleanupEvent>;
  /** Lets timers and I/O have a turn. */
  yieldToEventLoop(): Promise<void>;
  /** Sets counts and the size of batches back. */
  reset(): void;
  getStats(): BatchStats;
}
