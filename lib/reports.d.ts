import type { LintFinding } from '../index.js';
import type { SchemaCoverage } from './gaps.js';

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
