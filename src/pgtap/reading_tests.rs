//! Readings of calls: labels, PostgreSQL's choice, and where the two differ.

use super::super::testing::read;

/// A call, its label, `schema/relation/name` of what PostgreSQL tests, and whether the two differ.
type Row = (&'static str, &'static str, &'static str, bool);

fn check(table: &[Row], count: usize) {
    let mut wrong = Vec::new();
    for (call, target, object, misread) in table {
        let all = read(&format!("SELECT {call};"));
        let [found] = all.assertions.as_slice() else {
            wrong.push(format!("{call}: {} assertions", all.assertions.len()));
            continue;
        };
        let tested = found.object.clone().flatten().map_or("-".to_owned(), |o| {
            let part = |p: Option<String>| p.unwrap_or_default();
            format!("{}/{}/{}", part(o.schema), part(o.relation), part(o.name))
        });
        if (found.target.as_str(), tested.as_str(), found.misread) != (target, object, *misread) {
            wrong.push(format!("{call}: {} {tested} {}", found.target, found.misread));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(table.len(), count);
}

#[test]
fn labels_keep_the_forms_of_the_replaced_class() {
    let table: &[Row] = &[
        // Schemas.
        ("has_schema('s')", "s", "s//s", false),
        ("hasnt_schema('s')", "s", "s//s", false),
        ("has_schema('s', 'Schema s exists')", "s", "s//s", false),
        ("schema_owner_is('s', 'bob')", "s", "s//s", false),
        ("schemas_are(ARRAY['a', 'b'])", "a,b", "//", false),
        // Tables and other relations.
        ("has_table('t')", "public.t", "/t/t", false),
        ("has_table('t', 'Table t exists')", "public.t", "/t/t", false),
        ("has_table('s', 't', 'Table t exists')", "s.t", "s/t/t", false),
        ("has_table('s', 't'::name)", "s.t", "s/t/t", false),
        ("hasnt_table('s', 't', 'It is gone')", "s.t", "s/t/t", false),
        ("table_owner_is('t', 'bob'::name)", "public.t", "/t/t", false),
        ("table_owner_is('s', 't', 'bob', 'It is his')", "s.t", "s/t/t", false),
        ("table_privs_are('t', 'r', ARRAY['SELECT'])", "public.t", "/t/t", false),
        ("table_privs_are('s', 't', 'r', ARRAY['SELECT'])", "s.t", "s/t/t", false),
        ("has_view('s', 'v', 'View v exists')", "s.v", "s/v/v", false),
        ("has_view('v')", "public.v", "/v/v", false),
        ("tables_are(ARRAY['a', 'b'])", "public", "//", false),
        ("tables_are('s', ARRAY['a', 'b'])", "s", "s//", false),
        ("tables_are('s', ARRAY['a', 'b'], 'All tables')", "s", "s//", false),
        // Columns.
        ("has_column('t', 'c')", "t.c", "/t/c", false),
        ("has_column('t', 'c', 'It is there')", "t.c", "/t/c", false),
        ("has_column('s', 't', 'c', 'It is there')", "s.t.c", "s/t/c", false),
        ("col_not_null('t', 'c')", "t.c", "/t/c", false),
        ("col_not_null('s', 't', 'c'::name)", "s.t.c", "s/t/c", false),
        ("col_type_is('t', 'c', 'integer')", "t.c", "/t/c", false),
        (
            "col_type_is('s', 't', 'c', 'integer', 'Its type')",
            "s.t.c",
            "s/t/c",
            false,
        ),
        ("col_default_is('t', 'c', 0)", "t.c", "/t/c", false),
        ("col_is_pk('t', 'c')", "t.c", "/t/", false),
        // Functions.
        ("has_function('f')", "f", "//f", false),
        ("has_function('s', 'f'::name)", "s.f", "s//f", false),
        ("has_function('s', 'f', ARRAY['integer'])", "s.f", "s//f", false),
        ("has_function('f', ARRAY['integer'])", "f", "//f", false),
        ("function_returns('f', 'integer')", "f", "//f", false),
        (
            "function_returns('s', 'f', ARRAY['integer'], 'text')",
            "s.f",
            "s//f",
            false,
        ),
        ("function_lang_is('f', 'sql')", "f", "//f", false),
        ("function_lang_is('s', 'f', ARRAY['text'], 'sql')", "s.f", "s//f", false),
        ("is_definer('f')", "f", "//f", false),
        ("is_definer('s', 'f', ARRAY['text'])", "s.f", "s//f", false),
        ("volatility_is('f', 'stable')", "f", "//f", false),
        ("volatility_is('s', 'f', ARRAY['text'], 'stable')", "s.f", "s//f", false),
        ("function_privs_are('f', 'r', ARRAY['EXECUTE'])", "f", "//f", false),
        (
            "function_privs_are('s', 'f', ARRAY['text'], 'r', ARRAY['EXECUTE'])",
            "s.f",
            "s//f",
            false,
        ),
        // Indexes.
        ("has_index('t', 'i')", "t.i", "/t/i", false),
        (
            "has_index('public', 't', 'i', 'It is there')",
            "public.t.i",
            "public/t/i",
            false,
        ),
        ("index_is_unique('t', 'i')", "t.i", "/t/i", false),
        ("index_is_unique('s', 't', 'i')", "s.t.i", "s/t/i", false),
        ("index_is_on('t', 'i')", "t.i", "/t/i", false),
        ("has_unique('t')", "t", "/t/", false),
        ("has_unique('s', 't', 'It has one')", "s.t", "s/t/", false),
        // Triggers.
        ("has_trigger('t', 'g')", "public.t.g", "/t/g", false),
        ("has_trigger('s', 't', 'g'::name)", "s.t.g", "s/t/g", false),
        ("trigger_is('t', 'g', 'f')", "public.t.g", "/t/g", false),
        ("trigger_is('s', 't', 'g', 's', 'f')", "s.t.g", "s/t/g", false),
        ("is_trigger_on('t', 'g')", "public.t.g", "/t/g", false),
        ("is_trigger_on('s', 't', 'g'::name)", "s.t.g", "s/t/g", false),
        ("trigger_fires_on('t', 'g', 'INSERT')", "public.t.g", "/t/g", false),
        (
            "trigger_fires_on('s', 't', 'g', 'INSERT', 'It fires')",
            "s.t.g",
            "s/t/g",
            false,
        ),
        ("trigger_is_for('t', 'g', 'ROW')", "public.t.g", "/t/g", false),
        ("triggers_are('t', ARRAY['g'])", "public.t", "/t/", false),
        ("triggers_are('s', 't', ARRAY['g'])", "s.t", "s/t/", false),
        // Policies.
        ("policy_exists('t', 'p')", "t.p", "/t/p", false),
        ("policy_exists('s', 't', 'p'::name)", "s.t.p", "s/t/p", false),
        ("policy_cmd_is('t', 'p', 'select')", "t.p", "/t/p", false),
        ("policy_cmd_is('s', 't', 'p'::name, 'select')", "s.t.p", "s/t/p", false),
        ("policy_roles_are('t', 'p', ARRAY['r'])", "t.p", "/t/p", false),
        ("policy_roles_are('s', 't', 'p', ARRAY['r'])", "s.t.p", "s/t/p", false),
        ("policies_are('t', ARRAY['p'])", "t", "/t/", false),
        ("policies_are('s', 't', ARRAY['p'])", "s.t", "s/t/", false),
        ("is_rls_enabled('t')", "t", "/t/t", false),
        ("is_rls_enabled('s', 't'::name)", "s.t", "s/t/t", false),
        // Kinds the replaced class did not know.
        ("has_type('s', 'ty'::name)", "s.ty", "s//ty", false),
        ("has_role('r')", "r", "//r", false),
        ("has_extension('x')", "x", "//x", false),
        ("has_language('plpgsql')", "plpgsql", "//plpgsql", false),
        ("has_sequence('s', 'q'::name)", "s.q", "s/q/q", false),
        ("has_enum('e')", "public.e", "//e", false),
        ("has_cast('a', 'b')", "a AS b", "//a b", false),
    ];
    check(table, 77);
}

#[test]
fn a_bare_last_name_is_a_name_to_the_label_and_a_description_to_postgresql() {
    let table: &[Row] = &[
        ("has_table('public', 'users')", "public.users", "/public/public", true),
        ("hasnt_table('public', 'users')", "public.users", "/public/public", true),
        (
            "has_column('public', 'users', 'email')",
            "public.users.email",
            "/public/users",
            true,
        ),
        (
            "has_column('public', 'users', 'id'::name)",
            "public.users",
            "/public/users",
            false,
        ),
        ("has_column('users', 'id', 'has an id')", "users.id", "/users/id", false),
        (
            "hasnt_column('public', 'users', 'id')",
            "public.users.id",
            "/public/users",
            true,
        ),
        (
            "col_is_pk('public', 'users', 'id'::name)",
            "public.users.id",
            "public/users/",
            false,
        ),
        (
            "has_trigger('public', 'users', 'tr')",
            "public.users.tr",
            "/public/users",
            true,
        ),
        (
            "has_trigger('users', 'upd', 'Update trigger exists')",
            "public.users.upd",
            "/users/upd",
            false,
        ),
        ("has_function('public', 'f')", "public.f", "//public", true),
        (
            "col_type_is('public', 'users', 'id', 'integer')",
            "public.users.id",
            "/public/users",
            true,
        ),
        (
            "policy_cmd_is('public', 'users', 'p1', 'select')",
            "public.users.p1",
            "/public/users",
            true,
        ),
        (
            "policy_cmd_is('public', 'users', 'p1'::name, 'select')",
            "public.users.p1",
            "public/users/p1",
            false,
        ),
        (
            "table_owner_is('public', 'users', 'bob')",
            "public.users",
            "/public/public",
            true,
        ),
        (
            "table_owner_is('public', 'users', 'bob'::name)",
            "public.users",
            "public/users/users",
            false,
        ),
        ("has_unique('t', 'c')", "t.c", "/t/", true),
        (
            "has_index('public', 'users', 'ix', 'nope')",
            "public.users.ix",
            "public/users/ix",
            false,
        ),
        ("has_table('t', '')", "public.t", "/t/t", false),
        ("has_table('s', 'double precision')", "s.double precision", "/s/s", true),
        ("has_table('s', 'two words')", "public.s", "/s/s", false),
    ];
    check(table, 20);
}

/// PostgreSQL's choice by the roles of its parameters; `-` where it refuses the call.
fn check_chosen(table: &[(&str, &str)], count: usize) {
    let said = |call: &str| read(&format!("SELECT {call};")).chosen.join(" + ");
    let wrong: Vec<String> = table
        .iter()
        .filter(|(call, roles)| said(call) != *roles)
        .map(|(call, _)| format!("{call}: {}", said(call)))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(table.len(), count);
}

#[test]
fn postgresql_takes_the_last_literal_for_the_description() {
    let table = [
        ("has_table('public','users')", "table,desc"),
        ("has_table('public','users'::name)", "schema,table"),
        ("hasnt_table('public','users')", "table,desc"),
        ("has_column('public','users','id')", "table,column,desc"),
        // There is no (name, name, name): even casts do not help.
        ("has_column('public','users','id'::name)", "table,column,desc"),
        (
            "has_column('public'::name,'users'::name,'id'::name)",
            "table,column,desc",
        ),
        ("hasnt_column('public','users','id')", "table,column,desc"),
        ("col_not_null('public','users','id'::name)", "schema,table,column,desc"),
        ("col_is_pk('public','users','id'::name)", "schema,table,column"),
        ("has_pk('s','t'::name)", "schema,table"),
        ("has_composite('s','t'::name)", "schema,type"),
        ("has_trigger('public','users','tr')", "table,trigger,desc"),
        ("has_trigger('public','users','tr'::name)", "schema,table,trigger"),
        ("has_function('public','f')", "function,desc"),
        ("has_function('public','f'::name)", "schema,function"),
        ("has_function('public','f','{integer,text}')", "schema,function,desc"),
        ("has_function('public','f',ARRAY['integer'])", "schema,function,args[]"),
        ("col_type_is('public','users','id','integer')", "table,column,type,desc"),
        (
            "col_type_is('public','users','id','integer','d')",
            "schema,table,column,type,desc",
        ),
        (
            "col_type_is('public','users','id'::name,'integer')",
            "schema,table,column,type",
        ),
        (
            "policy_cmd_is('public','users','p1','select')",
            "table,policy,command,desc",
        ),
        (
            "policy_cmd_is('public','users','p1'::name,'select')",
            "schema,table,policy,command",
        ),
        ("policies_are('public','users','{p1}')", "-"),
        ("policies_are('public','users',ARRAY['p1'])", "schema,table,policies[]"),
        ("tables_are('public','{users}')", "-"),
        ("table_privs_are('s','t','r','{SELECT}')", "-"),
        ("columns_are('s','t','{id}')", "-"),
        ("can('a','b')", "-"),
        ("is_ancestor_of('a','b','c','d')", "-"),
        ("is_indexed('a','b','c')", "-"),
        ("index_is_unique('public','users','ix')", "schema,table,index"),
        (
            "is_partition_of('cs','c','ps','p')",
            "child_schema,child_table,parent_schema,parent_table",
        ),
        (
            "trigger_is('s','t','g','fs','f')",
            "schema,table,trigger,func_schema,function",
        ),
        (
            "fk_ok('a','b','c','d','e','f')",
            "fk_schema,fk_table,fk_column,pk_schema,pk_table,pk_column",
        ),
        ("table_owner_is('public','users','bob')", "table,owner,desc"),
        ("table_owner_is('public','users','bob'::name)", "schema,table,owner"),
        ("table_owner_is('public','users','bob','d')", "schema,table,owner,desc"),
        ("view_owner_is('public','v','bob')", "view,owner,desc"),
        ("has_unique('t','c')", "table,desc"),
        // PostgreSQL chooses, then refuses: nothing says what `anyelement` is.
        ("is('a','b')", "-"),
        ("cmp_ok('a','=','a')", "-"),
        ("is(1, 2::bigint)", "-"),
        ("is(count(*), 1)", "-"),
        ("is(count(*), 1::bigint)", "have,want"),
    ];
    check_chosen(&table, 44);
}

#[test]
fn signatures_with_two_readings_are_decided_as_pgtap_does_at_run_time() {
    let table = [
        ("has_index('public','users','ix'::name)", "schema,table,index"),
        ("has_index('users','ix','email'::name)", "table,index,column/expression"),
        (
            "has_index('public','users','ix','It is there')",
            "schema,table,index,desc",
        ),
        (
            "has_index('users','ix','email'::name,'It is there')",
            "table,index,column,desc",
        ),
        ("has_index('users','ix','lower(email)')", "table,index,expression"),
        ("has_index('users','ix','email')", "table,index,desc"),
        ("has_index('public','users','ix','nope')", "schema,table,index,desc"),
        (
            "has_index('public','users','ix',ARRAY['email'])",
            "schema,table,index,columns[]",
        ),
        (
            "has_index('public','users','ix','email'::name)",
            "schema,table,index,column",
        ),
        ("is_indexed('public','users','email'::name)", "schema,table,column"),
        ("is_indexed('users','email','It is'::name)", "table,column,desc"),
        ("throws_ok('SELECT 1','22012')", "sql,errcode"),
        ("throws_ok('SELECT 1','division by zero')", "sql,errmsg"),
        ("throws_ok('SELECT 1','22012','my description')", "sql,errcode,errmsg"),
        ("throws_ok('SELECT 1','by zero','my description')", "sql,errmsg,desc"),
        (
            "throws_ok('SELECT 1','22012',NULL,'my description')",
            "sql,errcode,errmsg,desc",
        ),
        ("throws_ok('SELECT 1',22012)", "sql,errcode"),
    ];
    check_chosen(&table, 17);
}

#[test]
fn named_arguments_stand_where_their_parameters_do() {
    let table: &[Row] = &[
        (
            "col_not_null(column_name => 'c', table_name => 't')",
            "t.c",
            "/t/c",
            false,
        ),
        (
            "col_not_null(COLUMN_NAME := 'c', \"table_name\" := 't')",
            "t.c",
            "/t/c",
            false,
        ),
        ("col_not_null('t', column_name => 'c')", "t.c", "/t/c", false),
        (
            "col_not_null(schema_name => 's', table_name => 't', column_name => 'c')",
            "s.t.c",
            "s/t/c",
            false,
        ),
        (
            "col_not_null('s', column_name => 'c', table_name => 't')",
            "s.t.c",
            "s/t/c",
            false,
        ),
        // The description is no name, whatever it reads like.
        (
            "col_is_null(description => 'users', table_name => 't', column_name => 'c')",
            "t.c",
            "/t/c",
            false,
        ),
        ("col_is_null('t', 'c', description => 'users')", "t.c", "/t/c", false),
        // PostgreSQL knows no such function.
        ("col_not_null(table_name => 't', colum_name => 'c')", "t.c", "-", false),
        (
            "col_not_null(\"TABLE_NAME\" => 't', column_name => 'c')",
            "t.c",
            "-",
            false,
        ),
        ("has_table(table_name => 't')", "public.t", "-", false),
    ];
    check(table, 10);
}

#[test]
fn named_arguments_are_listed_in_the_order_of_the_parameters() {
    let of = |call: &str| {
        let found = read(&format!("SELECT {call};")).assertions.remove(0);
        (found.parameters, found.description)
    };
    let described = (["t", "c", "d"].map(str::to_owned).to_vec(), Some("d".to_owned()));
    assert_eq!(
        of("col_not_null(description => 'd', column_name => 'c', table_name => 't')"),
        described
    );
    assert_eq!(
        of("col_not_null('t', description => 'd', column_name => 'c')"),
        described
    );
    assert_eq!(of("has_table(b => 'y', a => 'x')").0, ["y", "x"]);
}

#[test]
fn helpers_keep_the_names_of_their_calls() {
    let sql = "CREATE FUNCTION h(a name) RETURNS text LANGUAGE sql AS $$
        SELECT col_not_null(column_name => 'c', table_name => a, schema_name => 's') $$; SELECT h('t');";
    let found = read(sql).assertions;
    let expanded: Vec<_> = found.iter().filter(|a| a.helper.is_some()).map(|a| &a.target).collect();
    assert_eq!(expanded, ["s.t.c"]);
}
