//! Assertions about what the schema has not.

use super::*;

#[test]
fn assertions_about_what_is_not_there_are_stale() {
    let cases = [
        (
            "has_table('app', 'usrs'::name)",
            "1 app.usrs: no table app.usrs in the schema (app.users)",
        ),
        (
            "has_table('app', 'nothing_like_it'::name)",
            "1 app.nothing_like_it: no table app.nothing_like_it in the schema",
        ),
        (
            "has_table('app', 'active'::name)",
            "1 app.active: app.active is a view, not a table (public.active)",
        ),
        (
            "has_table('users')",
            "1 users: no table users on the search path (public) (app.users)",
        ),
        (
            "has_column('app', 'users', 'emial', 'x y')",
            "1 app.users.emial: app.users has no column emial (app.users.email)",
        ),
        (
            "has_column('app', 'usrs', 'email', 'x y')",
            "1 app.usrs: no relation app.usrs in the schema (app.users)",
        ),
        (
            "col_isnt_pk('app', 'users', 'emial', 'x y')",
            "1 app.users.emial: app.users has no column emial (app.users.email)",
        ),
        (
            "columns_are('app', 'users', ARRAY['id', 'nam'])",
            "1 app.users.nam: app.users has no column nam (app.users.name)",
        ),
        ("has_pk('app', 'far', 'x y')", "1 app.far: app.far has no primary key"),
        (
            "col_is_pk('app', 'users', 'email', 'x y')",
            "1 app.users(email): app.users has no primary key on (email)",
        ),
        (
            "has_function('app', 'totl'::name)",
            "1 app.totl: no function app.totl in the schema (app.total(integer))",
        ),
        (
            "has_function('app', 'total', ARRAY['date'])",
            "1 app.total(date): no function app.total(date) in the schema (app.total(integer))",
        ),
        ("has_schema('ap')", "1 ap: no schema ap"),
        ("has_schema('appp')", "1 appp: no schema appp (app)"),
        (
            "has_trigger('app', 'users', 'touch_user', 'x y')",
            "1 app.users.touch_user: app.users has no trigger touch_user (app.users.touch_users)",
        ),
        (
            "has_index('app', 'users', 'users_name_i', 'x y')",
            "1 app.users.users_name_i: app.users has no index users_name_i (app.users.users_name_ix)",
        ),
        (
            "has_enum('app', 'moods', 'x y')",
            "1 app.moods: no enum app.moods in the schema (app.mood)",
        ),
        (
            "tables_are('app', ARRAY['usrs'])",
            "1 app.usrs: no table app.usrs in the schema (app.users)",
        ),
        (
            "isnt_definer('app', 'gone'::name)",
            "1 app.gone: no function app.gone in the schema",
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(said(&format!("SELECT {sql};")).stale, [expected], "{sql}");
    }
    let set_up = "CREATE SCHEMA IF NOT EXISTS app; SELECT has_table('app', 'usrs'::name);";
    assert_eq!(said(set_up).stale.len(), 1);
}

#[test]
fn what_no_catalog_can_tell_is_not_stale() {
    let cases = [
        "SELECT hasnt_table('app', 'gone'::name)",
        "SELECT has_table('app', 'gone')",
        "SELECT has_table('app', 'go' || x, 'x y')",
        "SELECT has_table('pg_catalog', 'pg_class'::name)",
        "SELECT has_view('information_schema', 'tables', 'x y')",
        "SELECT has_view('public', 'tap_funky', 'x y')",
        "SELECT has_function('public', 'uuid_generate_v4'::name)",
        "SELECT has_function('now')",
        "SELECT has_type('citext')",
        "SELECT has_schema('cron')",
        "SELECT has_table('cron', 'job'::name)",
        "SELECT has_role('admin')",
        "SELECT has_extension('plpgsql')",
        "SELECT extensions_are(ARRAY['pgtap', 'plpgsql'])",
        "SELECT has_tablespace('gone')",
        "SELECT has_type('app', 'users'::name)",
        "SELECT has_column('app', 'numbers', 'last_value', 'x y')",
        "CREATE TABLE app.made (a int); SELECT has_table('app', 'made'::name); SELECT has_column('app', 'made', 'a', 'x y')",
        "SELECT has_schema('late'); CREATE SCHEMA late",
        "SELECT lives_ok($$CREATE TABLE app.made ()$$); SELECT has_table('app', 'made'::name)",
        "ALTER TABLE app.users ADD COLUMN extra int; SELECT has_column('app', 'users', 'extra', 'x y')",
        "CREATE TEMP TABLE t (); SELECT has_table('t')",
        "SET search_path TO :path; SELECT has_table('gone')",
    ];
    for sql in cases {
        assert_eq!(said(sql).stale, [""; 0], "{sql}");
    }
}
