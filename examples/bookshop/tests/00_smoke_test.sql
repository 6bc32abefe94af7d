-- Is this the bookshop database at all? Runs before everything else.
BEGIN;
SELECT plan(20);

SELECT has_extension('pgtap');
SELECT has_extension('plpgsql', 'PL/pgSQL is installed');
SELECT extensions_are(ARRAY['plpgsql', 'pgtap'], 'no other extension is needed');

SELECT has_schema('accounts');
SELECT has_schema('catalog');
SELECT has_schema('sales');
SELECT has_schema('audit');
SELECT hasnt_schema('staging', 'staging area is gone');
SELECT schemas_are(ARRAY['public', 'accounts', 'catalog', 'sales', 'audit', 'reporting']);

SELECT has_language('plpgsql');
SELECT language_is_trusted('plpgsql');

SELECT has_role('bookshop_customer');
SELECT has_role('bookshop_staff');
SELECT has_role('bookshop_auditor');
SELECT has_role('bookshop_api');
SELECT hasnt_role('bookshop_root', 'nobody brought the old super role back');
SELECT isnt_superuser('bookshop_api');
SELECT is_member_of('bookshop_customer', 'bookshop_api');
SELECT is_member_of('bookshop_staff', ARRAY['bookshop_api'], 'the API may act as staff');
-- SELECT is_member_of('bookshop_auditor', 'bookshop_api');   -- decided against, see the privacy notes

SELECT ok(
    current_setting('server_version_num')::int >= 150000,
    'PostgreSQL 15 or later'
);

SELECT * FROM finish();
ROLLBACK;
