// Catalogs in files, and the choice of a source.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findLayout, readCatalogFile, schemaSource, writeCatalog } from 'pgtap-scanner/schema';
import { inFolder } from './folders.mjs';

const EXAMPLE = join(import.meta.dirname, '../../examples/bookshop/catalog.json');
const text = readFileSync(EXAMPLE, 'utf8');
const fresh = () => JSON.parse(text);

describe('a catalog in a file', () => {
  it('is written as it was read: every byte', async () => {
    await inFolder({}, async (root) => {
      await writeCatalog(await readCatalogFile(EXAMPLE), join(root, 'c.json'));
      assert.equal(readFileSync(join(root, 'c.json'), 'utf8'), text);
      assert.deepEqual(readdirSync(root), ['c.json']);
    });
  });

  it('is in the order of the format, whatever the order of the fields was', async () => {
    const turned = (value) => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).reverse().map(([key, each]) => [key, turned(each)]));
    };
    await inFolder({}, async (root) => {
      await writeCatalog(turned(fresh()), join(root, 'c.json'));
      assert.equal(readFileSync(join(root, 'c.json'), 'utf8'), text);
    });
  });

  it('takes the place of an older one, or leaves it when it cannot', async () => {
    await inFolder({ 'c.json': 'old', 'folder/': '' }, async (root) => {
      await writeCatalog(fresh(), join(root, 'c.json'));
      assert.equal(readFileSync(join(root, 'c.json'), 'utf8'), text);
      await assert.rejects(writeCatalog(fresh(), join(root, 'nowhere/c.json')), { code: 'ERR_PGTAP_SCHEMA_CATALOG_WRITE', message: /nowhere\/c\.json .*check the folder/ });
      await assert.rejects(writeCatalog(fresh(), join(root, 'folder')), { code: 'ERR_PGTAP_SCHEMA_CATALOG_WRITE' });
      await assert.rejects(writeCatalog({ ...fresh(), roles: null }, join(root, 'c.json')), { code: 'ERR_PGTAP_SCHEMA_CATALOG', message: /^The catalog to write: roles is null; expected an array/ });
      assert.equal(readFileSync(join(root, 'c.json'), 'utf8'), text);
      assert.deepEqual(readdirSync(root), ['c.json', 'folder']);
    });
  });

  it('does not take the place of a device', { skip: process.platform === 'win32' }, async () => {
    // A link to a device stands for it: were it replaced, the link would be a file.
    const { symlinkSync, lstatSync } = await import('node:fs');
    await inFolder({}, async (root) => {
      symlinkSync('/dev/null', join(root, 'null'));
      await writeCatalog(fresh(), join(root, 'null'));
      assert.equal(lstatSync(join(root, 'null')).isSymbolicLink(), true);
      assert.equal(statSync(join(root, 'null')).isCharacterDevice(), true);
    });
  });

  const broken = {
    'no JSON': ['{', 'CATALOG', /is no JSON \(/],
    'another file': ['{"name": "x"}', 'CATALOG', /is no catalog: its "format" is nothing, not "pgtap-scanner-catalog"/],
    'a list': ['[]', 'CATALOG', /is no catalog/],
    null: ['null', 'CATALOG', /is no catalog/],
    'a newer version': [{ version: 2 }, 'CATALOG_VERSION', /is a catalog of version 2; this version reads up to 1: update pgtap-scanner/],
    'no version': [{ version: undefined }, 'CATALOG', /version is nothing; expected 1/],
    'version 0': [{ version: 0 }, 'CATALOG', /version is 0; expected 1/],
    'a missing list': [{ policies: undefined }, 'CATALOG', /policies is nothing; expected an array/],
    'a wrong element': [{ schemas: [{ name: 'a', owner: 'b' }, 7] }, 'CATALOG', /schemas\[1\] is 7; expected an object/],
    'a wrong field': [{ roles: [{ name: 'a', superuser: 'no', canLogin: true, memberOf: [] }] }, 'CATALOG', /roles\[0\]\.superuser is "no"; expected true or false/],
    'a wrong kind': [{ rules: [{ schema: 's', relation: 'r', name: 'n', event: 'merge' }] }, 'CATALOG', /rules\[0\]\.event is "merge"; expected one of select, insert, update, delete/],
    'a deep one': [{ privileges: [{ kind: 'schema', schema: 's', name: null, arguments: [1], role: 'r', privileges: [] }] }, 'CATALOG', /privileges\[0\]\.arguments\[0\] is 1; expected a string/],
  };
  for (const [name, [content, code, message]] of Object.entries(broken)) {
    it(`is refused with its place: ${name}`, async () => {
      const written = typeof content === 'string' ? content : JSON.stringify({ ...fresh(), ...content });
      await inFolder({ 'c.json': written }, async (root) => {
        await assert.rejects(readCatalogFile(join(root, 'c.json')), (error) => {
          assert.equal(error.code, `ERR_PGTAP_SCHEMA_${code}`);
          assert.match(error.message, message);
          assert.match(error.message, /c\.json/);
          return true;
        });
      });
    });
  }

  it('may lack what older ones lack, and have more', async () => {
    const { origins, ...older } = fresh();
    assert.equal(origins.length > 0, true);
    for (const list of ['triggers', 'indexes', 'constraints']) older[list].forEach((each) => { delete each.inherited; });
    older.later = 1;
    await inFolder({ 'c.json': JSON.stringify(older) }, async (root) => {
      assert.deepEqual(await readCatalogFile(join(root, 'c.json')), older);
    });
  });

  it('has to be there', async () => {
    await assert.rejects(readCatalogFile('/nowhere.json'), { code: 'ERR_PGTAP_SCHEMA_FILES', message: /Cannot read \/nowhere\.json/ });
    await assert.rejects(readCatalogFile(''), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
    await assert.rejects(writeCatalog(null, 'x'), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
    await assert.rejects(writeCatalog(fresh(), 7), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  });
});

describe('the source of a schema', () => {
  it('is a file', async () => {
    assert.deepEqual(await schemaSource({ catalog: EXAMPLE }), { kind: 'snapshot', catalog: fresh(), skipped: [] });
  });

  it('is a client', async () => {
    const { origins, ...catalog } = fresh();
    assert.equal(origins.length > 0, true);
    const answer = { ...catalog, searchPath: '"$user", public' };
    const client = {
      query: async (sql) => ({ rows: /json_build_object/.test(sql) ? [{ catalog: JSON.stringify(answer) }] : [{ version: '150020' }] }),
    };
    assert.deepEqual(await schemaSource({ client }), { kind: 'live', catalog, skipped: [] });
  });

  it("leaves a platform's own schemas out of a live one, and keeps what the project put there", async () => {
    const { origins, ...catalog } = fresh();
    assert.equal(origins.length > 0, true);
    const moved = { ...catalog, searchPath: 'public' };
    for (const list of ['relations', 'functions', 'triggers', 'policies', 'indexes', 'constraints', 'types', 'rules', 'privileges']) {
      moved[list] = catalog[list].map((each) => (each.schema === 'sales' ? { ...each, schema: 'auth' } : each));
    }
    moved.triggers = moved.triggers.map((each) => (each.function.schema === 'sales' ? { ...each, function: { ...each.function, schema: 'auth' } } : each));
    moved.schemas = catalog.schemas.map((each) => (each.name === 'sales' ? { ...each, name: 'auth' } : each));
    const client = {
      query: async (sql) => ({ rows: /json_build_object/.test(sql) ? [{ catalog: JSON.stringify(moved) }] : [{ version: '150020' }] }),
    };
    const all = await schemaSource({ client });
    const own = await schemaSource({ client, preset: 'supabase' });
    assert.equal(all.catalog.relations.length - own.catalog.relations.length, catalog.relations.filter(({ schema }) => schema === 'sales').length);
    assert.deepEqual(own.catalog.policies, all.catalog.policies);
    assert.deepEqual(own.catalog.triggers.filter(({ schema }) => schema === 'auth').map(({ name }) => name), ['orders_audit']);
    assert.equal(own.catalog.schemas.some(({ name }) => name === 'auth'), false);
    await assert.rejects(schemaSource({ client, preset: 'x' }), { name: 'RangeError', code: 'ERR_PGTAP_INVALID_OPTION' });
  });

  const wrong = [
    [{}, /but none is given; the choices are connection \(.*\), client \(.*\), migrations \(.*\), schema \(.*\), catalog \(/],
    [{ catalog: null }, /none is given/],
    [{ catalog: 'a', migrations: 'b' }, /but migrations and catalog are given/],
    [{ connection: 'postgres://u:secret@h/d', client: {} }, /but connection and client are given/],
  ];
  for (const [options, message] of wrong) {
    it(`is one: ${Object.keys(options).join(', ') || 'none'}`, async () => {
      await assert.rejects(schemaSource(options), (error) => {
        assert.equal(error.code, 'ERR_PGTAP_SCHEMA_SOURCE');
        assert.match(error.message, message);
        assert.doesNotMatch(error.stack, /secret/);
        return true;
      });
    });
  }

  it('is checked', async () => {
    await assert.rejects(schemaSource(), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
    await assert.rejects(schemaSource({ connection: 7 }), { code: 'ERR_PGTAP_INVALID_OPTION', message: /"connection"/ });
    await assert.rejects(schemaSource({ connection: '' }), { code: 'ERR_PGTAP_INVALID_OPTION' });
    await assert.rejects(schemaSource({ connection: 'postgres://h/d', connectTimeoutMs: 1.5 }), { code: 'ERR_PGTAP_INVALID_OPTION', message: /"connectTimeoutMs"/ });
  });
});

describe('the layout of a project', () => {
  const cases = [
    [['supabase/tests/', 'supabase/migrations/', 'tests/', 'migrations/'], 'supabase', 'supabase/tests', 'supabase/migrations'],
    [['supabase/migrations/', 'tests/', 'migrations/', 'db/migrations/'], 'plain', 'tests', 'migrations'],
    [['test/', 'migrations/'], 'plain', 'test', 'migrations'],
    [['db/tests/', 'tests/', 'db/migrations/'], 'db', 'db/tests', 'db/migrations'],
    [['tests/', 'db/migrate/'], 'db', 'tests', 'db/migrate'],
    [['database/test/', 'database/migrations/'], 'database', 'database/test', 'database/migrations'],
  ];
  for (const [folders, name, tests, migrations] of cases) {
    it(`${folders.join(' ')} is ${name}`, async () => {
      await inFolder(Object.fromEntries(folders.map((folder) => [folder, ''])), (root) => {
        const preset = name === 'supabase' ? 'supabase' : null;
        assert.deepEqual(findLayout(root), { name, tests: join(root, tests), migrations: join(root, migrations), preset, config: null });
      });
    });
  }

  it('names the settings of Supabase', async () => {
    await inFolder({ 'supabase/tests/a.sql': '', 'supabase/migrations/1.sql': '' }, (root) => {
      writeFileSync(join(root, 'supabase/config.toml'), '');
      assert.equal(findLayout(root).config, join(root, 'supabase/config.toml'));
    });
  });

  it('may be none', async () => {
    await inFolder({ tests: 'a file', 'migrations/': '' }, (root) => assert.equal(findLayout(root), null));
    assert.throws(() => findLayout(7), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
    assert.equal(findLayout(), null);
  });
});
