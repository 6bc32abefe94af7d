BEGIN;
SELECT * FROM no_plan();
\i tests/setup/fixtures.sql

-- ---------------------------------------------------------------- discounted
SELECT is(sales.discounted(100, 10), 90.00, '10 percent off');
SELECT is(sales.discounted(9.99, 15), 8.49, 'rounded to cents');
SELECT is(sales.discounted(NULL, 10), NULL, 'no price');
SELECT is(sales.discounted(100, 'SPRING10'), 90.00, 'by coupon');
SELECT is(sales.discounted(100, 'spring10'), 90.00, 'coupons are not case sensitive');
SELECT is(sales.discounted(100, 'OLD50'), 100::numeric, 'expired');
SELECT is(sales.discounted(100, 'NOSUCH'), 100::numeric, 'unknown');
SELECT is(sales.discounted(100, NULL::text), 100::numeric, 'none');

-- --------------------------------------------------------------------- quote
SELECT is(q.net,   17.00::numeric(10,2), 'net of two copies')   FROM sales.quote(1, 2) AS q;
SELECT is(q.tax,    3.40::numeric(10,2), 'tax of two copies')   FROM sales.quote(1, 2) AS q;
SELECT is(q.total, 20.40::numeric(10,2), 'total of two copies') FROM sales.quote(1, 2) AS q;
SELECT is(
    sales.quote(p_book_id => 2, p_tax_rate => 0.05),
    ROW(24.00, 1.20, 25.20)::sales.price_quote,
    'named arguments: reduced rate'
);
SELECT throws_ok('SELECT sales.quote(-1)', 'P0002', 'no book with id -1', 'unknown book');

-- ---------------------------------------------------------------- cart_total
SELECT is( sales.cart_total(1), 41.00, 'cart 1: 2 * 8.50 + 24.00' );
SELECT is( sales.cart_total(2), 54.00, 'cart 2: 5 * 12.00 less 10%' );
SELECT is( sales.cart_total(-5), NULL, 'no such cart' );

-- --------------------------------------------------------------- add_to_cart
SELECT is( sales.add_to_cart(1, 3), 1, 'one copy of a new book' );
SELECT is( sales.add_to_cart(1, 3, 2), 3, 'two more' );
SELECT is( sales.cart_total(1), 52.97, 'the total follows' );
SELECT throws_ok(
    'SELECT sales.add_to_cart(1, 3, 0)',
    '22023',
    'quantity must be at least 1, not 0',
    'nothing to add'
);
SELECT throws_ok( $$SELECT sales.add_to_cart(1, 3, NULL)$$, 'quantity must be at least 1, not null' );
SELECT throws_ok( $$SELECT sales.add_to_cart(1, 3, 97)$$, '23514', NULL, '99 copies at most' );
SELECT throws_ok( $$SELECT sales.add_to_cart(1, 999)$$, '23503', NULL, 'unknown book' );
SELECT throws_ilike( $$SELECT sales.add_to_cart(999, 1)$$, '%VIOLATES FOREIGN KEY constraint%', 'unknown cart' );

-- ------------------------------------------------------------------- product
SELECT is( sales.product(x), 24::numeric, 'product of 2, 3, 4' ) FROM (VALUES (2), (3), (4)) AS v(x);
SELECT is( (SELECT sales.product(x) FROM generate_series(1, 0) AS x), 1::numeric, 'the empty product is 1' );

-- ---------------------------------------------------------------- order_total
SELECT results_eq(
    'SELECT order_id, line_count, lines_total FROM sales.order_totals ORDER BY order_id',
    $$VALUES (1::bigint, 2, 20.50),
             (2, 1, 3.99),
             (3, 1, 24.00)$$,
    'order totals'
);
SELECT results_ne(
    'SELECT total::numeric FROM sales.orders ORDER BY order_id',
    'SELECT 2 * lines_total FROM sales.order_totals ORDER BY order_id',
    'a total is not counted twice'
);

-- the same check in one go: every paid order is worth its lines
SELECT bag_eq(
    $$SELECT order_id FROM sales.orders o WHERE total = (SELECT sum(line_total) FROM sales.order_lines l WHERE l.order_id = o.order_id)$$,
    'SELECT order_id FROM sales.orders',
    'totals agree with the lines'
);

SELECT diag('next order number: ' || nextval('sales.order_number_seq'));
SELECT * FROM skip('gift cards are not sold yet', 2);

SELECT * FROM finish();
ROLLBACK;
