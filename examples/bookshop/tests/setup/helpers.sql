-- Assertions of our own, shared by the schema tests.
-- Included inside the transaction of the test.

create schema if not exists test_helpers;
grant usage on schema test_helpers to public;

-- A table exists, has exactly these columns, and this primary key.
create or replace function test_helpers.table_structure(
    schema_name name,
    table_name  name,
    column_names name[],
    pk_columns  name[]
)
returns setof text
language plpgsql
as $body$
begin
    return next has_table(schema_name, table_name, format('table %I.%I exists', schema_name, table_name));
    return next columns_are(schema_name, table_name, column_names, format('columns of %I.%I', schema_name, table_name));
    return next col_is_pk(schema_name, table_name, pk_columns, format('primary key of %I.%I', schema_name, table_name));
end
$body$;

-- A required column: exists, has the type, refuses null.
create or replace function test_helpers.required_column(
    schema_name name,
    table_name  name,
    column_name name,
    column_type text
)
returns setof text
language plpgsql
as $body$
declare
    prefix constant text := format('%s.%s.%s: ', schema_name, table_name, column_name);
begin
    return next has_column(schema_name, table_name, column_name, prefix || 'exists');
    return next col_type_is(schema_name, table_name, column_name, column_type, prefix || 'is ' || column_type);
    return next col_not_null(schema_name, table_name, column_name, prefix || 'is required');
end
$body$;

-- pgTAP has no assertion for row level security being switched on.
create or replace function test_helpers.rls_enabled(schema_name name, table_name name)
returns text
language sql
as $body$
    select is(
        (select c.relrowsecurity
           from pg_catalog.pg_class c
          where c.oid = format('%I.%I', schema_name, table_name)::regclass),
        true,
        format('row level security is on for %I.%I', schema_name, table_name)
    );
$body$;

-- Act as a customer until the end of the transaction or the next "reset role".
create or replace function test_helpers.act_as_customer(id bigint)
returns void
language plpgsql
as $body$
begin
    perform set_config('bookshop.customer_id', id::text, true);
    set local role bookshop_customer;
end
$body$;
