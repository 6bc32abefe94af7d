begin;
\ir ../setup/helpers.sql
select plan(8 + 8 + 12 + 19 + 2);

-- 1. row level security is on (8)
select test_helpers.rls_enabled('accounts', 'customers');
select test_helpers.rls_enabled('accounts', 'addresses');
select test_helpers.rls_enabled('catalog', 'reviews');
select test_helpers.rls_enabled('sales', 'carts');
select test_helpers.rls_enabled('sales', 'cart_items');
select test_helpers.rls_enabled('sales', 'orders');
select test_helpers.rls_enabled(schema_name => 'sales', table_name => 'order_lines');
select test_helpers.rls_enabled(table_name := 'events', schema_name := 'audit');

-- 2. the policies of each table (8)
select policies_are('accounts', 'customers', array['customers_see_self', 'customers_edit_self', 'staff_manage_customers']);
select policies_are('accounts', 'addresses', array['addresses_own', 'addresses_staff_read']);
select policies_are(
    'catalog',
    'reviews',
    array [
        'reviews_read_published',
        'reviews_read_own',
        'reviews_write_own',
        'reviews_moderate'
    ],
    'policies of catalog.reviews'
);
select policies_are('sales', 'carts', array['carts_own', 'carts_staff_read']);
select policies_are('sales', 'cart_items', array['cart_items_own']);
select policies_are('sales', 'orders', array['orders_own', 'orders_staff_read', 'orders_staff_update']);
select policies_are('sales', 'order_lines', array['order_lines_own', 'order_lines_staff']);
select policies_are('audit', 'events', array['events_auditor_read'], 'only auditors read the trail');

-- 3. for whom (12)
select policy_roles_are('accounts', 'customers', 'customers_see_self', array['bookshop_customer']);
select policy_roles_are('accounts', 'customers', 'customers_edit_self', array['bookshop_customer']);
select policy_roles_are('accounts', 'customers', 'staff_manage_customers', array['bookshop_staff']);
select policy_roles_are('accounts', 'addresses', 'addresses_own', array['bookshop_customer']);
select policy_roles_are('catalog', 'reviews', 'reviews_read_published', array['bookshop_customer', 'bookshop_staff'], 'published reviews are for everybody');
select policy_roles_are('catalog', 'reviews', 'reviews_moderate', array['bookshop_staff'], 'staff moderate');
select policy_roles_are('sales', 'carts', 'carts_own', array['bookshop_customer']);
select policy_roles_are('sales', 'cart_items', 'cart_items_own', array['bookshop_customer']);
select policy_roles_are('sales', 'orders', 'orders_own', array['bookshop_customer']);
select policy_roles_are('sales', 'orders', 'orders_staff_update', array['bookshop_staff']);
select policy_roles_are('sales', 'order_lines', 'order_lines_staff', array['bookshop_staff']);
select policy_roles_are('audit', 'events', 'events_auditor_read', array['bookshop_auditor']);

-- 4. for what (19)
select policy_cmd_is('accounts', 'customers', 'customers_see_self'::name, 'select');
select policy_cmd_is('accounts', 'customers', 'customers_edit_self'::name, 'update');
select policy_cmd_is('accounts', 'customers', 'staff_manage_customers'::name, 'all');
select policy_cmd_is('accounts', 'addresses', 'addresses_own'::name, 'all');
select policy_cmd_is('accounts', 'addresses', 'addresses_staff_read'::name, 'SELECT');
select policy_cmd_is('catalog', 'reviews', 'reviews_read_published', 'select', 'published reviews can be read');
select policy_cmd_is('catalog', 'reviews', 'reviews_read_own', 'select', 'own reviews can be read');
select policy_cmd_is('catalog', 'reviews', 'reviews_write_own', 'insert', 'reviews can be written');
select policy_cmd_is('catalog', 'reviews', 'reviews_moderate', 'all', 'reviews can be moderated');
select policy_cmd_is('sales', p.table_name, p.policy_name::name, p.cmd, p.policy_name || ' is for ' || p.cmd)
  from (values
        ('carts'::name, 'carts_own', 'all'),
        ('carts', 'carts_staff_read', 'select'),
        ('cart_items', 'cart_items_own', 'all'),
        ('orders', 'orders_own', 'select'),
        ('orders', 'orders_staff_read', 'select'),
        ('orders', 'orders_staff_update', 'update'),
        ('order_lines', 'order_lines_own', 'select'),
        ('order_lines', 'order_lines_staff', 'select')
       ) as p (table_name, policy_name, cmd);
select policy_cmd_is('audit', 'events', 'events_auditor_read', 'select', 'auditors read');
select is_empty(
    $$select * from pg_catalog.pg_policies where schemaname = 'sales' and cmd = 'DELETE'$$,
    'nobody has a policy of their own to delete sales'
);

-- 5. tables with policies, but without row level security, are a trap (2)
select is_empty(
    $$select p.polname
        from pg_catalog.pg_policy p
        join pg_catalog.pg_class c on c.oid = p.polrelid
       where not c.relrowsecurity$$,
    'no policy is asleep'
);
select set_eq(
    $$select n.nspname || '.' || c.relname
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where c.relrowsecurity and n.nspname in ('accounts', 'catalog', 'sales', 'audit')$$,
    array[
        'accounts.customers', 'accounts.addresses', 'catalog.reviews', 'sales.carts',
        'sales.cart_items', 'sales.orders', 'sales.order_lines', 'audit.events'
    ],
    'tables under row level security'
);

select * from finish();
rollback;
