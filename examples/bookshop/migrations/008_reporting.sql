-- Figures for the office: sales by day, promotions, suppliers' stock. Hardly anything of it is tested yet.

DO $do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'bookshop_analyst') THEN
        CREATE ROLE bookshop_analyst NOLOGIN;
    END IF;
END
$do$;

CREATE SCHEMA reporting;
GRANT USAGE ON SCHEMA reporting TO bookshop_analyst, bookshop_staff;

-- Types

CREATE TYPE reporting.period AS ENUM ('day', 'week', 'month');

ALTER TYPE reporting.period ADD VALUE 'quarter';

CREATE DOMAIN reporting.share AS numeric(5, 4)
    CONSTRAINT share_is_a_part CHECK (VALUE BETWEEN 0 AND 1);

CREATE TYPE reporting.price_range AS RANGE (subtype = numeric);

CREATE TYPE reporting.figure AS (
    label  text,
    copies bigint,
    amount numeric(12, 2)
);

-- Tables

CREATE SEQUENCE reporting.run_seq;

CREATE TABLE reporting.runs (
    run_id     bigint PRIMARY KEY DEFAULT nextval('reporting.run_seq'),
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    period     reporting.period NOT NULL DEFAULT 'day',
    note       text,
    CONSTRAINT runs_end_check CHECK (ended_at >= started_at)
);

-- Runs of former years keep the shape of the others.
CREATE TABLE reporting.archived_runs (
    archived_at date NOT NULL DEFAULT current_date
) INHERITS (reporting.runs);

CREATE TABLE reporting.daily_sales (
    region  text NOT NULL,
    day     date NOT NULL,
    book_id bigint NOT NULL REFERENCES catalog.books (book_id),
    copies  integer NOT NULL CHECK (copies >= 0),
    amount  numeric(12, 2) NOT NULL,
    CONSTRAINT daily_sales_pkey PRIMARY KEY (region, day, book_id)
) PARTITION BY LIST (region);

CREATE TABLE reporting.daily_sales_home PARTITION OF reporting.daily_sales FOR VALUES IN ('home');
CREATE TABLE reporting.daily_sales_abroad PARTITION OF reporting.daily_sales DEFAULT;

CREATE INDEX daily_sales_day_idx ON reporting.daily_sales (day DESC) INCLUDE (amount);

CREATE TABLE reporting.promotions (
    promotion_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL,
    during       daterange NOT NULL,
    prices       reporting.price_range,
    share        reporting.share NOT NULL DEFAULT 0.1,
    CONSTRAINT promotions_name_key UNIQUE (name),
    CONSTRAINT promotions_do_not_overlap EXCLUDE USING gist (during WITH &&)
);

-- The wholesaler's list. The wrapper has no handler here: the server of the warehouse has one.
CREATE FOREIGN DATA WRAPPER bookshop_wholesale;
CREATE SERVER wholesaler FOREIGN DATA WRAPPER bookshop_wholesale;
CREATE FOREIGN TABLE reporting.supplier_stock (
    isbn    char(13) NOT NULL,
    copies  integer,
    price   numeric(10, 2)
) SERVER wholesaler;

-- Views

CREATE VIEW reporting.open_runs AS
    SELECT run_id, started_at, note FROM reporting.runs WHERE ended_at IS NULL;

CREATE RULE open_runs_close AS ON DELETE TO reporting.open_runs
    DO INSTEAD UPDATE reporting.runs SET ended_at = now() WHERE run_id = OLD.run_id;
CREATE RULE promotions_stay AS ON DELETE TO reporting.promotions
    DO INSTEAD NOTHING;

CREATE MATERIALIZED VIEW reporting.sales_by_month AS
    SELECT date_trunc('month', day)::date AS month, sum(copies) AS copies, sum(amount) AS amount
      FROM reporting.daily_sales
     GROUP BY 1
WITH NO DATA;

CREATE UNIQUE INDEX sales_by_month_key ON reporting.sales_by_month (month);

-- Functions

CREATE FUNCTION reporting.larger(numeric, numeric)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
AS 'SELECT greatest($1, $2)';

CREATE AGGREGATE reporting.peak(numeric) (SFUNC = reporting.larger, STYPE = numeric);

CREATE FUNCTION reporting.place()
RETURNS bigint
LANGUAGE internal
WINDOW
AS 'window_row_number';

CREATE FUNCTION reporting.top_books(since date, VARIADIC regions text[])
RETURNS SETOF reporting.figure
LANGUAGE sql
STABLE
AS $$
    SELECT b.title, sum(s.copies)::bigint, sum(s.amount)
      FROM reporting.daily_sales s
      JOIN catalog.books b USING (book_id)
     WHERE s.day >= since AND s.region = ANY (regions)
     GROUP BY b.title
     ORDER BY 2 DESC
$$;

CREATE OR REPLACE FUNCTION reporting.no_change()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'figures are written once';
END
$$;

CREATE PROCEDURE reporting.refresh(INOUT refreshed integer DEFAULT 0)
LANGUAGE plpgsql
AS $$
BEGIN
    REFRESH MATERIALIZED VIEW reporting.sales_by_month;
    refreshed := refreshed + 1;
END
$$;

CREATE TRIGGER daily_sales_written_once
    BEFORE UPDATE ON reporting.daily_sales
    FOR EACH ROW EXECUTE FUNCTION reporting.no_change();

-- Who may see what

REVOKE ALL ON ALL ROUTINES IN SCHEMA reporting FROM PUBLIC;
GRANT SELECT ON reporting.daily_sales, reporting.sales_by_month, reporting.open_runs TO bookshop_analyst;
GRANT SELECT, INSERT, TRUNCATE ON reporting.runs TO bookshop_staff;
GRANT USAGE, SELECT ON SEQUENCE reporting.run_seq TO bookshop_staff;
GRANT EXECUTE ON FUNCTION reporting.top_books(date, text[]) TO bookshop_analyst;
GRANT EXECUTE ON FUNCTION reporting.larger(numeric, numeric) TO PUBLIC;
GRANT EXECUTE ON PROCEDURE reporting.refresh(integer) TO bookshop_staff;

-- Even its owner reads promotions by the rules.
ALTER TABLE reporting.promotions ENABLE ROW LEVEL SECURITY;
ALTER TABLE reporting.promotions FORCE ROW LEVEL SECURITY;
CREATE POLICY promotions_everybody ON reporting.promotions
    USING (true);
CREATE POLICY promotions_not_before_time ON reporting.promotions
    AS RESTRICTIVE
    FOR SELECT TO bookshop_analyst, bookshop_customer
    USING (lower(during) <= current_date);
CREATE POLICY promotions_tidy ON reporting.promotions
    FOR DELETE TO bookshop_staff
    USING (upper(during) < current_date);
