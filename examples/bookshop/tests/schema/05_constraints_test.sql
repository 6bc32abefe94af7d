-- Keys and checks.
begin;
-- primary keys 3 per line, foreign keys one each, and the rest
select plan(3 * 6 + 17 + 22);

-- ---- primary keys ---------------------------------------------------------
select has_pk('accounts', 'customers', 'accounts.customers has a primary key');
select has_pk('accounts', 'addresses', 'accounts.addresses has a primary key');
select has_pk('accounts', 'staff', 'accounts.staff has a primary key');
select has_pk('catalog', 'books', 'catalog.books has a primary key');
select has_pk('sales', 'orders', 'sales.orders has a primary key');
select has_pk('sales', 'payments', 'sales.payments has a primary key');
select col_is_pk('accounts', 'customers', 'customer_id', 'customers: key is customer_id');
select col_is_pk('accounts', 'addresses', 'address_id', 'addresses: key is address_id');
select col_is_pk('accounts', 'staff', 'staff_id', 'staff: key is staff_id');
select col_is_pk('accounts', 'sessions', 'token', 'sessions: key is the token');
select col_is_pk('sales', 'orders', 'order_id', 'orders: key is order_id');
select col_is_pk('sales', 'payments', 'payment_id', 'payments: key is payment_id');
select col_is_pk('sales', 'order_lines', array['order_id', 'line_no'], 'order_lines: key is (order_id, line_no)');
select col_is_pk('sales', 'cart_items', array['cart_id', 'book_id'], 'cart_items: key is (cart_id, book_id)');
select col_is_pk('catalog', 'book_categories', array['book_id', 'category_id'], 'book_categories: key is the pair');
select col_is_pk('audit', 'events', array['event_id', 'happened_at'], 'events: the key holds the partition key');
select col_isnt_pk('sales', 'orders', 'order_number', 'the order number is for people, not for joins');
select hasnt_pk('audit', 'login_failures', 'login failures are only ever appended');

-- ---- foreign keys ---------------------------------------------------------
select fk_ok('accounts', 'addresses', 'customer_id', 'accounts', 'customers', 'customer_id');
select fk_ok('accounts', 'sessions', 'customer_id', 'accounts', 'customers', 'customer_id');
select fk_ok('accounts', 'staff', 'reports_to', 'accounts', 'staff', 'staff_id', 'staff report to staff');
select fk_ok('catalog', 'books', 'publisher_id', 'catalog', 'publishers', 'publisher_id');
select fk_ok('catalog', 'book_authors', 'book_id', 'catalog', 'books', 'book_id');
select fk_ok('catalog', 'book_authors', 'author_id', 'catalog', 'authors', 'author_id');
select fk_ok('catalog', 'categories', 'parent_id', 'catalog', 'categories', 'category_id');
select fk_ok('catalog', 'reviews', 'customer_id', 'accounts', 'customers', 'customer_id', 'reviews are written by customers');
select fk_ok('catalog', 'price_history', 'book_id', 'catalog', 'books', 'book_id');
select fk_ok('sales', 'carts', 'coupon_code', 'sales', 'coupons', 'code');
select fk_ok('sales', 'cart_items', 'cart_id', 'sales', 'carts', 'cart_id');
select fk_ok('sales', 'orders', 'customer_id', 'accounts', 'customers', 'customer_id');
select fk_ok(
    'sales', 'orders', 'ship_to',
    'accounts', 'addresses', 'address_id',
    'orders.ship_to is an address'
);
select fk_ok('sales', 'order_lines', array['order_id'], 'sales', 'orders', array['order_id']);
select fk_ok('sales', 'payments', 'order_id', 'sales', 'orders', 'order_id');
select fk_ok('sales', 'stock_levels', array['warehouse_code']::name[], 'sales', 'warehouses', array['warehouse_code']::name[], 'stock is kept in warehouses');
select col_isnt_fk('audit', 'events', 'relation', 'the trail survives the row');

-- ---- unique and check constraints, and what they refuse -------------------
select col_is_unique('catalog', 'books', 'isbn', 'an ISBN is used once');
select col_is_unique('catalog', 'publishers', 'name', 'publisher names are unique');
select col_is_unique('catalog', 'reviews', array['book_id', 'customer_id'], 'one review per book and customer');
select col_is_unique('accounts', 'addresses', array['customer_id', 'label'], 'labels are unique per customer');
select col_is_unique('accounts', 'staff', 'email', 'staff email is unique');
select col_is_unique('sales', 'orders', 'order_number', 'order numbers are unique');
select has_unique('sales', 'shipments', 'shipments has a unique constraint');
select has_check('accounts', 'customers', 'customers are checked');
select has_check('catalog', 'books', 'books are checked');
select col_has_check('accounts', 'addresses', 'country_code', 'country codes are upper case');
select col_has_check('catalog', 'reviews', 'rating', 'ratings are checked');
select col_has_check('sales', 'coupons', array['valid_to', 'valid_from'], 'coupon periods are checked');
select col_has_check('sales', 'shipments', array['delivered_at', 'shipped_at'], 'delivered after shipped');

\i tests/setup/fixtures.sql

select throws_ok(
    $$insert into catalog.publishers (name, website) values ('Bad Site', 'ftp://bad.example')$$,
    '23514',
    'new row for relation "publishers" violates check constraint "publishers_website_check"',
    'web sites start with http'
);
select throws_ok(
    'insert into catalog.publishers (name) values (''Harbour Press'')',
    '23505', null, 'the same publisher twice'
);
select throws_ok('insert into catalog.reviews (book_id, customer_id, rating) values (1, 1, 6)', '23514');
select throws_ok('insert into sales.cart_items values (1, 4, 100)', '23514', null, 'at most 99 copies');
select throws_ok('insert into sales.payments (order_id, method, amount) values (1, ''card'', 1)', '23514', null, 'card payments need a reference');
select throws_ok('delete from catalog.publishers where publisher_id = 1', '23503', null, 'publishers with books stay');
select lives_ok($$insert into sales.payments (order_id, method, amount) values (1, 'invoice', 20.50)$$, 'invoices need no reference');
select lives_ok($sql$insert into accounts.staff (email, full_name) values ('eve@example.org', 'Eve')$sql$, 'a boss');
select throws_ok(
    $sql$insert into accounts.staff (email, full_name, left_on) values ('fay@example.org', 'Fay', '1999-12-31')$sql$,
    '23514', null, 'nobody leaves before they are hired'
);

select * from finish();
rollback;
