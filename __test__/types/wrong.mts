// Lines that must not compile: the compiler complains where one of them does.
import type { Config } from 'pgtap-scanner';
import { BatchProcessor, CoverageDatabase, MemoryMonitor, PgTapScanner, StreamingCoverageDatabase } from 'pgtap-scanner';
import Scanner from 'pgtap-scanner/scanner';
// @ts-expect-error no such name
import { PgTapScaner } from 'pgtap-scanner';
// @ts-expect-error no such subpath
import type {} from 'pgtap-scanner/lib/options.js';

const scanner = new PgTapScanner();

// @ts-expect-error misspelt option
new PgTapScanner({ batchsize: 10 });
// @ts-expect-error wrong type
new PgTapScanner({ batchSize: '10' });
// @ts-expect-error strings are no regular expressions
new Scanner({ ignorePatterns: ['old'] });
// @ts-expect-error unknown kind
new Scanner({ assertions: [{ name: 'x', kind: 'tabel', roles: ['table'] }] });
// @ts-expect-error no roles
new Scanner({ assertions: [{ name: 'x', kind: 'table' }] });
// @ts-expect-error no folder
scanner.scanDirectory();
// @ts-expect-error a signal, not a controller
scanner.scanDirectory('tests', { signal: new AbortController() });
// @ts-expect-error a promise is no array
scanner.scanDirectory('tests').length;
// @ts-expect-error synchronous
scanner.extractAssertions('SELECT pass()').then;
// @ts-expect-error unknown event
scanner.on('finished', () => {});
// @ts-expect-error another event's payload
scanner.on('success', (event: { percentage: number }) => event);
// @ts-expect-error a batch has no percentage
scanner.on('progress', (event) => event.percentage);
// @ts-expect-error unknown format
scanner.exportCoverageReport({ format: 'xml' });
// @ts-expect-error kinds are plural
scanner.getCoverageByObject('table', 'public.users');
// @ts-expect-error may be null
scanner.getCoverageByObject('tables', 'public.users').assertionCount;
// @ts-expect-error may be null
scanner.testFiles[0]!.planCount.toFixed();
// @ts-expect-error read only
scanner.problems = [];
// @ts-expect-error may be absent
scanner.testFiles[0]!.assertions[0]!.object.kind;
// @ts-expect-error no constructor without new
PgTapScanner();
// @ts-expect-error the subpath exports the class and nothing beside it
Scanner.PgTapScanner;
// @ts-expect-error an option of the other store
new StreamingCoverageDatabase({ maxMemory: 1000 });
// @ts-expect-error bytes are a number
new CoverageDatabase({ maxMemory: '100 MB' });
// @ts-expect-error no iteration without iterate()
for await (const record of new CoverageDatabase()) console.log(record);
// @ts-expect-error not an emitter
new CoverageDatabase().on('warning', () => {});
// @ts-expect-error static
new MemoryMonitor().forceGC();
// @ts-expect-error misspelt option
new BatchProcessor(null, { batchsize: 1 });
// @ts-expect-error async items cannot be cut at once
new BatchProcessor().createBatches((async function* () { yield 1; })());

// @ts-expect-error misspelt kind
const config: Config = { failUnder: { tabels: 95 } };

export { config, PgTapScaner };
