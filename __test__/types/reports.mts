// The renderers of reports. Only compiled, never run.
import { LINT_FORMATS, REPORT_FORMATS, renderLint, renderReport } from 'pgtap-scanner';
import type {
  SchemaSummary, LintFinding, LintFormat, LintReportOptions, ReportFormat, ReportOptions, SchemaCoverage, SchemaObject, SchemaKind,
} from 'pgtap-scanner';

declare const coverage: SchemaCoverage;
declare const findings: LintFinding[];

const options: ReportOptions = { format: 'html', colour: false, label: 'tests', sources: [{ path: 'a.sql', text: '' }], generatedAt: new Date() };
const written: string[] = [renderReport(coverage), renderReport(coverage, options), ...REPORT_FORMATS.map((format) => renderReport(coverage, { format }))];
const found: string[] = [renderLint(findings), ...LINT_FORMATS.map((format: LintFormat) => renderLint(findings, { format, colour: true }))];

const kinds: SchemaKind[] = Object.keys(coverage.kinds) as SchemaKind[];
const tables: SchemaSummary | undefined = coverage.kinds.tables;
const [first]: SchemaObject[] = coverage.objects;
const places: string[] = (first?.assertions ?? []).map(({ file, line, type, by }) => `${file}:${line} ${type} ${by}`);
const fixes: number[] = findings.flatMap(({ fix }) => (fix?.certain ? [fix.from, fix.to] : []));

// @ts-expect-error not a format
const unknown: ReportFormat = 'xml';
// @ts-expect-error findings have no page
renderLint(findings, { format: 'html' });
// @ts-expect-error a list of sources
renderReport(coverage, { sources: { path: 'a.sql', text: '' } });
// @ts-expect-error a Date
renderReport(coverage, { generatedAt: 5 });
// @ts-expect-error no such option
const misspelt: LintReportOptions = { color: true };
// @ts-expect-error kinds are those of schemas
const kind: SchemaKind = 'operators';

export const all = [written, found, kinds, tables, places, fixes, unknown, misspelt, kind];
