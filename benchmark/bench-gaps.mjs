// How long the tests of a large suite take to compare with a large schema, beside the scan.
//
//   npm run bench -- gaps [--tables 5000] [--columns 10] [--files 10000] [--rounds 5] [--keep NAME]
//
// The schema is made in a real PostgreSQL, which Debian's packages postgresql-15 and postgresql-15-pgtap bring; each file
// has 20 assertions about columns. Each round is a fresh process. `analysis` is analyzeGaps() with a catalog that was read.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startPostgres } from '../__test__/postgres/server.mjs';
import { largeSchema } from './generate-schema.mjs';
import { keep } from './keep.mjs';
import { median } from './measure.mjs';

const { values } = parseArgs({ options: {
  tables: { type: 'string', default: '5000' }, columns: { type: 'string', default: '10' }, files: { type: 'string', default: '10000' },
  rounds: { type: 'string', default: '5' }, keep: { type: 'string' },
} });
const [tables, columns, files, rounds] = ['tables', 'columns', 'files', 'rounds'].map((name) => Number(values[name]));
if (![tables, files, rounds].every((number) => Number.isInteger(number) && number > 0) || !(columns > 1)) throw new Error('--tables, --files and --rounds must be whole numbers above 0, --columns above 1');

/** Assertions about every other column, file after file, and again from the first table where files are left. */
function suite(folder) {
  for (let file = 0; file < files; file += 1) {
    const lines = Array.from({ length: 20 }, (_, at) => {
      const table = (file * 4 + Math.floor(at / 5)) % tables;
      return `SELECT has_column('s${Math.floor(table / 250)}', 'table_${table}', 'column_${(at % 5) * 2}', 'The column is there');`;
    });
    const part = join(folder, String(Math.floor(file / 500)));
    mkdirSync(part, { recursive: true });
    writeFileSync(join(part, `${file}_test.sql`), `SELECT plan(20);\n${lines.join('\n')}\nSELECT * FROM finish();\n`);
  }
}

async function fill(settings) {
  const client = new pg.Client(settings);
  await client.connect();
  for (const sql of largeSchema(tables, columns)) await client.query(sql);
  await client.end();
}

const child = fileURLToPath(new URL('gaps-child.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pgtap-bench-gaps-'));
const server = await startPostgres();
try {
  suite(folder);
  await fill(server.settings);
  const runs = Array.from({ length: rounds }, () => {
    const connection = `postgres://postgres@/postgres?host=${server.folder}&port=${server.port}`;
    const { status, stdout, stderr } = spawnSync(process.execPath, [child, folder, connection], { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(`a round ended with ${status}: ${stderr}`);
    return JSON.parse(stdout);
  });
  const summary = Object.fromEntries(Object.keys(runs[0]).map((name) => [name, Math.round(median(runs.map((run) => run[name])))]));
  console.log(`${tables} tables of ${columns} columns, ${files} files, ${rounds} rounds, Node.js ${process.version}`);
  console.table(summary);
  if (values.keep) keep(values.keep, `npm run bench -- gaps --tables ${tables} --columns ${columns} --files ${files} --rounds ${rounds}`, { summary, runs });
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
