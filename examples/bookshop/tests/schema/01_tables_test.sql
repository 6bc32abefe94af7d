begin;
\ir ../setup/helpers.sql

select plan(48);

-- 1. nothing is missing, nothing is left over (5)
select tables_are('accounts', array['customers', 'addresses', 'staff', 'sessions']);
select tables_are(
    'catalog',
    array[
        'publishers', 'authors', 'books', 'book_authors',   -- who wrote what
        'categories', 'book_categories',
        'reviews', 'price_history',
        'OnixFeed'                                          /* raw feed; mixed case on purpose */
    ],
    'tables of schema catalog'
);
select tables_are('sales', array['coupons', 'carts', 'cart_items', 'orders', 'order_lines', 'payments',
                                 'shipments', 'warehouses', 'stock_levels']);
select tables_are('audit', array['events', 'events_2024', 'events_2025', 'events_default', 'login_failures']);
select hasnt_table('catalog', 'legacy_books');

-- 2. the same again, table by table: easier to read when one is missing (22)
select has_table(t.schema_name, t.table_name, t.schema_name || '.' || t.table_name || ' exists')
  from (values
        ('accounts'::name, 'customers'::name),
        ('accounts', 'addresses'),
        ('accounts', 'staff'),
        ('accounts', 'sessions'),
        ('catalog', 'publishers'),
        ('catalog', 'authors'),
        ('catalog', 'books'),
        ('catalog', 'categories'),
        ('sales', 'carts'),
        ('sales', 'orders'),
        ('sales', 'order_lines'),
        ('sales', 'payments')
       ) as t (schema_name, table_name);

select has_table('audit'::name, unnest(array['events', 'login_failures']::name[]));

select has_table('catalog'::name, name) from unnest(array['book_authors', 'book_categories', 'reviews', 'price_history']::name[]) as name;

select collect_tap(
    has_table('catalog', 'OnixFeed', 'the feed table keeps its mixed case name'),
    has_table('sales', 'warehouses', 'sales.warehouses exists'),
    has_table('sales', 'stock_levels', 'sales.stock_levels exists'),
    has_table('sales'::name, 'coupons'::name)
);

-- 3. structure of the small tables (5 * 3 = 15)
select test_helpers.table_structure('sales', 'warehouses', array['warehouse_code', 'name'], array['warehouse_code']);
select test_helpers.table_structure('sales', 'coupons', '{code,percentage,valid_from,valid_to}', '{code}');
select * from test_helpers.table_structure(
    schema_name  => 'sales',
    table_name   => 'stock_levels',
    column_names => array['warehouse_code', 'book_id', 'on_hand', 'reorder_at'],
    pk_columns   => array['warehouse_code', 'book_id']
);
select * from test_helpers.table_structure(
    table_name   := 'price_history',
    schema_name  := 'catalog',
    pk_columns   := array['book_id', 'changed_at'],
    column_names := array['book_id', 'changed_at', 'old_price', 'new_price']
);
select test_helpers.table_structure('catalog', 'book_authors', '{book_id,author_id,position}', '{book_id,author_id}');

-- 4. everything belongs to the role that ran the migrations (6)
select table_owner_is('catalog', 'books', current_user, 'catalog.books has the right owner');
select table_owner_is('sales', 'orders', current_user, 'sales.orders has the right owner');
select table_owner_is('accounts', 'customers', current_user, 'accounts.customers has the right owner');
select table_owner_is('audit', 'events', current_user, 'audit.events has the right owner');
select schema_owner_is('catalog', current_user);
select schema_owner_is('sales', current_user);

select * from finish();
rollback;
