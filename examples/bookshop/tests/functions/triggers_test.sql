BEGIN;
SELECT plan(36);
\ir ../setup/fixtures.sql

-- Which triggers are there?
SELECT triggers_are('catalog', 'books', ARRAY['books_touch_updated_at', 'books_record_price_change']);
SELECT triggers_are('accounts', 'customers', ARRAY['customers_touch_updated_at', 'customers_audit'], 'triggers of customers');
SELECT triggers_are('sales', 'orders', ARRAY['orders_check_status_change', 'orders_audit']);
SELECT has_trigger('catalog', 'books', 'books_touch_updated_at', 'books_touch_updated_at');
SELECT has_trigger('catalog', 'books', 'books_record_price_change'::name);
SELECT has_trigger('sales', 'orders', 'orders_check_status_change'::name);
SELECT has_trigger('sales', 'orders', 'orders_audit'::name);
SELECT has_trigger('accounts', 'customers', 'customers_audit', 'customers are audited');
SELECT hasnt_trigger('sales', 'payments', 'payments_audit', 'payments are not audited (the bank does that)');
SELECT hasnt_trigger('catalog'::name, 'reviews'::name, 'reviews_notify_author'::name);
SELECT hasnt_trigger('accounts', 'customers', 'customers_touch_updated_at');

-- What do they run?
SELECT trigger_is('catalog', 'books', 'books_touch_updated_at', 'catalog', 'touch_updated_at');
SELECT trigger_is('catalog', 'books', 'books_record_price_change', 'catalog', 'record_price_change', 'prices are recorded');
SELECT trigger_is('accounts', 'customers', 'customers_touch_updated_at', 'catalog', 'touch_updated_at', 'shared with catalog');
SELECT trigger_is(
    'accounts', 'customers', 'customers_audit',
    'audit', 'log_change',
    'customers are audited by audit.log_change()'
);
SELECT trigger_is('sales', 'orders', 'orders_audit', 'audit', 'log_change');
SELECT trigger_is('sales', 'orders', 'orders_check_status_change', 'sales', 'check_status_change');

-- updated_at
UPDATE catalog.books SET subtitle = 'A novel' WHERE book_id = 1;
SELECT cmp_ok(
    (SELECT updated_at FROM catalog.books WHERE book_id = 1),
    '>',
    now(),
    'updated_at moved'
);
SELECT is(updated_at, now(), 'others were left alone') FROM catalog.books WHERE book_id = 2;

-- price history
SELECT is_empty('SELECT * FROM catalog.price_history', 'no price was changed so far');
UPDATE catalog.books SET price = 9.00 WHERE book_id = 1;
UPDATE catalog.books SET price = 24.00 WHERE book_id = 2;    -- the same as before
SELECT results_eq(
    'SELECT book_id, old_price, new_price FROM catalog.price_history',
    $$VALUES (1::bigint, 8.50::numeric(10,2), 9.00::numeric(10,2))$$,
    'only real changes are recorded'
);

-- status
PREPARE set_status(bigint, sales.order_status) AS
    UPDATE sales.orders SET status = $2 WHERE order_id = $1;
SELECT lives_ok('EXECUTE set_status(1, ''shipped'')', 'paid -> shipped');
SELECT throws_ok(
    'EXECUTE set_status(1, ''paid'')',
    'P0001',
    (SELECT format('order %s cannot go from shipped back to paid', order_number) FROM sales.orders WHERE order_id = 1),
    'shipped -> paid'
);
SELECT throws_like('EXECUTE set_status(2, ''draft'')', 'order % cannot go from delivered back to draft', 'delivered -> draft');
SELECT throws_matching('EXECUTE set_status(2, ''shipped'')', 'back to shipped$', 'delivered -> shipped');
SELECT lives_ok('EXECUTE set_status(2, ''delivered'')', 'nothing changes, nothing is refused');
DEALLOCATE set_status;

-- audit trail of what happened above
SELECT is(
    (SELECT count(*) FROM audit.events WHERE relation = 'sales.orders' AND action = 'INSERT'),
    3::bigint,
    'three orders came with the fixtures'
);
SELECT is(
    (SELECT count(*)::int FROM audit.events WHERE relation = 'sales.orders' AND action = 'UPDATE'),
    2,
    'two updates went through'
);
SELECT is(old_row ->> 'status', 'paid', 'the old row is kept')
  FROM audit.events
 WHERE action = 'UPDATE' AND new_row ->> 'order_id' = '1';
SELECT is(new_row ->> 'status', 'shipped', 'the new row is kept')
  FROM audit.events
 WHERE action = 'UPDATE' AND new_row @> '{"order_id": 1}';

DELETE FROM sales.orders WHERE order_id = 3;
SELECT ok(new_row IS NULL, 'a deleted row has no new version')
  FROM audit.events WHERE action = 'DELETE' AND relation = 'sales.orders';
SELECT is(actor, session_user, 'the actor is the session user') FROM audit.events WHERE action = 'DELETE';
SELECT isnt_empty(
    $$SELECT FROM audit.events WHERE relation = 'accounts.customers' AND new_row ->> 'full_name' = 'Ada O''Brien'$$,
    'names with apostrophes survive'
);
SELECT set_has(
    'SELECT DISTINCT relation FROM audit.events',
    $$VALUES ('sales.orders'), ('accounts.customers')$$,
    'both relations left traces'
);
SELECT set_hasnt(
    'SELECT DISTINCT relation FROM audit.events',
    $$VALUES ('sales.payments'), ('catalog.books')$$,
    'the others did not'
);
SELECT is_empty($$SELECT * FROM audit.events WHERE relation NOT LIKE '%.%'$$, 'relations are qualified');

SELECT * FROM finish();
ROLLBACK;
