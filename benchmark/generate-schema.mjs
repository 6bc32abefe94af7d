// SQL of a large schema: `node benchmark/generate-schema.mjs [tables] [columns] | psql`.

import { fileURLToPath } from 'node:url';

/** Tables per schema. */
const PER_SCHEMA = 250;

const TYPES = ['text', 'integer', 'numeric(12,2)', 'timestamp with time zone', 'boolean', 'jsonb', 'uuid', 'date', 'text[]'];

function table(number, columns) {
  const schema = `s${Math.floor(number / PER_SCHEMA)}`;
  const list = Array.from({ length: columns - 1 }, (_, at) => {
    const type = TYPES[(number + at) % TYPES.length];
    return `column_${at} ${type}${at % 3 === 0 ? ' NOT NULL' : ''}`;
  });
  const name = `${schema}.table_${number}`;
  const statements = [`CREATE TABLE ${name} (id bigint PRIMARY KEY, ${list.join(', ')});`];
  if (number % 5 === 0) statements.push(`CREATE INDEX ON ${name} (column_0);`);
  if (number % 10 === 0) statements.push(`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;`, `CREATE POLICY p ON ${name};`);
  if (number % 4 === 0) statements.push(`CREATE FUNCTION ${schema}.function_${number}(bigint) RETURNS bigint LANGUAGE sql RETURN $1;`);
  return statements.join('\n');
}

/**
 * The statements of a schema of `tables` tables with `columns` columns each, one string for each schema: an index on
 * every fifth table, row security with a policy on every tenth, a function for every fourth.
 */
export function* largeSchema(tables = 5000, columns = 10) {
  for (let from = 0; from < tables; from += PER_SCHEMA) {
    const numbers = Array.from({ length: Math.min(PER_SCHEMA, tables - from) }, (_, at) => from + at);
    yield [`CREATE SCHEMA s${from / PER_SCHEMA};`, ...numbers.map((number) => table(number, columns))].join('\n');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const sql of largeSchema(...process.argv.slice(2).map(Number))) console.log(sql);
}
