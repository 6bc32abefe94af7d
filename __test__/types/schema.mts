// Programs against the declarations of pgtap-scanner/schema: right ones, and wrong ones that must not compile.
import {
  catalogOfMigrations, findLayout, readCatalog, readCatalogFile, readCatalogFrom, schemaSource, writeCatalog,
} from 'pgtap-scanner/schema';
import type { Catalog, CatalogClient, SchemaSource } from 'pgtap-scanner/schema';

const client: CatalogClient = { query: async () => ({ rows: [] }) };
const catalog: Catalog = await readCatalog(client, { statementTimeoutMs: 1000, signal: AbortSignal.timeout(1) });
const remote: Catalog = await readCatalogFrom('postgres://localhost/shop', { connectTimeoutMs: 500 });
const { skipped } = await catalogOfMigrations({ migrations: ['a.sql'], schema: 'b.sql', preset: 'supabase', onProgress: ({ file }) => file.length });
const lines: number[] = skipped.map(({ line }) => line);
await writeCatalog(remote, 'c.json');
const kept = await readCatalogFile('c.json');
const source: SchemaSource = await schemaSource({ client });
const preset: 'supabase' | null | undefined = findLayout()?.preset;
const version: string | null | undefined = kept.extensions[0]?.version;
const keys = catalog.constraints.filter(({ type }) => type === 'primary_key').map(({ columns }) => columns.join());

// @ts-expect-error a client has query()
await readCatalog({});
// @ts-expect-error there is no such preset
await catalogOfMigrations({ migrations: 'm', preset: 'firebase' });
// @ts-expect-error origins may be absent
catalog.origins.length;
// @ts-expect-error there is no such kind
catalog.relations[0]!.kind === 'index';

export { keys, lines, preset, source, version };
