-- From the cart to the doorstep.
BEGIN;
SELECT plan(32);
\ir ../setup/fixtures.sql

PREPARE open_carts AS
    SELECT cart_id FROM sales.carts WHERE checked_out_at IS NULL ORDER BY cart_id;
PREPARE order_of_ada AS
    SELECT status, total::numeric FROM sales.orders WHERE order_id = 1001;
PREPARE checkout(bigint) AS
    SELECT sales.place_order($1);

SELECT results_eq('open_carts', $$VALUES (1::bigint), (2)$$, 'two open carts to begin with');
SELECT is_empty('order_of_ada', 'no order yet');

-- the order is placed
SELECT lives_ok('EXECUTE checkout(1)', 'Ada checks out');
SELECT results_eq('open_carts', ARRAY[2]::bigint[], 'her cart is closed');
SELECT row_eq('order_of_ada', ROW('placed'::sales.order_status, 41.00::numeric), 'the order is placed');
SELECT bag_eq(
    'SELECT book_id, quantity, unit_price::numeric, line_total FROM sales.order_lines WHERE order_id = 1001',
    $$VALUES (1::bigint, 2, 8.50, 17.00::numeric(12,2)),
             (2, 1, 24.00, 24.00)$$,
    'it has a line for each book'
);
SELECT set_eq(
    'SELECT line_no FROM sales.order_lines WHERE order_id = 1001',
    ARRAY[1, 2]::smallint[],
    'lines are numbered from 1'
);
SELECT cmp_ok(order_number, '>=', 100000::bigint, 'the order has a number') FROM sales.orders WHERE order_id = 1001;
SELECT is(placed_at, now(), 'placed just now') FROM sales.orders WHERE order_id = 1001;

-- not twice, not empty
SELECT throws_ok('EXECUTE checkout(1)', 'P0002', 'cart 1 is not open', 'a cart is checked out once');
SELECT throws_ok($$SELECT sales.place_orders(1)$$, NULL, 'a closed cart cannot be placed');
SELECT throws_ok('EXECUTE checkout(77)', 'P0002', 'cart 77 is not open', 'no such cart');
INSERT INTO sales.carts (cart_id, customer_id) VALUES (9, 3);
SELECT throws_ok('EXECUTE checkout(9)', 'cart 9 is empty');
SELECT throws_ok(
    'INSERT INTO sales.carts (customer_id) VALUES (3)',
    '23505',
    'duplicate key value violates unique constraint "carts_one_open_key"',
    'one open cart at a time'
);
SELECT lives_ok('INSERT INTO sales.carts (customer_id) VALUES (1)', 'Ada may start another cart, her last one is closed');

-- prices at the time of the order count
UPDATE catalog.books SET price = 99.00 WHERE book_id = 1;
SELECT row_eq('order_of_ada', ROW('placed'::sales.order_status, 41.00::numeric), 'the total does not follow the price');
SELECT is(unit_price::numeric, 8.50, 'nor does the line') FROM sales.order_lines WHERE order_id = 1001 AND book_id = 1;

-- payment, shipment
SELECT lives_ok(
    $$INSERT INTO sales.payments (order_id, method, amount, reference) VALUES (1001, 'card', 41.00, 'ch_42; not a real one')$$,
    'paid by card'
);
SELECT lives_ok($$UPDATE sales.orders SET status = 'paid' WHERE order_id = 1001$$, 'placed -> paid');
SELECT lives_ok(
    $outer$
        DO $inner$
        BEGIN
            INSERT INTO sales.shipments (order_id, carrier, tracking_ref) VALUES (1001, 'Pigeon Post', 'PP-1');
            UPDATE sales.orders SET status = 'shipped' WHERE order_id = 1001;
        END
        $inner$
    $outer$,
    'paid -> shipped, with a shipment'
);
SELECT throws_ok(
    $$INSERT INTO sales.shipments (order_id, carrier, tracking_ref) VALUES (1, 'Pigeon Post', 'PP-1')$$,
    '23505', NULL, 'tracking references are unique'
);
SELECT throws_ok(
    $$UPDATE sales.shipments SET delivered_at = shipped_at - interval '1 second' WHERE tracking_ref = 'PP-1'$$,
    '23514', NULL, 'pigeons do not travel in time'
);

-- too late to cancel
SELECT throws_ok('CALL sales.cancel_order(1001)', 'P0001', 'order 1001 cannot be cancelled', 'shipped orders are not cancelled');
SELECT lives_ok('CALL sales.cancel_order(1)', 'paid orders are');
SELECT is(status, 'cancelled'::sales.order_status, 'order 1 is cancelled') FROM sales.orders WHERE order_id = 1;

-- best sellers, read through two cursors
SELECT catalog.refresh_bestsellers();
DECLARE sold CURSOR FOR SELECT book_id, copies_sold FROM catalog.bestsellers ORDER BY copies_sold DESC, book_id;
DECLARE wanted CURSOR FOR VALUES (1::bigint, 2::bigint), (2, 2), (3, 1);
SELECT results_eq('sold'::refcursor, 'wanted'::refcursor, 'cancelled orders do not sell');
CLOSE sold;
CLOSE wanted;

SELECT results_eq(
    $$WITH ranked AS (
        SELECT book_id, rank() OVER (ORDER BY copies_sold DESC) AS place FROM catalog.bestsellers
      )
      SELECT book_id FROM ranked WHERE place = 1 ORDER BY book_id$$,
    'VALUES (1::bigint), (2)',
    'two books share the first place'
);

-- the session of the customer ends
INSERT INTO accounts.sessions (customer_id) VALUES (1), (1), (2);
SELECT lives_ok('CALL accounts.close_sessions(1)', 'sessions of Ada are closed');
SELECT is(array_agg(customer_id), ARRAY[2]::bigint[], 'only Bruno is left') FROM accounts.sessions;

-- and every step left its trace
SELECT results_eq(
    $$SELECT action, new_row ->> 'status'
        FROM audit.events
       WHERE relation = 'sales.orders' AND new_row ->> 'order_id' = '1001'
       ORDER BY event_id$$,
    $$VALUES ('INSERT', 'placed'), ('UPDATE', 'paid'), ('UPDATE', 'shipped')$$,
    'three events for the order'
);
SELECT collect_tap(ARRAY[
    is((SELECT count(*)::int FROM sales.orders), 4, 'four orders in all'),
    is((SELECT count(*)::int FROM sales.carts WHERE checked_out_at IS NULL), 3, 'three open carts in all')
]);

SELECT * FROM finish();
ROLLBACK;
