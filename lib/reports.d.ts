/** How many objects there are, by state. */
export interface CoverageCounts {
  total: number;
  /** An assertion is about them. */
  asserted: number;
  /** Tests use them, and no assertion is about them. */
  exercised: number;
  /** No test is about them. */
  untested: number;
  /** 100 * asserted / total, to one decimal; 100 when there are none. */
  percent: number;
}

/** The kinds of objects of a schema, in the order of reports. */
export type SchemaObjectKind =
  | 'schemas' | 'tables' | 'columns' | 'views' | 'materializedViews' | 'foreignTables' | 'sequences' | 'functions'
  | 'triggers' | 'policies' | 'rls' | 'indexes' | 'primaryKeys' | 'foreignKeys' | 'uniqueConstraints' | 'checks'
  | 'types' | 'domains' | 'enums' | 'rules' | 'extensions' | 'roles' | 'privileges' | 'partitions';

/** One object that an assertion could be about. */
export interface SchemaObject {
  kind: SchemaObjectKind;
  schema: string | null;
  /** What a column, trigger, policy, index or constraint belongs to. */
  relation: string | null;
  name: string;
  /** The argument types of a function. */
  signature: string | null;
  /** The columns of a constraint. */
  columns: string[];
  /** Who has a privilege. */
  role: string | null;
  /** Its name for people, unique within the kind. */
  display: string;
  state: 'asserted' | 'exercised' | 'untested';
  /** The first 20 assertions about it; `file` is below the folder scanned. */
  assertions: { file: string; line: number; type: string; by: 'name' | 'member' | 'pattern' | 'search_path' }[];
  /** Of all assertions about it. */
  assertionCount: number;
  /** The first 20 files that use it. */
  exercisedIn: string[];
  /** The statement of a migration that makes it. */
  origin: { file: string; line: number } | null;
  /** A pgTAP statement that asserts it. */
  suggestion: string | null;
}

/** What tests cover of a schema. `docs/coverage.schema.json` describes the same. */
export interface SchemaCoverage {
  format: 'pgtap-scanner-coverage';
  version: 1;
  /** The version of pgtap-scanner. */
  tool: string;
  source: { kind: 'live' | 'migrations' | 'snapshot'; server: string | null };
  summary: CoverageCounts;
  kinds: Partial<Record<SchemaObjectKind, CoverageCounts>>;
  schemas: ({ name: string } & CoverageCounts)[];
  objects: SchemaObject[];
  /** Assertions about what is not in the schema. */
  stale: { file: string; line: number; type: string; target: string; kind: string; reason: string; nearest: string | null }[];
  /** The test files; `covers` counts the objects that one asserts. */
  files: { path: string; assertions: number; planned: number | null; lines: number; covers: number }[];
  /** Migrations that failed and were left out. */
  skipped: { file: string; line: number | null; message: string }[];
}

/** What lint found in a test file. `docs/lint.schema.json` describes the same. */
export interface LintFinding {
  /** The rule. */
  code: string;
  severity: 'error' | 'warning' | 'info';
  /** Below the folder scanned. */
  file: string;
  line: number;
  /** In characters, from 1. */
  column: number;
  endLine: number;
  /** Behind the last character. */
  endColumn: number;
  message: string;
  help: string;
  /** The bytes `from` up to `to` of the file are replaced by `text`; `certain` when that needs no look. */
  fix: { from: number; to: number; text: string; certain: boolean } | null;
}

export type ReportFormat = 'text' | 'json' | 'csv' | 'markdown' | 'html' | 'junit' | 'sarif' | 'lcov' | 'cobertura' | 'badge';
export type LintFormat = 'text' | 'json' | 'markdown' | 'junit' | 'sarif';

/** What `renderReport` takes. An unknown option, a wrong type or range is an error. */
export interface ReportOptions {
  /** @defaultValue `'text'` */
  format?: ReportFormat;
  /** Colours of a terminal, in text. @defaultValue `false` */
  colour?: boolean;
  /** The words on the left of a badge. @defaultValue `'pgTAP coverage'` */
  label?: string;
  /**
   * The text of the test files, which the page shows with the assertions marked; `path` as in `files` of the coverage.
   * Of more than 8 MiB the first files that fit are taken, and the page says how many are left out. @defaultValue `[]`
   */
  sources?: { path: string; text: string }[];
  /** When the report was made: html, junit and cobertura say so. The same date gives the same report. @defaultValue now */
  generatedAt?: Date;
}

/** What `renderLint` takes. */
export interface LintReportOptions {
  /** @defaultValue `'text'` */
  format?: LintFormat;
  /** Colours of a terminal, in text. @defaultValue `false` */
  colour?: boolean;
}

/** The formats of `renderReport`; the first is its default. */
export const REPORT_FORMATS: readonly ReportFormat[];
/** The formats of `renderLint`; the first is its default. */
export const LINT_FORMATS: readonly LintFormat[];

/**
 * The coverage of a schema as text. `docs/reports.md` describes the formats.
 *
 * @throws `ERR_PGTAP_INVALID_ARGUMENT` when the coverage or an option is not as documented
 */
export function renderReport(coverage: SchemaCoverage, options?: ReportOptions): string;

/**
 * Findings of lint as text. `docs/reports.md` describes the formats.
 *
 * @throws `ERR_PGTAP_INVALID_ARGUMENT` when the findings or an option are not as documented
 */
export function renderLint(findings: LintFinding[], options?: LintReportOptions): string;
