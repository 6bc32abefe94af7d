// Preloaded into the program: the parts that read a schema and compare it, replaced by ones that answer what a test
// wants. FAKED names a JSON file: { coverage, layout, schema }, where schema is 'fails', 'breaks' or 'waits'.
'use strict';

const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');

const loading = require('../../lib/cli/load.js');
const { PgTapError } = require('../../lib/errors.js');

const load = loading.load;
const { coverage, layout = null, schema } = JSON.parse(readFileSync(process.env.FAKED, 'utf8'));
const tell = (what, value) => appendFileSync(`${process.env.FAKED}.log`, `${JSON.stringify([what, value])}\n`);

const SCHEMAS = {
  fails: () => { throw new PgTapError('ERR_PGTAP_SCHEMA_CONNECT', 'Nothing listens at localhost, port 1. Is PostgreSQL running?'); },
  breaks: () => { throw new PgTapError('ERR_PGTAP_INTERNAL', 'a bug'); },
  waits: async (signal) => {
    process.stdout.write('waiting\n');
    await pause(60000, undefined, { signal });
  },
};

async function schemaSource({ signal, onProgress, ...options }) {
  tell('source', { ...options, signal: signal instanceof AbortSignal });
  await SCHEMAS[schema]?.(signal);
  for (let applied = 0; applied < 3; applied += 1) onProgress?.({ file: `00${applied}.sql`, applied, total: 3 });
  const skipped = options.continueOnError ? [{ file: '001.sql', line: 2, message: 'no' }] : [];
  return { kind: 'migrations', catalog: { format: 'pgtap-scanner-catalog', version: 1, relations: [{}, {}], functions: [{}] }, skipped };
}

const writeCatalog = async (catalog, file) => writeFileSync(file, `${JSON.stringify(catalog, null, 2)}\n`);

function renderReport(given, { format, colour, sources }) {
  tell('renderReport', { format, colour, sources });
  if (format === 'badge') throw new PgTapError('ERR_PGTAP_INVALID_ARGUMENT', 'no badge today');
  return format === 'json' ? `${JSON.stringify(given, null, 2)}\n` : `${format} of ${given.objects.length} objects`;
}

const withGaps = ({ PgTapScanner }) => ({
  PgTapScanner: class extends PgTapScanner {
    async analyzeGaps(source) {
      const { kind, skipped } = await schemaSource(source);
      tell('analyzeGaps', { files: this.testFiles.length });
      return { coverage: { ...coverage, source: { ...coverage.source, kind }, skipped } };
    }

    suggestTests({ objects }) {
      return `SELECT plan(${objects.length});\n`;
    }
  },
});

const FAKES = {
  '../schema/index.js': () => ({ schemaSource, writeCatalog, findLayout: () => layout }),
  '../reports.js': () => ({ renderReport }),
  '../index.js': () => withGaps(load()),
};

loading.load = (module = '../index.js') => FAKES[module]?.() ?? load(module);
