-- Roles and schemas of the bookshop.
--
-- Roles belong to the whole cluster, so they are created only when missing:
-- the same migration is loaded into the development and the test database.

DO $do$
DECLARE
    wanted name;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['bookshop_customer', 'bookshop_staff', 'bookshop_auditor', 'bookshop_api']::name[] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
END
$do$;

-- The API logs in as bookshop_api and switches to one of the others per request.
GRANT bookshop_customer, bookshop_staff TO bookshop_api;

CREATE SCHEMA accounts;
CREATE SCHEMA catalog;
CREATE SCHEMA sales;
CREATE SCHEMA audit;

COMMENT ON SCHEMA accounts IS 'Customers, staff and their sessions';
COMMENT ON SCHEMA catalog  IS 'Books, people who wrote them, and how they are shelved';
COMMENT ON SCHEMA sales    IS 'Carts, orders, payments and stock';
COMMENT ON SCHEMA audit    IS 'Who changed what, kept by month';

GRANT USAGE ON SCHEMA catalog TO bookshop_customer, bookshop_staff, bookshop_auditor, bookshop_api;
GRANT USAGE ON SCHEMA accounts, sales TO bookshop_customer, bookshop_staff, bookshop_api;
GRANT USAGE ON SCHEMA audit TO bookshop_auditor, bookshop_staff;
