begin;
select plan(45);

-- whole tables
select indexes_are('accounts', 'customers', array['customers_pkey', 'customers_email_key', 'customers_active_idx']);
select indexes_are('accounts', 'sessions', array['sessions_pkey', 'sessions_customer_id_idx', 'sessions_expires_at_idx']);
select indexes_are('catalog', 'books', array[
    'books_pkey', 'books_isbn_key',
    'books_publisher_id_idx', 'books_title_idx', 'books_listed_idx', 'books_keywords_idx'
], 'indexes of catalog.books');
select indexes_are('catalog', 'categories', array['categories_pkey', 'categories_sibling_name_key']);
select indexes_are('sales', 'orders', array['orders_pkey', 'orders_order_number_key', 'orders_customer_status_idx', 'orders_open_idx']);
select indexes_are('sales', 'carts', array['carts_pkey', 'carts_one_open_key']);

-- existence, and the columns where they are columns
select has_index('accounts', 'customers', 'customers_active_idx', 'created_at'::name);
select has_index('accounts', 'customers', 'customers_email_key', array['lower((email)::text)'], 'email is indexed in lower case');
select has_index('accounts', 'sessions', 'sessions_customer_id_idx', array['customer_id'], 'sessions by customer');
select has_index('accounts', 'sessions', 'sessions_expires_at_idx', array['expires_at'], 'sessions by expiry');
select has_index('catalog', 'authors', 'authors_family_name_idx', 'lower(family_name)'::name, 'authors by name, any case');
select has_index('catalog', 'books', 'books_publisher_id_idx', array['publisher_id'], 'books by publisher');
select has_index('catalog', 'books', 'books_title_idx', 'title');
select has_index('catalog', 'books', 'books_listed_idx', array['published_on'], 'newest listed books');
select has_index('catalog', 'books', 'books_keywords_idx', array['keywords'], 'books by keyword');
select has_index('catalog', 'book_authors', 'book_authors_author_id_idx', array['author_id'], 'books by author');
select has_index('catalog', 'reviews', 'reviews_published_idx', array['book_id'], 'published reviews by book');
select has_index('catalog', 'OnixFeed', 'OnixFeed_ISBN13_idx', array['"ISBN13"'], 'feed by ISBN');
select has_index('sales', 'orders', 'orders_customer_status_idx', array['customer_id', 'status'], 'orders by customer and status');
select has_index('sales', 'orders', 'orders_open_idx', array['placed_at'], 'open orders by date');
select has_index('sales', 'order_lines', 'order_lines_book_id_idx', array['book_id'], 'lines by book');
select has_index('sales', 'payments', 'payments_order_id_idx', array['order_id'], 'payments by order');
select has_index('audit', 'events', 'events_relation_idx', array['relation', 'happened_at'], 'events by relation');
select hasnt_index('catalog', 'books', 'books_isbn_idx', 'the unique constraint is enough');

-- kinds
select index_is_unique('accounts', 'customers', 'customers_email_key');
select index_is_unique('accounts', 'customers', 'customers_email_key', 'email is unique, whatever the case');
select index_is_unique('catalog', 'categories', 'categories_sibling_name_key');
select index_is_unique('sales', 'carts', 'carts_one_open_key');
select index_is_unique('catalog', 'bestsellers', 'bestsellers_book_id_key', 'needed by refresh concurrently');
select index_is_primary('catalog', 'books', 'books_pkey');
select index_is_primary('sales', 'order_lines', 'order_lines_pkey');
select index_is_primary('audit', 'events', 'events_pkey', 'key of the audit trail');

select index_is_type('catalog', 'books', 'books_keywords_idx', 'gin');
select index_is_type('accounts', 'sessions', 'sessions_expires_at_idx', 'brin');
select index_is_type('sales', 'payments', 'payments_order_id_idx', 'hash');
select index_is_type('catalog', 'books', 'books_title_idx', 'btree', 'titles in a b-tree');

select index_owner_is('catalog', 'books', 'books_title_idx', current_user, 'owner of books_title_idx');

select is_indexed('catalog', 'books', 'isbn', 'isbn is indexed');
select is_indexed('sales', 'orders', array['customer_id', 'status'], 'customer and status are indexed');
select is_indexed('catalog'::name, 'price_history'::name, array['book_id', 'changed_at']::name[]);

-- predicates: pgTAP does not look at them
select is(
    pg_get_expr(i.indpred, i.indrelid),
    w.predicate,
    w.index_name || ' is partial'
)
  from (values
        ('catalog.books_listed_idx',      'is_listed'),
        ('catalog.reviews_published_idx', 'is_published'),
        ('sales.carts_one_open_key',      '(checked_out_at IS NULL)'),
        ('accounts.customers_active_idx', 'is_active')
       ) as w (index_name, predicate)
  join pg_catalog.pg_index i on i.indexrelid = w.index_name::regclass;

select bag_eq(
    $$select indexname from pg_catalog.pg_indexes where schemaname = 'sales' and indexdef ilike '% where %'$$,
    array['carts_one_open_key', 'orders_open_idx'],
    'partial indexes of schema sales'
);

select finish();
rollback;
