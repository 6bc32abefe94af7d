//! Constraints, functions, types, roles and privileges.

use super::*;

#[test]
fn constraints_are_found_by_table_and_columns() {
    check(&[
        (
            "col_is_pk('app', 'users', ARRAY['id'], 'x y')",
            &["columns app.users.id name", "primaryKeys app.users.users_pkey name"],
        ),
        (
            "col_is_pk('app', 'users', 'id', 'x y')",
            &["columns app.users.id name", "primaryKeys app.users.users_pkey name"],
        ),
        (
            "col_is_pk('app', 'users', 'email', 'x y')",
            &["columns app.users.email name"],
        ),
        (
            "has_pk('app', 'users', 'x y')",
            &["primaryKeys app.users.users_pkey name"],
        ),
        ("hasnt_pk('app', 'orders', 'x y')", &["tables app.orders name"]),
        (
            "col_isnt_pk('app', 'users', 'email', 'x y')",
            &["columns app.users.email name"],
        ),
        (
            "col_is_unique('app', 'users', ARRAY['email', 'name'], 'x y')",
            &[
                "columns app.users.email name",
                "columns app.users.name name",
                "uniqueConstraints app.users.users_two_key name",
            ],
        ),
        (
            "has_unique('app', 'users', 'x y')",
            &[
                "uniqueConstraints app.users.users_email_key name",
                "uniqueConstraints app.users.users_two_key name",
            ],
        ),
        (
            "col_has_check('app', 'users', 'name', 'x y')",
            &["columns app.users.name name", "checks app.users.users_name_check name"],
        ),
        (
            "fk_ok('app', 'orders', 'id', 'app', 'users', 'id')",
            &[
                "columns app.users.id name",
                "columns app.orders.id name",
                "foreignKeys app.orders.orders_id_fkey name",
            ],
        ),
        (
            "col_is_fk('app', 'orders', 'id', 'x y')",
            &[
                "columns app.orders.id name",
                "foreignKeys app.orders.orders_id_fkey name",
                "foreignKeys app.orders.orders_far name",
            ],
        ),
    ]);
}

#[test]
fn functions_are_found_by_name_or_by_signature() {
    check(&[
        (
            "has_function('app', 'total', ARRAY['int'])",
            &["functions app.total(integer) name"],
        ),
        (
            "has_function('app', 'total', '{int}'::name[])",
            &["functions app.total(integer) name"],
        ),
        (
            "has_function('app', 'total', ARRAY['text', 'mood'])",
            &["functions app.total(text, app.mood) name"],
        ),
        ("has_function('app', 'total', ARRAY['text'])", &[]),
        (
            "has_function('app', 'touch', ARRAY[]::name[])",
            &["functions app.touch() name"],
        ),
        (
            "has_function('app', 'total'::name)",
            &[
                "functions app.total(integer) name",
                "functions app.total(text, app.mood) name",
            ],
        ),
        ("isnt_definer('app', 'touch'::name)", &["functions app.touch() name"]),
        (
            "can('app', ARRAY['touch'])",
            &["schemas app name", "functions app.touch() member"],
        ),
    ]);
}

#[test]
fn types_roles_and_privileges() {
    check(&[
        ("has_type('app', 'mood'::name)", &["enums app.mood name"]),
        ("has_enum('app', 'mood', 'x y')", &["enums app.mood name"]),
        ("has_domain('app', 'mood', 'x y')", &[]),
        (
            "enum_has_labels('app', 'mood', ARRAY['sad', 'ok'])",
            &["enums app.mood name"],
        ),
        ("has_domain('app', 'posint', 'x y')", &["domains app.posint name"]),
        ("type_owner_is('app', 'span', 'bob', 'x y')", &["types app.span name"]),
        ("has_role('web')", &["roles web name"]),
        ("has_user('web')", &["roles web name"]),
        ("isnt_superuser('web')", &["roles web name"]),
        ("has_extension('pgtap')", &["extensions pgtap name"]),
        ("has_extension('public', 'pgtap', 'x y')", &["extensions pgtap name"]),
        (
            "table_privs_are('app', 'users', 'web', ARRAY['SELECT'])",
            &["tables app.users name", "privileges table app.users to web name"],
        ),
        (
            "table_privs_are('app', 'active', 'web', ARRAY['SELECT'])",
            &["views app.active name"],
        ),
        (
            "schema_privs_are('app', 'web', ARRAY['USAGE'])",
            &["schemas app name", "privileges schema app to web name"],
        ),
        (
            "sequence_privs_are('app', 'numbers', 'web', ARRAY['USAGE'])",
            &[
                "sequences app.numbers name",
                "privileges sequence app.numbers to web name",
            ],
        ),
        (
            "function_privs_are('app', 'total', ARRAY['int'], 'web', ARRAY['EXECUTE'])",
            &[
                "functions app.total(integer) name",
                "privileges function app.total(integer) to web name",
            ],
        ),
        (
            "column_privs_are('app', 'users', 'email', 'web', ARRAY['SELECT'])",
            &["columns app.users.email name"],
        ),
    ]);
}
