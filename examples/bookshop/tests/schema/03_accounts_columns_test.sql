/*
 * Columns of schema accounts.
 *
 * /* Nested comments are legal SQL: select has_table('nowhere', 'nothing', 'never run'); */
 */
begin;

\ir ../setup/helpers.sql

-- 4 columns lists, then blocks of three
select plan(4 + 3 * 9 + 11);

select columns_are('accounts', 'customers', array['customer_id', 'email', 'full_name', 'is_active', 'loyalty_tier', 'created_at', 'updated_at'], 'customers');
select columns_are('accounts', 'addresses', array['address_id', 'customer_id', 'label', 'street', 'city', 'postcode', 'country_code'], 'addresses');
select columns_are('accounts', 'staff', array['staff_id', 'email', 'full_name', 'reports_to', 'hired_on', 'left_on'], 'staff');
select columns_are('accounts', 'sessions', array['token', 'customer_id', 'opened_at', 'expires_at', 'user_agent'], 'sessions');

select test_helpers.required_column('accounts', 'customers', 'customer_id', 'bigint');
select test_helpers.required_column('accounts', 'customers', 'email', 'accounts.email');
select test_helpers.required_column('accounts', 'customers', 'full_name', 'text');
select test_helpers.required_column('accounts', 'customers', 'is_active', 'boolean');
select test_helpers.required_column('accounts', 'addresses', 'label', 'character varying(40)');
select test_helpers.required_column('accounts', 'addresses', 'country_code', 'character(2)');
select test_helpers.required_column('accounts', 'sessions', 'token', 'uuid');
select test_helpers.required_column(
    schema_name := 'accounts',
    table_name  := 'sessions',
    column_name := 'expires_at',
    column_type := 'timestamp with time zone'
);
select test_helpers.required_column(
    schema_name => 'accounts', table_name => 'staff',
    column_name => 'hired_on', column_type => 'date'
);

select col_is_null(
    'accounts',        -- schema
    'staff',           -- table
    'left_on',         -- column
    'people who still work here have no leaving date'
);
select col_is_null('accounts', 'staff', /* the boss reports to nobody */ 'reports_to', 'reports_to is optional');
select col_is_null(schema_name => 'accounts', table_name => 'sessions', column_name => 'user_agent', description => 'user_agent is optional');
select col_default_is('accounts', 'customers', 'is_active', 'true', 'customers start active');
select col_default_is('accounts', 'customers', 'loyalty_tier', 'standard'::text, 'customers start in the standard tier');
select col_default_is('accounts', 'addresses', 'label', $$home$$::text, $d$the first address is "home"$d$);
select col_has_default('accounts', 'sessions', 'token', 'tokens are generated');
select col_default_is('accounts', 'sessions', 'token', 'gen_random_uuid()', 'tokens are random');
select col_has_default('accounts', 'sessions', 'expires_at', 'sessions expire');
select hasnt_column('accounts', 'customers', 'password', 'passwords live with the identity provider');
select col_hasnt_default('accounts', 'customers', 'email', 'email has no default');

select * from finish();
rollback;
