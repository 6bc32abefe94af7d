-- Privileges and row level security.

REVOKE ALL ON ALL ROUTINES IN SCHEMA accounts, audit, sales FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION catalog.refresh_bestsellers() FROM PUBLIC;

-- catalog: everybody reads, staff write
GRANT SELECT ON catalog.publishers, catalog.authors, catalog.books, catalog.book_authors,
                catalog.categories, catalog.book_categories,
                catalog.available_books, catalog.book_ratings, catalog.bestsellers
   TO bookshop_customer, bookshop_staff;
GRANT INSERT, UPDATE, DELETE ON catalog.publishers, catalog.authors, catalog.books,
                                catalog.book_authors, catalog.categories, catalog.book_categories
   TO bookshop_staff;
GRANT SELECT, INSERT, UPDATE, DELETE ON catalog.reviews TO bookshop_customer, bookshop_staff;
GRANT SELECT, INSERT ON catalog.price_history TO bookshop_staff;
GRANT EXECUTE ON FUNCTION catalog.refresh_bestsellers() TO bookshop_staff;

-- accounts
GRANT SELECT ON accounts.customers TO bookshop_customer;
GRANT UPDATE (full_name, email) ON accounts.customers TO bookshop_customer;
GRANT SELECT, UPDATE ON accounts.customers TO bookshop_staff;
GRANT SELECT, INSERT, UPDATE, DELETE ON accounts.addresses TO bookshop_customer;
GRANT SELECT ON accounts.addresses, accounts.staff TO bookshop_staff;
GRANT EXECUTE ON FUNCTION accounts.current_customer_id() TO bookshop_customer, bookshop_staff;
GRANT EXECUTE ON FUNCTION accounts.register_customer(text, text) TO bookshop_api;

-- sales
GRANT SELECT, INSERT, UPDATE, DELETE ON sales.carts, sales.cart_items TO bookshop_customer;
GRANT SELECT ON sales.orders, sales.order_lines TO bookshop_customer;
GRANT SELECT, UPDATE ON sales.orders TO bookshop_staff;
GRANT SELECT ON sales.order_lines, sales.payments, sales.coupons, sales.carts, sales.cart_items TO bookshop_staff;
GRANT SELECT, INSERT, UPDATE ON sales.shipments, sales.stock_levels TO bookshop_staff;
GRANT SELECT ON sales.coupons TO bookshop_customer;
GRANT SELECT ON sales.low_stock, sales.order_totals TO bookshop_staff;
GRANT USAGE ON SEQUENCE sales.order_number_seq TO bookshop_staff;
GRANT EXECUTE ON FUNCTION sales.add_to_cart(bigint, bigint, integer),
                          sales.cart_total(bigint),
                          sales.discounted(numeric, integer),
                          sales.discounted(numeric, text),
                          sales.quote(bigint, integer, numeric),
                          sales.place_order(bigint)
   TO bookshop_customer, bookshop_staff;
GRANT EXECUTE ON PROCEDURE sales.cancel_order(bigint) TO bookshop_staff;

-- audit
GRANT SELECT ON audit.events, audit.login_failures TO bookshop_auditor;

ALTER TABLE accounts.customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts.addresses ENABLE ROW LEVEL SECURITY;
ALTER TABLE catalog.reviews    ENABLE ROW LEVEL SECURITY;
ALTER TABLE sales.carts        ENABLE ROW LEVEL SECURITY;
ALTER TABLE sales.cart_items   ENABLE ROW LEVEL SECURITY;
ALTER TABLE sales.orders       ENABLE ROW LEVEL SECURITY;
ALTER TABLE sales.order_lines  ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.events       ENABLE ROW LEVEL SECURITY;

CREATE POLICY customers_see_self ON accounts.customers
    FOR SELECT TO bookshop_customer
    USING (customer_id = accounts.current_customer_id());
CREATE POLICY customers_edit_self ON accounts.customers
    FOR UPDATE TO bookshop_customer
    USING (customer_id = accounts.current_customer_id())
    WITH CHECK (customer_id = accounts.current_customer_id());
CREATE POLICY staff_manage_customers ON accounts.customers
    FOR ALL TO bookshop_staff
    USING (true);

CREATE POLICY addresses_own ON accounts.addresses
    TO bookshop_customer
    USING (customer_id = accounts.current_customer_id());
CREATE POLICY addresses_staff_read ON accounts.addresses
    FOR SELECT TO bookshop_staff
    USING (true);

CREATE POLICY reviews_read_published ON catalog.reviews
    FOR SELECT TO bookshop_customer, bookshop_staff
    USING (is_published);
CREATE POLICY reviews_read_own ON catalog.reviews
    FOR SELECT TO bookshop_customer
    USING (customer_id = accounts.current_customer_id());
CREATE POLICY reviews_write_own ON catalog.reviews
    FOR INSERT TO bookshop_customer
    WITH CHECK (customer_id = accounts.current_customer_id() AND NOT is_published);
CREATE POLICY reviews_moderate ON catalog.reviews
    FOR ALL TO bookshop_staff
    USING (true) WITH CHECK (true);

CREATE POLICY carts_own ON sales.carts
    TO bookshop_customer
    USING (customer_id = accounts.current_customer_id());
CREATE POLICY carts_staff_read ON sales.carts
    FOR SELECT TO bookshop_staff
    USING (true);
CREATE POLICY cart_items_own ON sales.cart_items
    TO bookshop_customer
    USING (EXISTS (SELECT FROM sales.carts c
                    WHERE c.cart_id = cart_items.cart_id
                      AND c.customer_id = accounts.current_customer_id()));

CREATE POLICY orders_own ON sales.orders
    FOR SELECT TO bookshop_customer
    USING (customer_id = accounts.current_customer_id());
CREATE POLICY orders_staff_read ON sales.orders
    FOR SELECT TO bookshop_staff
    USING (true);
CREATE POLICY orders_staff_update ON sales.orders
    FOR UPDATE TO bookshop_staff
    USING (status NOT IN ('delivered', 'cancelled'))
    WITH CHECK (true);
CREATE POLICY order_lines_own ON sales.order_lines
    FOR SELECT TO bookshop_customer
    USING (EXISTS (SELECT FROM sales.orders o WHERE o.order_id = order_lines.order_id));
CREATE POLICY order_lines_staff ON sales.order_lines
    FOR SELECT TO bookshop_staff
    USING (true);

CREATE POLICY events_auditor_read ON audit.events
    FOR SELECT TO bookshop_auditor
    USING (true);
