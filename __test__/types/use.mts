// Uses everything that the package declares. Only compiled, never run.
import { EventEmitter } from 'node:events';
import {
  BatchProcessor, CoverageDatabase, MemoryMonitor, PgTapScanner, pgTAPTestScanner, StreamingCoverageDatabase,
} from 'pgtap-scanner';
import Scanner from 'pgtap-scanner/scanner';
import type {
  Assertion, AssertionObject, AvailableMemory, BatchFunction, BatchOptions, BatchProcessorOptions, BatchStats,
  CleanupEvent, Config, CoverageAssertion, CoverageDatabaseOptions, CoverageDatabaseView, CoverageEntry, CoverageKind,
  CoverageMap, CoverageReportOptions, CoverageStatistics, CustomAssertion, DirectoryEvent, ExercisedEntry,
  FileErrorEvent, FunctionMetadata, Helper, LintFinding, LintFix, LintOptions, LintResult, LintRule, MemoryState, MemoryStats, MemoryStatusEvent, MemoryUsage, ObjectCoverage,
  ObjectKind, PgTapError, PolicyMetadata, Problem, SavedCounts, ScannerEvents, ScannerOptions, ScanOptions, Statistics,
  SuccessEvent, StoreErrorEvent, StoreWarningEvent, StreamingCoverageDatabaseOptions, StreamingCoverageDatabaseStats, SystemMemory,
  TableCoverage, TestFile, WarningEvent, GapAnalysis, GapOptions, Gaps, RecommendedTest, SchemaCoverage, SchemaKind,
  SchemaObject, SchemaSummary, StaleAssertion,
} from 'pgtap-scanner';

const own: CustomAssertion = { name: 'app.is_audited', kind: 'table', roles: ['schema', 'table', 'desc'] };
const options: ScannerOptions = {
  includeCommented: true,
  fileExtensions: ['.sql', '.pg'],
  includePatterns: ['**/*_test.sql'],
  excludePatterns: [],
  ignorePatterns: [/old/],
  validatePlans: false,
  followSymlinks: true,
  maxDepth: Infinity,
  maxMemoryMB: 200,
  batchSize: 50,
  enableStreaming: true,
  cleanupInterval: 0,
  maxObjectsPerType: 500,
  enableGC: false,
  enableCompression: true,
  assertions: [own, { ...own, pattern: '^app\\.' }],
  pgtapSchemas: ['testing'],
  threads: 2,
};

const config: Config = {
  tests: 'tests', migrations: 'migrations', preset: 'supabase', continue: true, report: ['text', 'html:a.html'],
  failUnder: { materializedViews: 95, total: 80 }, baseline: 'main.json', lint: { disable: ['no-plan'] }, scanner: options,
};

const scanner: PgTapScanner = new PgTapScanner(options);
const same: typeof PgTapScanner = pgTAPTestScanner;
const third: PgTapScanner = new Scanner();
const emitter: EventEmitter = scanner;
const sameClass: boolean = scanner instanceof pgTAPTestScanner && third instanceof same && emitter === scanner;

class Mine extends Scanner {
  names(): string[] {
    return this.testFiles.map((file) => file.fileName);
  }
}

scanner
  .on('directory', (event: DirectoryEvent) => console.log(event.data, event.timestamp.getTime()))
  .on('progress', (event) => {
    if (event.type === 'progress') console.log(event.percentage, event.data.filesProcessed / event.data.totalFiles);
    else console.log(event.batch, event.totalBatches, event.itemsProcessed, event.memoryUsage.rss);
  })
  .once('warning', (event: WarningEvent) => console.log(event.type === 'file_limit', event.data))
  .addListener('cleanup', (event: CleanupEvent) => console.log(event.gcPerformed, event.freedMB))
  .prependListener('memory_status', (event: MemoryStatusEvent) => console.log(event.current < event.threshold))
  .on('success', (event: SuccessEvent) => console.log(event.message))
  .on('error', (event: FileErrorEvent) => console.log(event.error.message, event.data.filePath));
const listener = (event: ScannerEvents['success'][0]): void => console.log(event.message);
scanner.prependOnceListener('success', listener).off('success', listener).removeListener('success', listener);
const heard: boolean = scanner.emit('success', { message: 'done', timestamp: new Date() });

function describe(assertion: Assertion): Array<string | number | boolean | null | undefined> {
  const object: AssertionObject | null | undefined = assertion.object;
  const kind: ObjectKind | undefined = object?.kind;
  const routine: FunctionMetadata | undefined = assertion.functionMetadata;
  const policy: PolicyMetadata | undefined = assertion.policyMetadata;
  return [
    assertion.type, assertion.target, assertion.parameters.join(), assertion.lineNumber.toFixed(), assertion.rawSql,
    assertion.description, assertion.context === 'do', assertion.inFunction, assertion.conditional, assertion.rowDriven,
    assertion.targets?.join(), assertion.dynamic, assertion.pattern, assertion.commented, assertion.wrapper,
    assertion.misread, assertion.helper, assertion.schema, assertion.tableName, assertion.owner, assertion.role,
    assertion.privileges?.join(), assertion.tableList?.join(), kind, object?.schema, object?.relation, object?.name,
    object?.signature, object?.columns?.join(), object?.members?.join(), routine?.schema, routine?.name,
    routine?.parameters?.join(), routine?.returnType, routine?.language, routine?.isSecurityDefiner,
    routine?.volatility, routine?.role, routine?.privileges?.join(), routine?.owner, policy?.schema, policy?.tableName,
    policy?.policyName, policy?.command, policy?.roles?.join(), policy?.policies?.join(), policy?.description,
  ];
}

async function scan(dir: string): Promise<void> {
  const limit: ScanOptions = { signal: AbortSignal.timeout(1000) };
  const files: TestFile[] = await scanner.scanDirectory(dir, limit);
  for await (const file of scanner.stream(dir, limit)) files.push(file);
  const one: TestFile = await scanner.parseTestFile('a.sql');
  const plan: number | null = one.planCount;
  console.log(plan, one.dependencies.join(), one.metadata.size, one.metadata.lines, one.metadata.parsed.getTime());
  scanner.extractAssertions('SELECT pass()').forEach(describe);
  scanner.testFiles = files;
  scanner._buildCoverageMap();
}

function reports(map: CoverageMap, statistics: Statistics): void {
  const users: TableCoverage | undefined = map.tables['public.users'];
  const types: string[] | undefined = map.columns['users.id'];
  const kinds: CoverageKind[] = ['tables', 'materializedViews'];
  const report: CoverageReportOptions = { format: 'csv', includeGaps: true, includeDetails: false, objectTypes: kinds };
  const text: string = scanner.exportCoverageReport(report) + scanner.exportCoverageReport();
  console.log(users?.descriptions, types?.length, map.filesByTarget['users.id']?.[0]?.filePath, text.length);
  console.log(statistics.coverageStats.uniqueTargets, statistics.assertionTypes.has_table, statistics.exercised.relations);
}

async function coverage(): Promise<void> {
  const database: CoverageDatabaseView = await scanner.buildCoverageDatabase();
  const entry: CoverageEntry | undefined = database.objects.tables.get('public.users');
  const first: CoverageAssertion | undefined = entry?.assertions[0];
  const exercised: ExercisedEntry | undefined = database.exercised.relations.get('public.orders');
  console.log(first?.lineNumber, entry?.assertionTypes.has('has_table'), exercised?.testFiles.size);
  console.log(database.assertionCounts.byObject.size, database.gaps.partialCoverage.size, database.patterns.size);
  console.log(database.absences.get('tables:old'), database.fileIndex.size, database.memoryManaged);
  const found: ObjectCoverage | null = scanner.getCoverageByObject('tables', 'public.users');
  const whole: CoverageStatistics = scanner.getCoverageStatistics();
  console.log(found?.coveragePercentage, whole.quality.assertionDiversity, whole.gaps.totalUncovered, whole.topTested.length);
}

function states(): void {
  const state: MemoryState = scanner.memoryState;
  const stats: MemoryStats = scanner.getMemoryStats();
  const usage: MemoryUsage = stats.currentUsage;
  const problems: Problem[] = scanner.problems;
  const helpers: Helper[] = scanner.helpers;
  for (const { code, filePath, line, message, severity } of problems) console.log(code, filePath, line, message, severity);
  for (const { name, schema, parameters, assertions } of helpers) console.log(name, schema, parameters, assertions);
  console.log(state.currentUsageMB, usage.rss, stats.native.limit, stats.options.batchSize, scanner.options.threads);
  console.log(scanner.filesProcessed, scanner.totalAssertions, scanner.coverageDatabase?.totalFiles, heard, sameClass);
  scanner.reset();
  scanner.dispose();
}

async function objects(): Promise<void> {
  const given: StreamingCoverageDatabaseOptions = {
    maxObjectsPerType: Infinity, enableCompression: true, batchSize: 10, maxMemoryMB: 0.5, spill: false, tempDir: '/tmp',
  };
  const store: StreamingCoverageDatabase = new StreamingCoverageDatabase(given);
  store
    .on('warning', (event: StoreWarningEvent) => console.log(event.type, event.data.action, event.data.dropped, event.error?.code))
    .once('error', ({ error }: StoreErrorEvent) => console.log(error.code));
  const taken: boolean = store.addObject('tables', 'public.users', { assertions: [] });
  const map: Map<string, unknown> = store.getObjectsByType('tables');
  const stats: StreamingCoverageDatabaseStats = store.getStats();
  const freed: number = store.compress('tables');
  for await (const { type, name, data } of store) console.log(type, name, data);
  console.log(taken, map.size, stats.compression.ratio, stats.native.high, freed, store.isAtCapacity('tables'), store.options.spill);
  console.log(store.getObject('tables', 'public.users'));
  store.clear();
  store.close();
}

async function saving(file: string): Promise<void> {
  const { files, assertions }: SavedCounts = await (await scanner.buildCoverageDatabase()).save(file);
  const merged: SavedCounts = await PgTapScanner.merge([file], file, { signal: AbortSignal.timeout(1000) });
  await using opened = await PgTapScanner.open(file);
  console.log(files, assertions, merged.files, opened.memoryState.mode, opened.getMemoryStats().streamingDBStats?.diskBytes);
  await opened.close();
}

async function log(): Promise<void> {
  const given: CoverageDatabaseOptions = { maxMemory: 1000, streaming: true, tempDir: '/tmp' };
  const records: CoverageDatabase = new CoverageDatabase(given);
  await records.addCoverage('tables', 'public.users', { assertions: [] });
  await records.flushToDisk();
  for await (const { type, name, coverage } of records.iterate()) console.log(type, name, coverage);
  console.log(records.getStats().disk.rawBytes, records.options.maxMemory);
  await records.clear();
  await records.close();
}

async function batches(items: AsyncIterable<string>): Promise<void> {
  const settings: BatchProcessorOptions = { batchSize: 2, maxMemoryMB: 9, enableGC: false, concurrency: 2, adaptive: true, signal: null };
  const processor = new BatchProcessor(scanner, settings);
  const lengths: BatchFunction<string, number> = async (batch, index) => batch.map((each) => each.length + index);
  const limit: BatchOptions = { signal: AbortSignal.timeout(1000) };
  const all: number[] = await processor.processBatches(['a'], lengths);
  for await (const each of processor.streamBatches(items, lengths, limit)) all.push(each);
  const cut: number[][] = processor.createBatches(new Set(all));
  const { freedMB }: CleanupEvent = await processor.performCleanup();
  await processor.yieldToEventLoop();
  processor.reset();
  const stats: BatchStats = processor.getStats();
  console.log(cut, freedMB, stats.processedBatches, stats.totalItems, new BatchProcessor(null), new BatchProcessor());
}

function memory(): void {
  const system: SystemMemory = MemoryMonitor.getSystemMemory();
  const left: AvailableMemory = MemoryMonitor.getAvailableMemory();
  const usage: MemoryUsage = MemoryMonitor.getMemoryUsage();
  const answers: boolean[] = [MemoryMonitor.forceGC(), MemoryMonitor.shouldTriggerCleanup(1, 2), MemoryMonitor.hasSufficientMemory(1)];
  MemoryMonitor.logMemoryStats();
  MemoryMonitor.logMemoryStats('Scan', { log: (line) => console.log(line) });
  console.log(system.container?.limitBytes, system.peakBytes, left.heapBytes, left.containerBytes, usage.rss, answers);
}

export async function everything(dir: string): Promise<void> {
  try {
    await scan(dir);
    await coverage();
    reports(scanner.getCoverageMap(), scanner.getStatistics());
    states();
    await objects();
    await log();
    await saving(dir);
    memory();
    await batches((async function* () { yield dir; })());
    console.log(new Mine().names());
  } catch (error) {
    console.log((error as PgTapError).code);
  }
}

const lintOptions: LintOptions = {
  fix: true, disable: ['no-plan'], pgtapVersion: '1.3', catalog: { format: 'pgtap-scanner-catalog', schemas: [{ name: 'app' }] },
  signal: new AbortController().signal,
};
const linted: LintResult = await new PgTapScanner().lint(lintOptions);
const finding: LintFinding | undefined = linted.findings[0] ?? linted.fixed[0]?.fixes[0];
const mend: LintFix | null = finding?.fix ?? null;
const rules: LintRule[] = PgTapScanner.lintRules();
export const lint: [string | undefined, number, string, boolean] =
  [mend?.text, finding?.endColumn ?? linted.filesChecked, `${rules[0]?.code} ${linted.skipped[0]?.message}`, finding?.severity === 'error'];
async function gapsOf(options: GapOptions): Promise<string> {
  const { coverage, gaps, recommendedTests, staleAssertions }: GapAnalysis = await scanner.analyzeGaps(options);
  const summary: SchemaSummary = coverage.summary;
  const tables: SchemaSummary | undefined = coverage.kinds.tables;
  const first: SchemaObject | undefined = coverage.objects.find(({ state, assertions }) => state === 'asserted' && assertions[0]?.by === 'member');
  const kind: SchemaKind | undefined = first?.kind;
  const test: RecommendedTest | undefined = recommendedTests[0];
  const stale: StaleAssertion | undefined = staleAssertions[0];
  const known: Gaps | undefined = scanner.coverageDatabase?.gaps;
  console.log(summary.percent, tables?.untested, kind, test?.statement, stale?.nearest, gaps.uncoveredObjects === known?.uncoveredObjects);
  const whole: SchemaCoverage = coverage;
  return scanner.suggestTests(whole);
}
void gapsOf({ catalog: 'catalog.json' });
void gapsOf({ schema: 'schema.sql', signal: AbortSignal.timeout(1000) });
