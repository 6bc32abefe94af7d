use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::gather::Gather;
use super::includes::Jump;
use super::suggest::suggestion;
use crate::pgtap::arg_type::ArgType;
use crate::pgtap::catalog::{FnId, Group, Since};
use crate::pgtap::found::{Found, Sink};
use crate::pgtap::reader::{Reader, Wanted};
use crate::pgtap::resolve::{Resolution, resolve_at};
use crate::pgtap::suite::{BodyCall, Helper, Suite};
use crate::scan::options::{Given, GivenAssertion, Options};
use crate::schema::catalog::Catalog;
use crate::schema::lookup::Lookup;
use crate::schema::path::SearchPath;

#[path = "object_tests.rs"]
mod objects;
#[path = "stale_tests.rs"]
mod stale;
#[path = "suggestion_tests.rs"]
mod suggestions;

fn relation(name: &str, kind: &str, columns: &[&str]) -> Value {
    let (schema, name) = name.split_once('.').unwrap();
    let columns: Vec<Value> = columns.iter().map(|c| json!({ "name": c })).collect();
    json!({
        "schema": schema, "name": name, "kind": kind, "owner": "postgres", "rowSecurity": name == "users",
        "partitionOf": (name == "orders_2024").then(|| json!({ "schema": "app", "name": "orders" })),
        "columns": columns,
    })
}

fn constraint(relation: &str, name: &str, kind: &str, columns: &[&str]) -> Value {
    let to = |relation: &str| json!({ "schema": "app", "relation": relation, "columns": ["id"] });
    json!({
        "schema": "app", "relation": relation, "name": name, "type": kind, "columns": columns,
        "references": (kind == "foreign_key").then(|| to(if name.ends_with("far") { "far" } else { "users" })),
    })
}

fn small() -> Value {
    let part = |relation: &str, name: &str| json!({ "schema": "app", "relation": relation, "name": name });
    let with = |mut value: Value, more: Value| {
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    };
    let function = |schema: &str, name: &str, arguments: &[&str]| json!({ "schema": schema, "name": name, "kind": "function", "arguments": arguments, "owner": "postgres" });
    let index = |name: &str, columns: &[&str]| with(part("users", name), json!({ "columns": columns }));
    let a_type = |name: &str, kind: &str, labels: &[&str]| json!({ "schema": "app", "name": name, "kind": kind, "owner": "postgres", "labels": labels });
    let grant = |kind: &str, name: Option<&str>, arguments: Option<&[&str]>, role: &str| {
        json!({
            "kind": kind, "schema": "app", "name": name, "arguments": arguments, "role": role,
            "privileges": [if kind == "function" { "EXECUTE" } else { "SELECT" }],
        })
    };
    json!({
        "format": "pgtap-scanner-catalog", "version": 1,
        "server": { "version": 150020, "text": "15.20" },
        "searchPath": ["$user", "public"],
        "pgtap": { "version": "1.2.0", "schema": "public" },
        "schemas": [{ "name": "app", "owner": "postgres" }, { "name": "public", "owner": "postgres" }],
        "relations": [
            relation("app.users", "table", &["id", "email", "name"]),
            relation("app.orders", "partitioned_table", &["id", "at"]),
            relation("app.orders_2024", "table", &["id", "at"]),
            relation("app.active", "view", &["id"]),
            relation("app.totals", "materialized_view", &["n"]),
            relation("app.far", "foreign_table", &["id"]),
            relation("app.numbers", "sequence", &[]),
            relation("app.pair", "composite", &["a"]),
            relation("public.alone", "table", &["x"]),
            relation("public.active", "table", &["x"]),
        ],
        "functions": [
            function("app", "total", &["integer"]), function("app", "total", &["text", "app.mood"]),
            function("app", "touch", &[]), function("public", "total", &["integer"]),
            function("public", "total", &["bigint"]),
        ],
        "triggers": [part("users", "touch_users")],
        "policies": [
            with(part("users", "own"), json!({ "command": "select" })),
            with(part("users", "all"), json!({ "command": "all" })),
        ],
        "indexes": [
            index("users_pkey", &["id"]), index("users_email_key", &["email"]),
            index("users_name_ix", &["name", "lower(email)"]),
        ],
        "constraints": [
            constraint("users", "users_pkey", "primary_key", &["id"]),
            constraint("users", "users_email_key", "unique", &["email"]),
            constraint("users", "users_two_key", "unique", &["name", "email"]),
            constraint("users", "users_name_check", "check", &["name"]),
            constraint("orders", "orders_id_fkey", "foreign_key", &["id"]),
            constraint("orders", "orders_far", "foreign_key", &["id"]),
        ],
        "types": [
            a_type("mood", "enum", &["sad", "ok"]), a_type("posint", "domain", &[]), a_type("span", "range", &[]),
        ],
        "rules": [part("users", "quiet")],
        "extensions": [{ "name": "pgtap", "schema": "public" }, { "name": "pg_cron", "schema": "pg_catalog" }],
        "roles": [{ "name": "web", "superuser": false, "memberOf": [] }],
        "privileges": [
            grant("schema", None, None, "web"), grant("table", Some("users"), None, "web"),
            grant("table", Some("users"), None, "other"), grant("function", Some("total"), Some(&["integer"]), "web"),
            grant("sequence", Some("numbers"), None, "web"),
        ],
    })
}

fn suite() -> Suite {
    let own = GivenAssertion {
        name: Some("my_table".to_owned()),
        pattern: None,
        kind: "table".to_owned(),
        roles: ["table", "schema", "desc"].map(str::to_owned).to_vec(),
    };
    let given = Given {
        assertions: vec![own],
        ..Given::default()
    };
    let mut suite = Options::new(given).unwrap().suite().unwrap();
    suite.schemas.insert(b"app".to_vec());
    suite
}

/// All that tests say about the small schema.
struct Said {
    /// `kind display by` of each asserted object, with the number of assertions when there are several.
    asserted: Vec<String>,
    /// `kind display` of what is exercised and not asserted.
    exercised: Vec<String>,
    /// `line target: reason (nearest)`.
    stale: Vec<String>,
    assertions: u32,
}

fn said_with(sql: &str, start: &[&str], jumps: &[(u32, &[&str])]) -> Said {
    said_by(suite(), sql, start, jumps)
}

fn said_by(suite: Suite, sql: &str, start: &[&str], jumps: &[(u32, &[&str])]) -> Said {
    let text = small().to_string();
    let catalog = Catalog::parse(&text).unwrap();
    let lookup = Lookup::new(&catalog);
    let path = |names: &[&str]| Arc::new(SearchPath::new(names.iter().map(|n| n.as_bytes())));
    let default = path(&["$user", "public"]);
    let mut gather = Gather::new(&suite, &lookup, &default);
    let jumps = jumps.iter().map(|(at, names)| Jump {
        at: *at,
        path: path(names),
    });
    gather.begin(Some(0), path(start), jumps.collect());
    Reader::new(&suite, Wanted::default()).read(sql.as_bytes(), &mut gather);
    let mut said = Said {
        asserted: Vec::new(),
        exercised: Vec::new(),
        stale: Vec::new(),
        assertions: gather.end().assertions,
    };
    for (row, object) in lookup.objects.iter().enumerate() {
        let tested = gather.places.of(row as u32).unwrap();
        let name = format!("{} {}", object.kind.as_str(), object.display);
        match tested.places.first() {
            Some(place) => {
                let by = serde_json::to_value(place.by).unwrap();
                let times = if tested.count > 1 {
                    format!(" x{}", tested.count)
                } else {
                    String::new()
                };
                said.asserted.push(format!("{name} {}{times}", by.as_str().unwrap()));
            }
            None if !tested.exercised.is_empty() => said.exercised.push(name),
            None => {}
        }
    }
    let (stale, _) = gather.candidates.judge(&lookup, &gather.created);
    said.stale = stale
        .into_iter()
        .map(|s| {
            let nearest = s.nearest.map_or(String::new(), |n| format!(" ({n})"));
            format!("{} {}: {}{nearest}", s.place.line, s.target, s.reason)
        })
        .collect();
    said
}

fn said(sql: &str) -> Said {
    said_with(sql, &["public"], &[])
}

fn check(cases: &[(&str, &[&str])]) {
    for (sql, expected) in cases {
        assert_eq!(said(&format!("SELECT {sql};")).asserted, *expected, "{sql}");
    }
}

#[test]
fn relations_are_found_by_the_kinds_that_the_assertion_takes() {
    check(&[
        ("has_table('app', 'users'::name)", &["tables app.users name"]),
        ("has_table('app', 'orders', 'partitioned')", &["tables app.orders name"]),
        ("has_table('app', 'active'::name)", &[]),
        ("has_view('app', 'active', 'a view')", &["views app.active name"]),
        ("has_view('app', 'users', 'no view')", &[]),
        (
            "has_materialized_view('app', 'totals', 'x y')",
            &["materializedViews app.totals name"],
        ),
        (
            "has_foreign_table('app', 'far', 'x y')",
            &["foreignTables app.far name"],
        ),
        ("has_sequence('app', 'numbers', 'x y')", &["sequences app.numbers name"]),
        ("has_composite('app', 'pair', 'x y')", &["types app.pair name"]),
        ("has_relation('app', 'pair', 'x y')", &["types app.pair name"]),
        (
            "relation_owner_is('app', 'active', 'bob', 'x y')",
            &["views app.active name"],
        ),
        ("has_schema('app')", &["schemas app name"]),
        // Both literals are bare: PostgreSQL looks for a table called app.
        ("has_table('app', 'users')", &[]),
        ("has_table('Users')", &[]),
        ("has_table('app.users')", &[]),
        ("hasnt_table('app', 'users'::name)", &[]),
        ("has_table(NULL)", &[]),
    ]);
}

#[test]
fn names_without_a_schema_are_looked_for_along_the_search_path() {
    check(&[
        ("has_table('alone')", &["tables public.alone search_path"]),
        ("has_table('users')", &[]),
        // A view of another schema has the name, but the table is on the path.
        ("has_table('active')", &["tables public.active search_path"]),
        ("has_view('active')", &[]),
        (
            "has_function('total', ARRAY['int'])",
            &["functions public.total(integer) search_path"],
        ),
        ("index_is_unique('users_name_ix')", &[]),
    ]);
    let both = |sql: &str| said_with(sql, &["app", "public"], &[]).asserted;
    assert_eq!(both("SELECT has_table('active');"), [""; 0]);
    assert_eq!(both("SELECT has_view('active');"), ["views app.active search_path"]);
    assert_eq!(
        both("SELECT index_is_unique('users_name_ix');"),
        ["indexes app.users.users_name_ix search_path"]
    );
    // The function of the first schema hides the one of the same arguments in the second.
    assert_eq!(
        both("SELECT has_function('total');"),
        [
            "functions app.total(integer) search_path",
            "functions app.total(text, app.mood) search_path",
            "functions public.total(bigint) search_path",
        ]
    );
}

#[test]
fn the_path_is_the_one_that_holds_at_the_assertion() {
    let sql = "SELECT has_table('users');
        SET LOCAL search_path TO app, public;
        SELECT has_table('users');
        SELECT is(1, 1); SELECT set_config('search_path', 'public', true);
        SELECT has_table('users');
        SET search_path = app; RESET search_path;
        SELECT has_table('users');";
    assert_eq!(said(sql).asserted, ["tables app.users search_path"]);
    // What a function sets holds in the function.
    let body = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET search_path = app; END $$;
        SELECT has_table('users');";
    assert_eq!(said(body).asserted, [""; 0]);
    let body = "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT set_config('search_path', 'app', true) $$;
        SELECT has_table('users');";
    assert_eq!(said(body).asserted, [""; 0]);
    // Behind an include the path is what the included file has set.
    let (at, sql) = (24, "SELECT has_table('users'); SELECT has_table('users');");
    assert_eq!(
        said_with(sql, &["public"], &[(at, &["app"])]).asserted,
        ["tables app.users search_path"]
    );
    // A temporary table hides others of its name.
    let temporary = "SET search_path = app; CREATE TEMP TABLE users (a int); SELECT has_table('users');
        SELECT has_table('app', 'users'::name);";
    assert_eq!(said(temporary).asserted, ["tables app.users name"]);
}

#[test]
fn lists_cover_their_members_and_what_they_are_lists_of() {
    check(&[
        (
            "tables_are('app', ARRAY['users', 'orders'])",
            &[
                "schemas app name",
                "tables app.users member",
                "tables app.orders member",
            ],
        ),
        (
            "tables_are(ARRAY['alone'])",
            &["schemas public search_path", "tables public.alone member"],
        ),
        (
            "columns_are('app', 'users', ARRAY['id', 'email'])",
            &[
                "tables app.users name",
                "columns app.users.id member",
                "columns app.users.email member",
            ],
        ),
        (
            "policies_are('app', 'users', ARRAY['own'])",
            &["tables app.users name", "policies app.users.own member"],
        ),
        (
            "triggers_are('app', 'users', ARRAY['touch_users'])",
            &["tables app.users name", "triggers app.users.touch_users member"],
        ),
        (
            "indexes_are('app', 'users', ARRAY['users_pkey', 'users_name_ix'])",
            &[
                "tables app.users name",
                "indexes app.users.users_name_ix member",
                "primaryKeys app.users.users_pkey member",
            ],
        ),
        (
            "partitions_are('app', 'orders', ARRAY['app.orders_2024'])",
            &["tables app.orders name", "partitions app.orders_2024 member"],
        ),
        (
            "functions_are('app', ARRAY['total'])",
            &[
                "schemas app name",
                "functions app.total(integer) member",
                "functions app.total(text, app.mood) member",
            ],
        ),
        (
            "types_are('app', ARRAY['mood', 'pair'])",
            &["schemas app name", "types app.pair member", "enums app.mood member"],
        ),
        ("roles_are(ARRAY['web'])", &["roles web member"]),
        ("schemas_are(ARRAY['app', 'gone'])", &["schemas app member"]),
        ("extensions_are(ARRAY['pgtap'])", &["extensions pgtap member"]),
        (
            "columns_are('app', 'users', '{id,email}'::name[])",
            &[
                "tables app.users name",
                "columns app.users.id member",
                "columns app.users.email member",
            ],
        ),
    ]);
}

#[test]
fn what_belongs_to_a_relation_does_not_cover_the_relation() {
    check(&[
        (
            "has_column('app', 'users', 'email', 'x y')",
            &["columns app.users.email name"],
        ),
        (
            "has_column('app', 'active', 'id', 'x y')",
            &["columns app.active.id name"],
        ),
        (
            "col_not_null('app', 'users', 'id'::name)",
            &["columns app.users.id name"],
        ),
        (
            "col_hasnt_default('app', 'users', 'id', 'x y')",
            &["columns app.users.id name"],
        ),
        ("hasnt_column('app', 'users', 'id', 'x y')", &[]),
        (
            "has_trigger('app', 'users', 'touch_users', 'x y')",
            &["triggers app.users.touch_users name"],
        ),
        (
            "trigger_is('app', 'users', 'touch_users', 'app', 'touch', 'x y')",
            &["functions app.touch() name", "triggers app.users.touch_users name"],
        ),
        (
            "policy_cmd_is('app', 'users', 'own'::name, 'select')",
            &["policies app.users.own name"],
        ),
        (
            "policy_roles_are('app', 'users', 'own', ARRAY['web'])",
            &["policies app.users.own name"],
        ),
        (
            "has_rule('app', 'users', 'quiet', 'x y')",
            &["rules app.users.quiet name"],
        ),
        (
            "has_index('app', 'users', 'users_name_ix', 'x y')",
            &["indexes app.users.users_name_ix name"],
        ),
        (
            "has_index('app', 'users', 'users_email_key', 'x y')",
            &["uniqueConstraints app.users.users_email_key name"],
        ),
        (
            "index_is_primary('app', 'users', 'users_pkey')",
            &["primaryKeys app.users.users_pkey name"],
        ),
        (
            "is_indexed('app', 'users', ARRAY['name', 'lower(email)'])",
            &["indexes app.users.users_name_ix name"],
        ),
        (
            "is_partition_of('app', 'orders_2024', 'app', 'orders')",
            &["tables app.orders name", "partitions app.orders_2024 name"],
        ),
        ("is_partitioned('app', 'orders', 'x y')", &["tables app.orders name"]),
        ("isnt_partitioned('app', 'users', 'x y')", &["tables app.users name"]),
    ]);
}

#[test]
fn row_security_is_what_reads_it() {
    check(&[
        (
            "tests.rls_enabled('app', 'users')",
            &["tables app.users name", "rls app.users name"],
        ),
        (
            "tests.rls_enabled('app')",
            &["schemas app name", "rls app.users member"],
        ),
        (
            "is_rls_enabled('app', 'users'::name)",
            &["tables app.users name", "rls app.users name"],
        ),
        (
            "is((SELECT relrowsecurity FROM pg_class WHERE oid = 'app.users'::regclass), true, 'x y')",
            &["rls app.users name"],
        ),
        (
            r#"ok(relrowsecurity, 'x') FROM pg_class WHERE oid = '"app"."users"'::regclass"#,
            &["rls app.users name"],
        ),
        (
            "ok(relrowsecurity) FROM pg_class JOIN pg_namespace n ON true WHERE relname = 'users' AND nspname = 'app'",
            &["rls app.users name"],
        ),
        (
            "results_eq($$SELECT relrowsecurity FROM pg_class WHERE relname = 'users' AND relnamespace = 'app'::regnamespace$$, ARRAY[true])",
            &["rls app.users name"],
        ),
        ("ok(relrowsecurity) FROM pg_class WHERE relname = 'orders'", &[]),
        (
            "is((SELECT relname FROM pg_class WHERE oid = 'app.users'::regclass), 'users', 'x y')",
            &[],
        ),
        (
            "policies_are('app', 'orders', ARRAY['none'])",
            &["tables app.orders name"],
        ),
    ]);
    let on_path = "SET search_path = app; SELECT ok(relrowsecurity) FROM pg_class WHERE relname = 'users';";
    assert_eq!(said(on_path).asserted, ["rls app.users name"]);
    let sql = "SELECT relrowsecurity FROM pg_class WHERE oid = 'app.users'::regclass; SELECT is(1, 1);";
    assert_eq!(said(sql).asserted, [""; 0]);
    let helper = Helper {
        schema: None,
        name: b"has_rls".to_vec(),
        parameters: Vec::new(),
        body: vec![BodyCall {
            id: crate::pgtap::catalog::lookup(b"ok").unwrap().index() as u32,
            given: Vec::new(),
            texts: Vec::new(),
            conditional: false,
        }],
        exact: true,
        line: 1,
    };
    let mut suite = suite();
    suite.add_helper(helper);
    let sql = "SELECT has_rls('app', 'users'); SELECT other_rls('app', 'users');";
    assert_eq!(said_by(suite, sql, &["public"], &[]).asserted, ["rls app.users name"]);
}

#[test]
fn computed_names_are_patterns() {
    check(&[
        (
            "has_table('app', 'ord' || x, 'x y')",
            &["tables app.orders pattern", "tables app.orders_2024 pattern"],
        ),
        ("has_table('app', x, 'x y')", &[]),
        ("has_table(:'schema', 'users', 'x y')", &["tables app.users pattern"]),
        (
            "has_column('app', 'orders_' || y, 'at', 'x y')",
            &["columns app.orders_2024.at pattern"],
        ),
        (
            "has_column('app', 'users', 'e' || y, 'x y')",
            &["columns app.users.email pattern"],
        ),
        (
            "has_function('app', 'to' || x, 'x y')",
            &[
                "functions app.total(integer) pattern",
                "functions app.total(text, app.mood) pattern",
                "functions app.touch() pattern",
            ],
        ),
        (
            "columns_are('app', 'users', ARRAY[x, 'id']::name[])",
            &["tables app.users name", "columns app.users.id member"],
        ),
        ("col_is_pk('app', 'users', ARRAY[x]::name[], 'x y')", &[]),
        ("is_indexed('app', 'users', ARRAY[x, y]::name[])", &[]),
        (
            "indexes_are('app', 'users', ARRAY[x]::name[])",
            &["tables app.users name"],
        ),
        (
            "table_privs_are('app', 'users', r, ARRAY['SELECT'])",
            &["tables app.users name"],
        ),
        ("has_enum('app', format('m%s', x), 'x y')", &["enums app.mood pattern"]),
    ]);
}

#[test]
fn rows_helpers_and_configured_assertions_count() {
    check(&[
        (
            "has_table('app', t, 'x y') FROM unnest(ARRAY['users', 'orders']) AS t",
            &["tables app.users name", "tables app.orders name"],
        ),
        (
            "has_column('app', t, c, 'x y') FROM (VALUES ('users', 'id'), ('users', 'email')) AS v (t, c)",
            &["columns app.users.id name", "columns app.users.email name"],
        ),
        ("my_table('users', 'app', 'x y')", &["tables app.users name"]),
        ("my_table('alone')", &["tables public.alone search_path"]),
    ]);
    let twice = said("SELECT has_table('app', 'users'::name); SELECT table_owner_is('app', 'users', 'bob', 'x y');");
    assert_eq!(
        (twice.asserted, twice.assertions),
        (vec!["tables app.users name x2".to_owned()], 2)
    );
    let commented = said("-- SELECT has_table('app', 'users'::name);\n/* SELECT has_schema('app'); */");
    assert_eq!((commented.asserted.len(), commented.assertions), (0, 0));
}

#[test]
fn sql_exercises_relations_and_functions_and_not_their_parts() {
    let sql = "SELECT is((SELECT count(*) FROM app.users), 1::bigint); INSERT INTO app.orders SELECT 1;
        SELECT lives_ok('SELECT app.total(1) FROM app.active'); SELECT is(total(2), 2) FROM alone;";
    let said = said(sql);
    assert_eq!(said.asserted, [""; 0]);
    assert_eq!(
        said.exercised,
        [
            "tables app.users",
            "tables app.orders",
            "tables public.alone",
            "views app.active",
            "functions app.total(integer)",
            "functions app.total(text, app.mood)",
            "functions public.total(integer)",
            "functions public.total(bigint)",
        ]
    );
}
