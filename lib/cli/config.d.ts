import type { ScannerOptions } from '../../index.js';

/** The kinds of objects of a schema, as its coverage counts them, in the order of the reports. */
type SchemaKind =
  | 'schemas' | 'tables' | 'columns' | 'views' | 'materializedViews' | 'foreignTables' | 'sequences' | 'functions'
  | 'triggers' | 'policies' | 'rls' | 'indexes' | 'primaryKeys' | 'foreignKeys' | 'uniqueConstraints' | 'checks' | 'types'
  | 'domains' | 'enums' | 'rules' | 'extensions' | 'roles' | 'privileges' | 'partitions';

/**
 * What a configuration file of the command line exports: `pgtap-scanner.config.js`, `.mjs`, `.cjs` or `.json`, or the key
 * `pgtap-scanner` of `package.json`. Options of the command line win. Paths are relative to the folder of the file. An
 * unknown key, or a value of a wrong type, ends the program with 2. `docs/cli.md` tells where the file is looked for.
 */
export interface Config {
  /** Folder of the tests. */
  tests?: string;
  /** Address of the database that has the schema, or `'env:NAME'` for what that environment variable holds. It stands alone. */
  connection?: string;
  /** Folder of migrations; they are applied to a PostgreSQL inside the process, behind `schema`. Not beside `connection` or `catalog`. */
  migrations?: string;
  /** File of SQL that makes the schema, such as a dump. Not beside `connection` or `catalog`. */
  schema?: string;
  /** Catalog that `pgtap-scanner catalog` saved. It stands alone. */
  catalog?: string;
  /** The platform that the schema builds on: its own schemas are left out. `'none'` where migrations only look so. */
  preset?: 'supabase' | 'none';
  /** Go on behind statements of migrations that fail. */
  continue?: boolean;
  /** Reports, each `'FORMAT'` (to stdout) or `'FORMAT:FILE'`. */
  report?: string | string[];
  /** Least percentage of objects that are asserted, from 0 to 100: of all kinds together, or by kind. */
  failUnder?: number | { [kind in SchemaKind | 'total']?: number };
  /** A saved coverage that must not get worse. */
  baseline?: string;
  /** `disable`: codes of the lint rules that are not wanted. */
  lint?: { disable?: string[] };
  /** Options of the scanner. */
  scanner?: ScannerOptions;
}
