'use strict';

// The catalogue queries. They use only what PostgreSQL 12 to 18 share, and nothing that needs rights of its own.
// `object` sets below hold what is listed: not the system's, not an extension's, not what a preset made.

/**
 * What the lists choose from. `$made` is replaced by a condition on `oid`: objects that a preset made do not count.
 * Schemas and relations that are not listed stay usable as parents: a trigger on a table of a preset is listed.
 */
const SETS = `
WITH members AS MATERIALIZED (
  SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
), namespaces AS MATERIALIZED (
  SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_catalog.pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_catalog.pg_namespace'::regclass AND m.objid = n.oid)
), parents AS MATERIALIZED (
  SELECT c.*, n.nspname FROM pg_catalog.pg_class c JOIN namespaces n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
    AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid)
    AND NOT (c.relkind = 'c' AND EXISTS (
      SELECT FROM members m WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = c.reltype))
), relations AS MATERIALIZED (
  SELECT * FROM parents c WHERE $made(c.oid)
), routines AS MATERIALIZED (
  SELECT p.*, n.nspname,
    (SELECT coalesce(pg_catalog.json_agg(pg_catalog.format_type(t.type, NULL) ORDER BY t.place), '[]')
     FROM pg_catalog.unnest(p.proargtypes) WITH ORDINALITY t(type, place)) AS arguments
  FROM pg_catalog.pg_proc p JOIN namespaces n ON n.oid = p.pronamespace
  WHERE $made(p.oid) AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
)`;

const SCHEMAS = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', n.oid,
  'name', n.nspname, 'owner', pg_catalog.pg_get_userbyid(n.nspowner)) ORDER BY n.nspname COLLATE "C")
FROM namespaces n WHERE $made(n.oid)`;

const RELATIONS = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', c.oid,
  'schema', c.nspname, 'name', c.relname,
  'kind', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned_table' WHEN 'v' THEN 'view'
    WHEN 'm' THEN 'materialized_view' WHEN 'f' THEN 'foreign_table' WHEN 'S' THEN 'sequence' ELSE 'composite' END,
  'owner', pg_catalog.pg_get_userbyid(c.relowner),
  'rowSecurity', c.relrowsecurity, 'forceRowSecurity', c.relforcerowsecurity,
  'partitionOf', CASE WHEN c.relispartition THEN up.parents -> 0 END,
  'inherits', CASE WHEN c.relispartition OR up.parents IS NULL THEN '[]' ELSE up.parents END,
  'columns', coalesce(columns.list, '[]')) ORDER BY c.nspname COLLATE "C", c.relname COLLATE "C")
FROM relations c
LEFT JOIN (
  SELECT i.inhrelid, pg_catalog.json_agg(
    pg_catalog.json_build_object('schema', n.nspname, 'name', p.relname) ORDER BY i.inhseqno) AS parents
  FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
  JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace GROUP BY i.inhrelid
) up ON up.inhrelid = c.oid
LEFT JOIN (
  SELECT a.attrelid, pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
    'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attnum) AS list
  FROM pg_catalog.pg_attribute a
  JOIN relations r ON r.oid = a.attrelid AND r.relkind <> 'S'
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped GROUP BY a.attrelid
) columns ON columns.attrelid = c.oid`;

/** Types as pgTAP writes a function's result: `setof` in lower case. A procedure has none. */
const FUNCTIONS = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', p.oid,
  'schema', p.nspname, 'name', p.proname,
  'kind', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window' ELSE 'function' END,
  'arguments', p.arguments,
  'returns', CASE WHEN p.prokind <> 'p' THEN
    CASE WHEN p.proretset THEN 'setof ' ELSE '' END || pg_catalog.format_type(p.prorettype, NULL) END,
  'language', l.lanname, 'owner', pg_catalog.pg_get_userbyid(p.proowner)
) ORDER BY p.nspname COLLATE "C", p.proname COLLATE "C", p.arguments::text COLLATE "C")
FROM routines p JOIN pg_catalog.pg_language l ON l.oid = p.prolang`;

/** Copies that partitions have are internal triggers before PostgreSQL 15, and pgTAP does not see them there. */
const TRIGGERS = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', t.oid,
  'schema', c.nspname, 'relation', c.relname, 'name', t.tgname,
  'function', pg_catalog.json_build_object('schema', n.nspname, 'name', p.proname),
  'inherited', coalesce(pg_catalog.to_jsonb(t) ->> 'tgparentid', '0') <> '0'
) ORDER BY c.nspname COLLATE "C", c.relname COLLATE "C", t.tgname COLLATE "C")
FROM pg_catalog.pg_trigger t JOIN parents c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE NOT t.tgisinternal AND $made(t.oid)`;

const POLICIES = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', p.oid,
  'schema', c.nspname, 'relation', c.relname, 'name', p.polname,
  'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'
    WHEN 'd' THEN 'delete' ELSE 'all' END,
  'roles', (SELECT pg_catalog.json_agg(role.name ORDER BY role.name COLLATE "C") FROM (
    SELECT CASE r.id WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(r.id)::text END
    FROM pg_catalog.unnest(p.polroles) r(id)) role(name)),
  'permissive', p.polpermissive
) ORDER BY c.nspname COLLATE "C", c.relname COLLATE "C", p.polname COLLATE "C")
FROM pg_catalog.pg_policy p JOIN parents c ON c.oid = p.polrelid WHERE $made(p.oid)`;

const INDEXES = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', i.oid,
  'schema', c.nspname, 'relation', c.relname, 'name', i.relname,
  'columns', (SELECT pg_catalog.json_agg(pg_catalog.pg_get_indexdef(x.indexrelid, k, false) ORDER BY k)
    FROM pg_catalog.generate_series(1, x.indnkeyatts::integer) k),
  'unique', x.indisunique, 'primary', x.indisprimary, 'method', m.amname, 'inherited', i.relispartition
) ORDER BY c.nspname COLLATE "C", c.relname COLLATE "C", i.relname COLLATE "C")
FROM pg_catalog.pg_index x JOIN parents c ON c.oid = x.indrelid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_am m ON m.oid = i.relam
WHERE $made(i.oid)`;

/**
 * Not-null constraints (rows since PostgreSQL 18) are a column's matter. A foreign key to a partitioned table has a
 * row for each of its partitions, on the same relation: those are how it works, not what was declared.
 */
const CONSTRAINTS = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', k.oid,
  'schema', c.nspname, 'relation', c.relname, 'name', k.conname,
  'type', CASE k.contype WHEN 'p' THEN 'primary_key' WHEN 'f' THEN 'foreign_key' WHEN 'u' THEN 'unique'
    WHEN 'c' THEN 'check' ELSE 'exclusion' END,
  'columns', coalesce(own.list, '[]'),
  'references', CASE WHEN k.contype = 'f' THEN
    pg_catalog.json_build_object('schema', fn.nspname, 'relation', fc.relname, 'columns', (
      SELECT pg_catalog.json_agg(a.attname ORDER BY o.place)
      FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY o(number, place)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = o.number)) END,
  'inherited', k.conparentid <> 0 OR NOT k.conislocal
) ORDER BY c.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C")
FROM pg_catalog.pg_constraint k JOIN parents c ON c.oid = k.conrelid
LEFT JOIN pg_catalog.pg_class fc ON fc.oid = k.confrelid
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
CROSS JOIN LATERAL (
  SELECT pg_catalog.json_agg(a.attname ORDER BY o.place) AS list
  FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY o(number, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.number
) own
WHERE k.contype IN ('p', 'f', 'u', 'c', 'x') AND $made(k.oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)`;

/** Arrays, rows of relations and multiranges come with another type. */
const TYPES = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', t.oid,
  'schema', n.nspname, 'name', t.typname,
  'kind', CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum' WHEN 'r' THEN 'range' ELSE 'base' END,
  'owner', pg_catalog.pg_get_userbyid(t.typowner),
  'labels', coalesce((SELECT pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder)
    FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), '[]'),
  'base', CASE t.typtype WHEN 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END
) ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C")
FROM pg_catalog.pg_type t JOIN namespaces n ON n.oid = t.typnamespace
WHERE t.typtype IN ('d', 'e', 'r', 'b') AND $made(t.oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid)`;

const RULES = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', r.oid,
  'schema', c.nspname, 'relation', c.relname, 'name', r.rulename,
  'event', CASE r.ev_type WHEN '1' THEN 'select' WHEN '2' THEN 'update' WHEN '3' THEN 'insert' ELSE 'delete' END
) ORDER BY c.nspname COLLATE "C", c.relname COLLATE "C", r.rulename COLLATE "C")
FROM pg_catalog.pg_rewrite r JOIN parents c ON c.oid = r.ev_class
WHERE r.rulename <> '_RETURN' AND $made(r.oid)`;

const EXTENSIONS = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', e.oid,
  'name', e.extname, 'schema', n.nspname, 'version', e.extversion) ORDER BY e.extname COLLATE "C")
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql' AND $made(e.oid)`;

/** All but the predefined ones; the reader keeps those that something listed names. */
const ROLES = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'oid', r.oid,
  'name', r.rolname, 'superuser', r.rolsuper, 'canLogin', r.rolcanlogin,
  'memberOf', coalesce((SELECT pg_catalog.json_agg(g.name ORDER BY g.name COLLATE "C") FROM (
    SELECT DISTINCT pg_catalog.pg_get_userbyid(m.roleid) FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid
  ) g(name)), '[]')) ORDER BY r.rolname COLLATE "C")
FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_'`;

/** What `initdb` granted (on the schema public), and what PUBLIC may with every function, is nobody's grant. */
const PRIVILEGES = `
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
  'kind', g.kind, 'schema', g.nspname, 'name', g.name, 'arguments', g.arguments::json,
  'role', g.role, 'privileges', g.privileges
) ORDER BY g.nspname COLLATE "C", g.name COLLATE "C" NULLS FIRST, g.arguments COLLATE "C" NULLS FIRST, g.role COLLATE "C")
FROM (
  SELECT o.kind, o.nspname, o.name, o.arguments,
    CASE a.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END AS role,
    pg_catalog.json_agg(DISTINCT a.privilege_type) AS privileges
  FROM (
    SELECT 'schema' AS kind, n.nspname::text, NULL::text AS name, NULL::text AS arguments, n.nspacl AS acl,
      n.nspowner AS owner, (SELECT i.initprivs FROM pg_catalog.pg_init_privs i
        WHERE i.classoid = 'pg_catalog.pg_namespace'::regclass AND i.objoid = n.oid AND i.privtype = 'i') AS initial
    FROM namespaces n WHERE $made(n.oid)
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.nspname, c.relname, NULL, c.relacl, c.relowner, NULL
    FROM relations c WHERE c.relkind <> 'c'
    UNION ALL
    SELECT 'function', p.nspname, p.proname, p.arguments::text, p.proacl, p.proowner,
      pg_catalog.acldefault('f', p.proowner) FROM routines p
  ) o CROSS JOIN LATERAL (
    SELECT * FROM pg_catalog.aclexplode(o.acl) e
    WHERE e.grantee <> o.owner AND NOT EXISTS (
      SELECT FROM pg_catalog.aclexplode(o.initial) i
      WHERE i.grantee = e.grantee AND i.privilege_type = e.privilege_type)
  ) a
  GROUP BY o.kind, o.nspname, o.name, o.arguments, a.grantee
) g`;

const LISTS = {
  schemas: SCHEMAS, relations: RELATIONS, functions: FUNCTIONS, triggers: TRIGGERS, policies: POLICIES,
  indexes: INDEXES, constraints: CONSTRAINTS, types: TYPES, rules: RULES, extensions: EXTENSIONS, roles: ROLES,
  privileges: PRIVILEGES,
};

const SERVER = `pg_catalog.json_build_object(
  'version', pg_catalog.current_setting('server_version_num')::integer,
  'text', pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1))`;

const PGTAP = `SELECT pg_catalog.json_build_object('version', e.extversion, 'schema', n.nspname)
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pgtap'`;

/** The session's default, whatever it is set to now. */
const SEARCH_PATH = `SELECT s.reset_val FROM pg_catalog.pg_settings s WHERE s.name = 'search_path'`;

/**
 * The query that answers the whole catalog: one row with one JSON text. An empty list is null there, and all but
 * privileges carry their `oid`.
 *
 * @param {[number, number]} [preset] object ids from the first up to the second (without it) were made by a preset
 */
function catalogQuery(preset = [0, 0]) {
  const [from, to] = preset.map(Number);
  const lists = Object.entries(LISTS).map(([name, query]) => `'${name}', (${query})`);
  const sql = `${SETS}
SELECT pg_catalog.json_build_object('server', ${SERVER}, 'searchPath', (${SEARCH_PATH}), 'pgtap', (${PGTAP}),
${lists.join(',\n')})::text AS catalog`;
  return sql.replace(/\$made\(([a-z]+\.oid)\)/g, (_, oid) => `NOT (${oid} >= ${from} AND ${oid} < ${to})`);
}

module.exports = { LISTS: Object.keys(LISTS), catalogQuery };
