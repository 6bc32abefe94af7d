-- xUnit style: every function whose name begins with "test" is a test of its own,
-- "setup" runs before each of them, and each is rolled back.
BEGIN;

CREATE SCHEMA cart_tests;

CREATE OR REPLACE FUNCTION cart_tests.setup_one_cart()
RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts.customers (customer_id, email, full_name) VALUES (1, 'ada@example.org', 'Ada');
    INSERT INTO catalog.publishers (publisher_id, name) VALUES (1, 'Harbour Press');
    INSERT INTO catalog.books (book_id, isbn, title, publisher_id, price) VALUES
        (1, '9780000000019', 'One', 1, 10.00),
        (2, '9780000000026', 'Two', 1, 20.00);
    INSERT INTO sales.carts (cart_id, customer_id) VALUES (1, 1);
END
$$;

CREATE OR REPLACE FUNCTION cart_tests.test_empty_cart()
RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is(sales.cart_total(1), 0::numeric, 'an empty cart costs nothing');
    RETURN NEXT is_empty('SELECT * FROM sales.cart_items', 'an empty cart has no items');
    RETURN NEXT throws_ok('SELECT sales.place_order(1)', 'P0001', 'cart 1 is empty', 'an empty cart is not an order');
END
$$;

CREATE OR REPLACE FUNCTION cart_tests.test_cart_totals()
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    n integer;
BEGIN
    FOR n IN 1..3 LOOP
        PERFORM sales.add_to_cart(1, 1);
        RETURN NEXT is(sales.cart_total(1), n * 10.00, format('%s copies', n));
    END LOOP;
    PERFORM sales.add_to_cart(1, 2);
    RETURN NEXT ok(sales.cart_total(1) = 50.00, 'three of one, one of the other');
    RETURN NEXT isnt(sales.cart_total(1), NULL);
END
$$;

CREATE OR REPLACE FUNCTION cart_tests.test_coupon()
RETURNS SETOF text LANGUAGE plpgsql AS $_$
BEGIN
    PERFORM sales.add_to_cart(1, 2, 5);
    INSERT INTO sales.coupons (code, percentage) VALUES ('TEN', 10);
    RETURN QUERY SELECT is(sales.cart_total(1), 100.00, 'before the coupon');
    UPDATE sales.carts SET coupon_code = 'TEN' WHERE cart_id = 1;
    RETURN QUERY SELECT is(sales.cart_total(1), 90.00, 'after the coupon');
    RETURN NEXT throws_ok(
        $$UPDATE sales.carts SET coupon_code = 'ten' WHERE cart_id = 1$$,
        '23503',
        NULL,
        'codes are stored in upper case'
    );
    RETURN NEXT throws_ok($$INSERT INTO sales.coupons VALUES ('low', 10)$$, '23514');
END
$_$;

CREATE OR REPLACE FUNCTION cart_tests.test_each_test_starts_afresh()
RETURNS SETOF text LANGUAGE sql AS $$
    SELECT is(count(*)::int, 0, 'no coupon is left of the other test') FROM sales.coupons
    UNION ALL
    SELECT is(count(*), 0::bigint, 'no item is left of the other test') FROM sales.cart_items;
$$;

CREATE OR REPLACE FUNCTION cart_tests.test_schema_of_cart_items()
RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT has_table('sales'::name, 'cart_items'::name);
    RETURN NEXT col_not_null('sales', 'cart_items', 'quantity', 'quantity is required');
    RETURN NEXT col_has_check('sales', 'cart_items', 'quantity', 'quantity is checked');
END
$$;

-- Not picked up: the name does not begin with "test".
CREATE OR REPLACE FUNCTION cart_tests.pending_test_gift_wrap()
RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT has_column('sales', 'cart_items', 'gift_wrap', 'gift wrap');
END
$$;

SELECT * FROM runtests('cart_tests'::name);
ROLLBACK;
