// What comparing tests with a schema takes and gives.

import type { Catalog, SkippedStatement, SourceOptions } from './schema/index.js';

/** Objects without assertions, or with few, as `'kind:name'`. */
export interface Gaps {
  uncoveredObjects: Set<string>;
  /** Fewer than 2 assertions for a table or function, fewer than 1 for others. */
  partialCoverage: Set<string>;
}

/** What `analyzeGaps` takes: one schema, as `schemaSource` of `pgtap-scanner/schema` takes it, or a catalog itself. */
export interface GapOptions extends Omit<SourceOptions, 'catalog'> {
  /** A catalog that was read, or a file that one was written to. */
  catalog?: Catalog | string;
  /** Ends the analysis within one file. */
  signal?: AbortSignal;
}

/** Kinds of objects of a schema, in the order of the report. */
export type SchemaKind =
  | 'schemas' | 'tables' | 'columns' | 'views' | 'materializedViews' | 'foreignTables' | 'sequences' | 'functions'
  | 'triggers' | 'policies' | 'rls' | 'indexes' | 'primaryKeys' | 'foreignKeys' | 'uniqueConstraints' | 'checks' | 'types'
  | 'domains' | 'enums' | 'rules' | 'extensions' | 'roles' | 'privileges' | 'partitions';

/** How many objects are in which state. */
export interface SchemaSummary {
  total: number;
  asserted: number;
  exercised: number;
  untested: number;
  /** Of all, those that are asserted; one decimal, 100 when there are none. */
  percent: number;
}

/** An object of the schema and what the tests say about it. */
export interface SchemaObject {
  kind: SchemaKind;
  schema: string | null;
  relation: string | null;
  name: string;
  /** Argument types of a function. */
  signature: string | null;
  /** Columns of a constraint. */
  columns: string[];
  /** The role of a privilege. */
  role: string | null;
  /** For people; unique within its kind. */
  display: string;
  state: 'asserted' | 'exercised' | 'untested';
  /** The first 20; `file` is the path below the scanned folder. */
  assertions: { file: string; line: number; type: string; by: 'name' | 'member' | 'pattern' | 'search_path' }[];
  assertionCount: number;
  /** The first 20 files whose SQL names it. */
  exercisedIn: string[];
  /** Where a migration makes it. */
  origin: { file: string; line: number } | null;
  /** A statement of pgTAP that tests it; `null` when it is asserted, or pgTAP has none. */
  suggestion: string | null;
}

/** An assertion about what the schema has not. */
export interface StaleAssertion {
  file: string;
  line: number;
  type: string;
  target: string;
  kind: SchemaKind;
  reason: string;
  /** What was probably meant. */
  nearest: string | null;
}

/** What tests cover of a schema (format `pgtap-scanner-coverage`, version 1). */
export interface SchemaCoverage {
  format: 'pgtap-scanner-coverage';
  version: 1;
  /** The version of this package. */
  tool: string;
  source: { kind: 'live' | 'migrations' | 'snapshot'; server: string };
  summary: SchemaSummary;
  /** Kinds that have objects. */
  kinds: Partial<Record<SchemaKind, SchemaSummary>>;
  schemas: ({ name: string } & SchemaSummary)[];
  objects: SchemaObject[];
  /** The first 1,000. */
  stale: StaleAssertion[];
  staleCount: number;
  files: { path: string; assertions: number; planned: number | null; lines: number; covers: number }[];
  /** Statements of migrations that were left out. */
  skipped: SkippedStatement[];
}

/** A gap and a test that closes it. */
export interface RecommendedTest {
  /** `'kind:display'` */
  object: string;
  objectType: SchemaKind;
  objectName: string;
  assertionCount: number;
  reason: string;
  /** The test. */
  statement: string;
}

/** What `analyzeGaps` finds. */
export interface GapAnalysis {
  coverage: SchemaCoverage;
  gaps: Gaps;
  recommendedTests: RecommendedTest[];
  staleAssertions: StaleAssertion[];
}
