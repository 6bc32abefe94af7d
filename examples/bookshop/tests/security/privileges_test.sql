-- Who may do what. One block per role.
BEGIN;
SELECT plan(56);

-- customers -------------------------------------------------------------
SELECT schema_privs_are('catalog',  'bookshop_customer', ARRAY['USAGE']);
SELECT schema_privs_are('accounts', 'bookshop_customer', ARRAY['USAGE']);
SELECT schema_privs_are('audit',    'bookshop_customer', ARRAY[]::text[], 'customers cannot even look into audit');
SELECT table_privs_are('catalog', 'books', 'bookshop_customer', ARRAY['SELECT'], 'customers read books');
SELECT table_privs_are('catalog', t, 'bookshop_customer', ARRAY['SELECT'])
  FROM unnest(ARRAY['publishers', 'authors', 'book_authors', 'categories', 'book_categories']::name[]) AS t;
SELECT table_privs_are('catalog', 'reviews', 'bookshop_customer', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
SELECT table_privs_are('catalog', 'price_history', 'bookshop_customer', ARRAY[]::text[]);
SELECT table_privs_are('catalog', 'OnixFeed', 'bookshop_customer', NULL, 'the feed is internal');
SELECT table_privs_are('catalog', 'available_books', 'bookshop_customer', ARRAY['SELECT']);
SELECT table_privs_are('accounts', 'customers', 'bookshop_customer', ARRAY['SELECT']);
SELECT column_privs_are('accounts', 'customers', 'full_name', 'bookshop_customer', ARRAY['SELECT', 'UPDATE']);
SELECT column_privs_are('accounts', 'customers', 'email', 'bookshop_customer', ARRAY['SELECT', 'UPDATE'], 'customers may move to another address');
SELECT column_privs_are('accounts', 'customers', 'loyalty_tier', 'bookshop_customer', ARRAY['SELECT'], 'but not to another tier');
SELECT any_column_privs_are('accounts', 'customers', 'bookshop_customer', ARRAY['SELECT', 'UPDATE']);
SELECT table_privs_are('accounts', 'staff', 'bookshop_customer', ARRAY[]::text[]);
SELECT table_privs_are('sales', 'carts', 'bookshop_customer', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
SELECT table_privs_are('sales', 'orders', 'bookshop_customer', ARRAY['SELECT'], 'orders are written by place_order()');
SELECT table_privs_are('sales', 'payments', 'bookshop_customer', ARRAY[]::text[]);
SELECT function_privs_are('sales', 'place_order', ARRAY['bigint'], 'bookshop_customer', ARRAY['EXECUTE']);
SELECT function_privs_are('sales', 'add_to_cart', ARRAY['bigint', 'bigint', 'integer'], 'bookshop_customer', ARRAY['EXECUTE'], 'customers fill carts');
SELECT function_privs_are('catalog', 'refresh_bestsellers', ARRAY[]::text[], 'bookshop_customer', ARRAY[]::text[], 'customers refresh nothing');
SELECT function_privs_are('accounts', 'register_customer', ARRAY['text', 'text'], 'bookshop_customer', '{}'::text[]);
SELECT sequence_privs_are('sales', 'order_number_seq', 'bookshop_customer', ARRAY[]::text[], 'no numbers for customers');

-- staff -----------------------------------------------------------------
SELECT schema_privs_are('audit', 'bookshop_staff', ARRAY['USAGE'], 'staff see that there is an audit');
SELECT table_privs_are('catalog', 'books', 'bookshop_staff', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
SELECT table_privs_are('catalog', 'authors', 'bookshop_staff', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
SELECT table_privs_are('catalog', 'price_history', 'bookshop_staff', ARRAY['SELECT', 'INSERT']);
SELECT table_privs_are('accounts', 'customers', 'bookshop_staff', ARRAY['SELECT', 'UPDATE']);
SELECT table_privs_are('accounts', 'addresses', 'bookshop_staff', ARRAY['SELECT']);
SELECT table_privs_are('accounts', 'sessions', 'bookshop_staff', ARRAY[]::text[], 'sessions are private');
SELECT table_privs_are('sales', 'orders', 'bookshop_staff', ARRAY['SELECT', 'UPDATE']);
SELECT table_privs_are('sales', 'payments', 'bookshop_staff', ARRAY['SELECT']);
SELECT table_privs_are('sales', 'shipments', 'bookshop_staff', ARRAY['SELECT', 'INSERT', 'UPDATE']);
SELECT table_privs_are('sales', 'stock_levels', 'bookshop_staff', ARRAY['SELECT', 'INSERT', 'UPDATE']);
SELECT table_privs_are('sales', 'low_stock', 'bookshop_staff', ARRAY['SELECT'], 'staff see what to order');
SELECT table_privs_are('audit', 'events', 'bookshop_staff', ARRAY[]::text[], 'but not the trail itself');
SELECT function_privs_are('catalog', 'refresh_bestsellers', ARRAY[]::text[], 'bookshop_staff', ARRAY['EXECUTE']);
SELECT function_privs_are('sales', 'cancel_order', ARRAY['bigint'], 'bookshop_staff', ARRAY['EXECUTE']);
SELECT sequence_privs_are('sales', 'order_number_seq', 'bookshop_staff', ARRAY['USAGE']);

-- auditors --------------------------------------------------------------
SELECT schema_privs_are('audit', 'bookshop_auditor', ARRAY['USAGE']);
SELECT schema_privs_are('sales', 'bookshop_auditor', ARRAY[]::text[]);
SELECT table_privs_are('audit', 'events', 'bookshop_auditor', ARRAY['SELECT']);
SELECT table_privs_are('audit', 'login_failures', 'bookshop_auditor', ARRAY['SELECT']);
SELECT table_privs_are('sales', 'orders', 'bookshop_auditor', ARRAY[]::text[]);
SELECT function_privs_are('audit', 'log_change', ARRAY[]::text[], 'bookshop_auditor', ARRAY[]::text[]);

-- API -------------------------------------------------------------------
SELECT function_privs_are('accounts', 'register_customer', ARRAY['text', 'text'], 'bookshop_api', ARRAY['EXECUTE'], 'the API registers customers');
SELECT schema_privs_are('audit', 'bookshop_api', ARRAY['USAGE'], 'by way of staff');
SELECT is_superuser(current_user, 'these tests run as a superuser');
SELECT isnt_superuser(r) FROM (VALUES ('bookshop_customer'::name), ('bookshop_staff'), ('bookshop_auditor')) AS v (r);

SELECT database_privs_are(current_database(), 'bookshop_customer', ARRAY['CONNECT', 'TEMPORARY']);

SELECT * FROM finish();
ROLLBACK;
