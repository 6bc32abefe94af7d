-- Types of the bookshop: enums, domains, composite, sequences.
\set n_types 7
\set app_schema sales

BEGIN;
SELECT plan(:n_types * 4 + 12);

-- enums -----------------------------------------------------------------
SELECT has_enum('catalog', 'book_format', 'catalog.book_format is an enum');
SELECT enum_has_labels('catalog', 'book_format', ARRAY['hardback', 'paperback', 'ebook', 'audiobook']);
SELECT has_enum(:'app_schema', 'order_status', 'order_status is an enum');
SELECT enum_has_labels(
    :'app_schema',
    'order_status',
    ARRAY['draft', 'placed', 'paid', 'shipped', 'delivered', 'cancelled'],
    'order status in the order of the life of an order; ''cancelled'' comes last'
);
SELECT has_enum(:'app_schema', 'payment_method', 'payment_method is an enum');
SELECT enum_has_labels('sales', 'payment_method', '{card,voucher,invoice}', 'payment methods');
SELECT enums_are('sales', ARRAY['order_status', 'payment_method']);
SELECT enums_are('catalog', ARRAY['book_format'], 'enums of catalog');
SELECT hasnt_enum('accounts', 'loyalty_tier', 'tiers are a check constraint, not an enum');

-- domains ---------------------------------------------------------------
SELECT domains_are('accounts', ARRAY['email']);
SELECT domains_are('catalog', ARRAY['isbn13']);
SELECT domains_are('sales', ARRAY['amount'], 'domains of sales');
SELECT has_domain('accounts', 'email', 'accounts.email is a domain');
SELECT has_domain('catalog'::name, 'isbn13'::name);
SELECT has_domain(:'app_schema', 'amount', 'sales.amount is a domain');
SELECT domain_type_is('accounts', 'email', 'pg_catalog', 'text', 'email is text');
SELECT domain_type_is('catalog', 'isbn13', 'pg_catalog', 'bpchar', 'isbn13 has a fixed width');
SELECT domain_type_is('sales', 'amount', 'numeric', 'amount is a number');
SELECT domain_type_isnt('sales', 'amount', 'double precision', 'money is not a float');
SELECT lives_ok(format('SELECT %L::accounts.email', e), 'good: ' || e)
  FROM unnest(ARRAY['a@b.example', 'first.last+tag@sub.example.org']) AS e;
SELECT throws_ok(format('SELECT %L::accounts.email', e), '23514', NULL, 'bad: ' || e)
  FROM unnest(ARRAY['nobody', '@example.org', 'two words@example.org', 'x@y']) AS e;
SELECT throws_ok($$SELECT (-1)::sales.amount$$, '23514', 'value for domain sales.amount violates check constraint "amount_not_negative"');
SELECT throws_ok($$SELECT NULL::sales.amount$$, '23502', 'domain sales.amount does not allow null values', 'amounts are never null');

-- composite -------------------------------------------------------------
SELECT has_composite('sales', 'price_quote', 'price_quote is a composite type');
SELECT has_type('sales', 'price_quote', 'price_quote is a type');
SELECT columns_are('sales', 'price_quote', ARRAY['net', 'tax', 'total'], 'parts of a quote');
SELECT col_type_is('sales', 'price_quote', 'net', 'numeric(10,2)', 'net is a number');
SELECT types_are('accounts', ARRAY['email'], 'types of accounts');
SELECT types_are('sales', ARRAY['order_status', 'payment_method', 'amount', 'price_quote'], 'types of sales');
SELECT hasnt_type('catalog', 'genre', 'genres became categories');
SELECT type_owner_is('sales', 'order_status', current_user, 'owner of order_status');
SELECT * FROM type_owner_is('catalog', 'book_format', current_user, 'owner of book_format');

-- sequences -------------------------------------------------------------
SELECT has_sequence('sales', 'order_number_seq', 'order numbers have a sequence');
SELECT sequence_owner_is('sales', 'order_number_seq', current_user, 'owner of order_number_seq');
SELECT results_eq(
    'SELECT start_value, increment_by FROM pg_catalog.pg_sequences WHERE schemaname = ''sales'' AND sequencename = ''order_number_seq''',
    'VALUES (100000::bigint, 1::bigint)',
    'order numbers start at 100000'
);
SELECT sequences_are('audit', ARRAY['events_event_id_seq'], 'sequences of audit');

SELECT * FROM finish();
ROLLBACK;
