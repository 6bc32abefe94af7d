/** An object by its schema and name. */
export interface QualifiedName {
  schema: string;
  name: string;
}

/** A column of a relation. */
export interface CatalogColumn {
  name: string;
  /** As `format_type` writes it with an empty search path. */
  type: string;
  notNull: boolean;
  /** The expression of a default or of a generated column. */
  default: string | null;
}

/** A relation. Sequences have no columns here. */
export interface CatalogRelation extends QualifiedName {
  kind: 'table' | 'partitioned_table' | 'view' | 'materialized_view' | 'foreign_table' | 'sequence' | 'composite';
  owner: string;
  rowSecurity: boolean;
  forceRowSecurity: boolean;
  partitionOf: QualifiedName | null;
  inherits: QualifiedName[];
  columns: CatalogColumn[];
}

/** A function, procedure, aggregate or window function. */
export interface CatalogFunction extends QualifiedName {
  kind: 'function' | 'procedure' | 'aggregate' | 'window';
  /** Types of the input arguments, as pgTAP's `has_function` compares them. */
  arguments: string[];
  /** `setof …` in lower case, as pgTAP has it; null for a procedure. */
  returns: string | null;
  language: string;
  owner: string;
}

/** What belongs to a relation. `schema` is the relation's. */
export interface OfRelation extends QualifiedName {
  relation: string;
}

/** A trigger, not an internal one. */
export interface CatalogTrigger extends OfRelation {
  function: QualifiedName;
  /** A partition has it from its parent (seen from PostgreSQL 15 on). */
  inherited: boolean;
}

/** A policy. */
export interface CatalogPolicy extends OfRelation {
  command: 'all' | 'select' | 'insert' | 'update' | 'delete';
  roles: string[];
  permissive: boolean;
}

/** An index. */
export interface CatalogIndex extends OfRelation {
  /** Key columns and expressions as `pg_get_indexdef` writes them. */
  columns: string[];
  unique: boolean;
  primary: boolean;
  method: string;
  /** A partition has it from its parent. */
  inherited: boolean;
}

/** A constraint of a relation. */
export interface CatalogConstraint extends OfRelation {
  type: 'primary_key' | 'foreign_key' | 'unique' | 'check' | 'exclusion';
  columns: string[];
  references: { schema: string; relation: string; columns: string[] } | null;
  /** A partition or child table has it from its parent. */
  inherited: boolean;
}

/** A type that is no relation's row. */
export interface CatalogType extends QualifiedName {
  kind: 'domain' | 'enum' | 'range' | 'base';
  owner: string;
  /** An enum's labels in their order. */
  labels: string[];
  /** What a domain is made of. */
  base: string | null;
}

/** Where a migration makes an object; kinds are those of the coverage (`tables`, `primaryKeys` …). */
export interface CatalogOrigin {
  kind: string;
  schema: string | null;
  relation: string | null;
  name: string;
  /** A function's, as in its entry. */
  arguments?: string[];
  file: string;
  line: number;
}

/** The schema of a database: objects of the system and of extensions are left out, every list is sorted. */
export interface Catalog {
  format: 'pgtap-scanner-catalog';
  version: 1;
  server: { version: number; text: string };
  searchPath: string[];
  pgtap: { version: string; schema: string } | null;
  schemas: { name: string; owner: string }[];
  relations: CatalogRelation[];
  functions: CatalogFunction[];
  triggers: CatalogTrigger[];
  policies: CatalogPolicy[];
  indexes: CatalogIndex[];
  constraints: CatalogConstraint[];
  types: CatalogType[];
  rules: (OfRelation & { event: 'select' | 'insert' | 'update' | 'delete' })[];
  /** `version` is null for an extension that migrations create and PGlite does not have. */
  extensions: { name: string; schema: string; version: string | null }[];
  /** Roles that own, are granted, or stand in a policy of something listed. */
  roles: { name: string; superuser: boolean; canLogin: boolean; memberOf: string[] }[];
  /** Explicit grants to others than the owner; PUBLIC is the role `public`. */
  privileges: {
    kind: 'schema' | 'table' | 'sequence' | 'function';
    schema: string;
    name: string | null;
    arguments: string[] | null;
    role: string;
    privileges: string[];
  }[];
  /** Only where migrations were applied. */
  origins?: CatalogOrigin[];
}

/** What a catalog is read through: a `Client` or `Pool` of pg, a PGlite, or alike. */
export interface CatalogClient {
  query(sql: string): Promise<{ rows: any[] }>;
}

/** Limits of a reading. */
export interface ReadOptions {
  /** PostgreSQL ends a query after this many milliseconds. Default: 60000. */
  statementTimeoutMs?: number;
  /** Ends the reading; with a client of your own between two queries. */
  signal?: AbortSignal;
}

/** Limits of a connection. */
export interface ConnectOptions extends ReadOptions {
  /** How many milliseconds connecting may take. Default: 10000. */
  connectTimeoutMs?: number;
}

/** A statement that was not applied. */
export interface SkippedStatement {
  file: string;
  line: number;
  message: string;
}

/** Which migrations are applied, and how. */
export interface MigrationOptions {
  /** A folder, whose `*.sql` are taken by the bytes of their names and without `*.down.sql`, or files in their order. */
  migrations?: string | string[];
  /** A dump, applied before the migrations; roles that it names are made. */
  schema?: string;
  /** Leave out statements that fail, and list them. Default: false. */
  continueOnError?: boolean;
  /** What the migrations find there. Default: Supabase's roles and schemas when the folder is a Supabase project's. */
  preset?: 'supabase' | null;
  /** Ends the run between two statements. */
  signal?: AbortSignal;
  /** Called before each file. */
  onProgress?(progress: { file: string; applied: number; total: number }): void;
}

/** One of `connection`, `client`, `migrations` (with `schema`, or `schema` alone), `catalog`. */
export interface SourceOptions extends ConnectOptions, MigrationOptions {
  /** `postgres://user:password@host:port/database`; needs the package pg. */
  connection?: string;
  client?: CatalogClient;
  /** A file that `writeCatalog` wrote. */
  catalog?: string;
}

/** The schema to compare tests with. */
export interface SchemaSource {
  kind: 'live' | 'migrations' | 'snapshot';
  catalog: Catalog;
  /** Statements of migrations that were left out. */
  skipped: SkippedStatement[];
}

/** Where a project keeps its tests and migrations. */
export interface Layout {
  name: 'supabase' | 'plain' | 'db' | 'database';
  tests: string;
  migrations: string;
  preset: 'supabase' | null;
  /** Supabase's `config.toml`. */
  config: string | null;
}

/** The catalog of the database that `client` is connected to, read in one read-only transaction; the client must not be inside one. */
export function readCatalog(client: CatalogClient, options?: ReadOptions): Promise<Catalog>;

/** The catalog of the database that a connection string names. */
export function readCatalogFrom(connection: string, options?: ConnectOptions): Promise<Catalog>;

/** The catalog that migrations or a dump make, applied to a PostgreSQL in this process (PGlite). */
export function catalogOfMigrations(options: MigrationOptions): Promise<{ catalog: Catalog; skipped: SkippedStatement[] }>;

/** Writes a catalog to a file: pretty, in a fixed order, whole or not at all. */
export function writeCatalog(catalog: Catalog, file: string): Promise<void>;

/** Reads a catalog that `writeCatalog` wrote. */
export function readCatalogFile(file: string): Promise<Catalog>;

/** The schema to compare tests with, from one of the sources. */
export function schemaSource(options: SourceOptions): Promise<SchemaSource>;

/** The layout of the project in a folder (the current one by default): the first known one that is there. */
export function findLayout(folder?: string): Layout | null;
