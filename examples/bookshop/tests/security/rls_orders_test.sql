BEGIN;

SELECT plan( 4 * 6 );

\i tests/setup/helpers.sql
\i tests/setup/fixtures.sql

PREPARE my_orders AS SELECT order_id FROM sales.orders ORDER BY order_id;
PREPARE my_lines  AS SELECT order_id, line_no FROM sales.order_lines ORDER BY order_id, line_no;

------------------------------------------------------------ customer 1 (6)
SELECT test_helpers.act_as_customer(1);
SELECT results_eq( 'my_orders', ARRAY[1, 3]::bigint[], 'Ada: orders' );
SELECT results_eq( 'my_lines', $$VALUES (1::bigint, 1::smallint), (1, 2::smallint), (3, 1::smallint)$$, 'Ada: order lines' );
SELECT results_eq( 'SELECT cart_id FROM sales.carts', ARRAY[1::bigint], 'Ada: cart' );
SELECT is( (SELECT sum(quantity) FROM sales.cart_items), 3::bigint, 'Ada: copies in the cart' );
SELECT throws_ok( $$UPDATE sales.orders SET status = 'cancelled'$$, '42501', 'permission denied for table orders', 'Ada: no updates' );
SELECT throws_ok( $$INSERT INTO sales.cart_items VALUES (2, 1, 1)$$, '42501',
                  'new row violates row-level security policy for table "cart_items"',
                  'Ada: hands off the cart of Bruno' );

------------------------------------------------------------ customer 2 (6)
RESET ROLE;
SELECT test_helpers.act_as_customer(2);
SELECT results_eq( 'my_orders', 'VALUES (2::bigint)', 'Bruno: orders' );
SELECT results_eq( 'my_lines', $$VALUES (2::bigint, 1::smallint)$$, 'Bruno: order lines' );
SELECT is( sales.add_to_cart(2, 1), 1, 'Bruno: fills his cart' );
SELECT throws_ok( 'SELECT sales.add_to_cart(1, 3)', '42501', NULL, 'Bruno: cannot fill the cart of Ada' );
SELECT lives_ok( 'SELECT sales.place_order(2)', 'Bruno: places his order' );
SELECT results_eq( 'SELECT status, total::numeric FROM sales.orders WHERE order_id > 3',
                   $$VALUES ('placed'::sales.order_status, 61.65)$$, 'Bruno: sees the new order' );

----------------------------------------------------------------- staff (6)
RESET ROLE;
SET LOCAL ROLE bookshop_staff;
SELECT is( count(*), 4::bigint, 'staff: all orders' ) FROM sales.orders;
SELECT is( count(*)::int, 6, 'staff: all lines' ) FROM sales.order_lines;
SELECT lives_ok( $$UPDATE sales.orders SET status = 'shipped' WHERE order_id = 1$$, 'staff: ship an order' );
SELECT is_empty( $$UPDATE sales.orders SET notes = 'too late' WHERE order_id = 2 RETURNING order_id$$, 'staff: delivered orders are closed' );
SELECT throws_ok( 'DELETE FROM sales.orders', '42501', NULL, 'staff: orders are never deleted' );
SELECT lives_ok( $$CALL sales.cancel_order(3)$$, 'staff: cancel a draft' );

--------------------------------------------------------- auditor, API (6)
RESET ROLE;
SET LOCAL ROLE bookshop_auditor;
SELECT throws_ok( 'my_orders', '42501', 'permission denied for schema sales', 'auditor: no orders' );
SELECT isnt_empty( $$SELECT * FROM audit.events WHERE relation = 'sales.orders'$$, 'auditor: but their history' );
SELECT throws_ok( $$INSERT INTO audit.events (relation, action) VALUES ('a.b', 'INSERT')$$, '42501', NULL, 'auditor: cannot invent history' );
RESET ROLE;
SET LOCAL ROLE bookshop_customer;
SELECT throws_ok( 'TABLE audit.events', '42501', NULL, 'customer: no history' );
RESET ROLE;
SET LOCAL ROLE bookshop_api;
SELECT lives_ok( $$SELECT accounts.register_customer('dora@example.org', 'Dora')$$, 'API: registers customers' );
SELECT lives_ok( 'SET LOCAL ROLE bookshop_customer', 'API: becomes a customer' );

RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
