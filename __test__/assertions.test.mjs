// What is read of each call: parameters, source, line, label, object, metadata.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PgTapScanner } from './suite-folder.mjs';

const scanner = new PgTapScanner();
const read = (sql) => scanner.extractAssertions(sql);
const one = (call) => {
  const found = read(`SELECT ${call};`);
  assert.equal(found.length, 1, call);
  return found[0];
};

/** Runs `check` on every row and makes sure that all of them ran. */
function each(rows, count, check) {
  let ran = 0;
  for (const row of rows) {
    check(...row);
    ran += 1;
  }
  assert.equal(ran, count);
}

test('literals give their content, everything else its source text', () => {
  each([
    ["'a'", 'a'],
    ["'it''s'", "it's"],
    ["''", ''],
    ["E'a\\nb\\'c\\x41'", "a\nb'cA"],
    ["E'\\u00e4\\U0001F600'", 'ä\u{1F600}'],
    ['$$it\'s$$', "it's"],
    ['$tag$a $$ b$tag$', 'a $$ b'],
    ['"x"', 'x'],
    ['`x`', 'x'],
    ["'a'::text", 'a'],
    ["'a'::name", 'a'],
    ["'{a,b}'::text[]", '{a,b}'],
    ["'a'::character varying(10)", 'a'],
    ["ARRAY['a', 'b']", "'a', 'b'"],
    ['ARRAY[ 1, 2 ]', '1, 2'],
    ["ARRAY['a', 'b']::name[]", "'a', 'b'"],
    ["ARRAY['a,b', 'c)']", "'a,b', 'c)'"],
    ['0', '0'],
    ['  true ', 'true'],
    ['now()', 'now()'],
    ["f('a, b', c(1, 2))", "f('a, b', c(1, 2))"],
    ["'a' || 'b'", "'a' || 'b'"],
    ['(SELECT count(*) FROM t WHERE a = 1)', '(SELECT count(*) FROM t WHERE a = 1)'],
    ['NULL', 'NULL'],
  ], 24, (source, expected) => {
    const found = one(`is(${source}, 1, 'd')`);
    assert.deepEqual(found.parameters, [expected, '1', 'd'], source);
  });
});

test('a call without arguments has no parameters', () => {
  assert.deepEqual(one('pass()').parameters, []);
});

test('type is in lower case and without schema', () => {
  each([['PASS', 'pass'], ['extensions.Has_Table', 'has_table'], ['tap.IS_EMPTY', 'is_empty']], 3, (name, type) => {
    assert.equal(one(`${name}('t')`).type, type);
  });
});

test('rawSql begins at a SELECT that directly leads, and ends with the parenthesis', () => {
  each([
    ["SELECT has_table('t');", ["SELECT has_table('t')"]],
    ["select\n\thas_table(\n 't'\n) ;", ["select\n\thas_table(\n 't'\n)"]],
    ["SELECT pass('a'), pass('b');", ["SELECT pass('a')", "pass('b')"]],
    ["SELECT * FROM has_table('t');", ["has_table('t')"]],
    ["SELECT pass('a)') AS x;", ["SELECT pass('a)')"]],
  ], 5, (sql, expected) => assert.deepEqual(read(sql).map((each) => each.rawSql), expected));
});

test('lineNumber is the line of the name, and the order is by line', () => {
  const found = read("-- one\nSELECT\n  has_table('b');\r\nSELECT pass('x'), fail('y'),\n  ok(true);\n/* a\n b */ SELECT pass();");
  assert.deepEqual(found.map(({ type, lineNumber }) => [type, lineNumber]), [
    ['has_table', 3], ['pass', 4], ['fail', 4], ['ok', 5], ['pass', 7],
  ]);
});

test('an assertion inside another is listed once, with its wrapper', () => {
  each([
    ["ok(has_table('t'), 'd')", 'ok'],
    ["check_test(has_table('t'), true, 'n')", 'check_test'],
    ["collect_tap(has_table('t'))", 'collect_tap'],
  ], 3, (call, wrapper) => {
    const found = one(call);
    assert.deepEqual([found.type, found.target, found.wrapper], ['has_table', 'public.t', wrapper]);
  });
  assert.equal(Object.hasOwn(one('ok(true)'), 'wrapper'), false);
});

const TARGETS = [
  ["has_schema('s')", 's'], ["hasnt_schema('s')", 's'], ["schema_owner_is('s', 'o')", 's'],
  ["has_table('t')", 'public.t'], ["has_table('s', 't'::name)", 's.t'], ["has_table('s', 't', 'a table')", 's.t'],
  ["hasnt_table('t')", 'public.t'], ["table_owner_is('t', 'o')", 'public.t'], ["table_owner_is('s', 't', 'o', 'an owner')", 's.t'],
  ["table_privs_are('t', 'r', ARRAY['SELECT'])", 'public.t'], ["table_privs_are('s', 't', 'r', ARRAY['SELECT'])", 's.t'],
  ["tables_are(ARRAY['a'])", 'public'], ["tables_are('s', ARRAY['a'])", 's'],
  ["has_column('t', 'c')", 't.c'], ["has_column('s', 't', 'c', 'a column')", 's.t.c'],
  ["has_column('public', 'users', 'email')", 'public.users.email'],
  ["col_not_null('t', 'c')", 't.c'], ["col_not_null('s', 't', 'c', 'not null')", 's.t.c'],
  ["col_type_is('t', 'c', 'integer')", 't.c'], ["col_type_is('s', 't', 'c', 'integer', 'its type')", 's.t.c'],
  ["col_has_default('t', 'c')", 't.c'], ["col_default_is('t', 'c', '0')", 't.c'],
  ["has_function('f')", 'f'], ["has_function('s', 'f', ARRAY['int'])", 's.f'],
  ["function_returns('f', 'int')", 'f'], ["function_returns('s', 'f', ARRAY['int'], 'text')", 's.f'],
  ["function_lang_is('f', 'sql')", 'f'], ["function_lang_is('s', 'f', ARRAY['int'], 'sql')", 's.f'],
  ["is_definer('f')", 'f'], ["is_definer('s', 'f')", 's.f'], ["volatility_is('f', 'stable')", 'f'],
  ["volatility_is('s', 'f', 'stable')", 's.f'], ["function_privs_are('f', ARRAY['int'], 'r', ARRAY['EXECUTE'])", 'f'],
  ["function_privs_are('s', 'f', ARRAY['int'], 'r', ARRAY['EXECUTE'])", 's.f'],
  ["function_privs_are('f', 'r', ARRAY['EXECUTE'])", 'f'],
  ["has_index('t', 'i')", 't.i'], ["has_index('s', 't', 'i')", 's.t.i'], ["index_is_unique('s', 't', 'i')", 's.t.i'],
  ["index_is_primary('t', 'i')", 't.i'], ["index_is_type('s', 't', 'i', 'btree')", 's.t.i'],
  ["has_unique('t')", 't'], ["has_unique('s', 't', 'is unique')", 's.t'], ["hasnt_unique('t')", 't'],
  ["has_trigger('t', 'g')", 'public.t.g'], ["has_trigger('s', 't', 'g', 'a trigger')", 's.t.g'],
  ["has_trigger('users', 'upd', 'Update trigger exists')", 'public.users.upd'],
  ["trigger_is('t', 'g', 'f')", 'public.t.g'], ["trigger_is('s', 't', 'g', 'fs', 'f')", 's.t.g'],
  ["is_trigger_on('t', 'g')", 'public.t.g'], ["is_trigger_on('s', 't', 'g')", 's.t.g'],
  ["trigger_fires_on('t', 'g', 'INSERT')", 'public.t.g'], ["trigger_fires_on('s', 't', 'g', 'INSERT')", 's.t.g'],
  ["trigger_is_for('t', 'g', 'ROW')", 'public.t.g'], ["trigger_is_for('s', 't', 'g', 'ROW')", 's.t.g'],
  ["triggers_are('t', ARRAY['g'])", 'public.t'], ["triggers_are('s', 't', ARRAY['g'])", 's.t'],
  ["policy_exists('t', 'p')", 't.p'], ["policy_exists('s', 't', 'p')", 's.t.p'],
  ["policy_cmd_is('t', 'p', 'SELECT')", 't.p'], ["policy_cmd_is('s', 't', 'p', 'SELECT')", 's.t.p'],
  ["policy_roles_are('t', 'p', ARRAY['r'])", 't.p'], ["policy_roles_are('s', 't', 'p', ARRAY['r'])", 's.t.p'],
  ["policies_are('t', ARRAY['p'])", 't'], ["policies_are('s', 't', ARRAY['p'])", 's.t'],
  ["is_rls_enabled('t')", 't'], ["is_rls_enabled('s', 't')", 's.t'],
  ["has_view('v')", 'public.v'], ["has_view('s', 'v', 'a view')", 's.v'], ["has_role('r')", 'r'],
  ["has_extension('x')", 'x'], ["has_extension('s', 'x', 'an extension')", 's.x'], ["is('a', 'b')", ''],
];

test('every family has its label', () => {
  each(TARGETS, 72, (call, target) => assert.equal(one(call).target, target, call));
});

test('the object is what PostgreSQL tests, and a label that says otherwise is marked', () => {
  each([
    ["has_table('s', 't')", ['table', null, 's', 's'], true],
    ["has_table('s', 't'::name)", ['table', 's', 't', 't'], undefined],
    ["has_table('s', 't', 'a table')", ['table', 's', 't', 't'], undefined],
    ["has_column('public', 'users', 'email')", ['column', null, 'public', 'users'], true],
    ["has_column('users', 'email', 'has an email')", ['column', null, 'users', 'email'], undefined],
    ["has_function('s', 'f'::name)", ['function', 's', null, 'f'], undefined],
  ], 6, (call, parts, misread) => {
    const { object, misread: marked } = one(call);
    assert.deepEqual([object.kind, object.schema, object.relation, object.name], parts, call);
    assert.equal(marked, misread, call);
  });
});

test('functionMetadata has only the keys that apply', () => {
  each([
    ["has_function('user_count')", { name: 'user_count' }],
    ["has_function('s', 'f', ARRAY['int', 'text'])", { schema: 's', name: 'f', parameters: ['int', 'text'] }],
    ["has_function('f', ARRAY[]::text[])", { name: 'f', parameters: [] }],
    ["function_returns('s', 'f', ARRAY['int'], 'text')", { schema: 's', name: 'f', parameters: ['int'], returnType: 'text' }],
    ["function_lang_is('f', 'sql')", { name: 'f', language: 'sql' }],
    ["is_definer('f')", { name: 'f', isSecurityDefiner: true }],
    ["isnt_definer('f')", { name: 'f', isSecurityDefiner: false }],
    ["volatility_is('f', 'stable')", { name: 'f', volatility: 'stable' }],
    ["function_privs_are('f', 'r', ARRAY['EXECUTE'])", { name: 'f', role: 'r', privileges: ['EXECUTE'] }],
  ], 9, (call, metadata) => assert.deepEqual(one(call).functionMetadata, metadata, call));
  assert.equal(Object.hasOwn(one("has_table('t')"), 'functionMetadata'), false);
});

test('policyMetadata has only the keys that apply', () => {
  const base = { schema: 'public', tableName: 't' };
  each([
    ["policy_exists('t', 'p')", { ...base, policyName: 'p' }],
    ["policy_cmd_is('s', 't', 'p', 'SELECT', 'what it is for')", {
      schema: 's', tableName: 't', policyName: 'p', command: 'SELECT', description: 'what it is for',
    }],
    ["policy_roles_are('t', 'p', ARRAY['a', 'b'])", { ...base, policyName: 'p', roles: ['a', 'b'] }],
    ["policies_are('t', ARRAY['p', 'q'])", { ...base, policies: ['p', 'q'] }],
    ["is_rls_enabled('t')", base],
  ], 5, (call, metadata) => assert.deepEqual(one(call).policyMetadata, metadata, call));
});

test('table assertions carry their fields themselves', () => {
  const fields = ({ schema, tableName, description, owner, role, privileges, tableList }) => JSON.parse(JSON.stringify(
    { schema, tableName, description, owner, role, privileges, tableList }));
  each([
    ["has_table('t')", { schema: 'public', tableName: 't' }],
    ["has_table('s', 't', 'a table')", { schema: 's', tableName: 't', description: 'a table' }],
    ["table_owner_is('t', 'bob')", { schema: 'public', tableName: 't', owner: 'bob' }],
    ["table_privs_are('s', 't', 'r', ARRAY['SELECT'])", { schema: 's', tableName: 't', role: 'r', privileges: ['SELECT'] }],
    ["tables_are('s', ARRAY['a', 'b'])", { schema: 's', tableList: ['a', 'b'] }],
    ["tables_are(ARRAY['a'], 'all of them')", { schema: 'public', tableList: ['a'], description: 'all of them' }],
  ], 6, (call, expected) => assert.deepEqual(fields(one(call)), expected, call));
});

test('comments, branches, bodies and computed names are marked', () => {
  const commented = new PgTapScanner({ includeCommented: true });
  const sql = "-- SELECT pass('no');\n/* SELECT has_table('t'); */\nSELECT pass('yes');";
  assert.deepEqual(read(sql).map(({ lineNumber }) => lineNumber), [3]);
  assert.deepEqual(commented.extractAssertions(sql).map((each) => each.commented ?? false), [true, true, false]);
  const [body] = read("CREATE FUNCTION test_a() RETURNS SETOF text LANGUAGE sql AS $$ SELECT pass('x'); $$;");
  assert.deepEqual([body.context, body.inFunction], ['function', 'test_a']);
  assert.equal(read("\\if :x\nSELECT pass('a');\n\\endif")[0].conditional, true);
  const computed = one("has_table('orders_' || year)");
  assert.equal(computed.dynamic, true);
  assert.match(computed.pattern, /orders_/);
});

test('what is no call of pgTAP is not listed', () => {
  each([
    ["SELECT 'has_table(''t'')';"], ['SELECT my.has_table(1);'], ['CREATE TABLE has_table (id int);'], ['SELECT ok;'],
    ["INSERT INTO t VALUES ('SELECT pass();');"], [''],
  ], 6, (sql) => assert.deepEqual(read(sql), [], sql));
});

test('extractAssertions takes a string only', () => {
  each([[undefined], [null], [1], [Buffer.from('SELECT 1')]], 4, (value) => {
    assert.throws(() => scanner.extractAssertions(value), { name: 'TypeError', code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  });
});
