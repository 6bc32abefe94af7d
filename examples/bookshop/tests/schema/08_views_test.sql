-- views and the one materialized view
begin;
set local search_path to catalog, sales, accounts, public;
select plan(27);

select views_are('catalog', array['available_books', 'book_ratings']);
select views_are('sales', array['order_totals', 'low_stock']);
select materialized_views_are('catalog', array['bestsellers']);
select views_are('accounts', array[]::name[], 'no views in accounts');

select has_view('available_books', 'the shop window');
select has_view('catalog', 'book_ratings', 'ratings');
select has_view('sales', 'order_totals', 'totals');
select has_view('sales', 'low_stock', 'what to order');
select has_materialized_view('bestsellers', 'best sellers are kept');
select has_relation('bestsellers', 'and are a relation');
select hasnt_view('featured_books', 'features are a keyword now');
select hasnt_view('catalog', 'bestsellers', 'bestsellers is materialized');

select columns_are('available_books', array['book_id', 'isbn', 'title', 'slug', 'format', 'price', 'publisher']);
select columns_are('catalog', 'bestsellers', array['book_id', 'copies_sold'], 'columns of bestsellers');
select columns_are('low_stock', array['warehouse_code', 'book_id', 'title', 'on_hand', 'reorder_at'], 'columns of low_stock');
select col_type_is('bestsellers', 'copies_sold', 'bigint');
select view_owner_is('sales', 'order_totals', current_user, 'owner of order_totals');
select materialized_view_owner_is('bestsellers', current_user);

-- constraints, written while search_path points here
select has_unique('books', 'isbn');
select has_pk('books');
select has_fk('books');

\ir ../setup/fixtures.sql
set local search_path to catalog, sales, accounts, public;

select results_eq(
    'select title from available_books order by title',
    array['Bread, Salt and Wine', 'Don''t Wake the Cat', 'The Lighthouse Keeper''s Daughter', 'Tides (revised edition)'],
    'withdrawn books are not shown'
);
select is_empty('select * from available_books where book_id = 5', 'book 5 is withdrawn');
select throws_ok(
    'select * from bestsellers',
    '55000',
    'materialized view "bestsellers" has not been populated',
    'nothing before the first refresh'
);
select catalog.refresh_bestsellers();
select isnt_empty('select count(*) from bestsellers', 'the refresh finds sales');
select set_eq(
    'select book_id, copies_sold from bestsellers',
    $$values (1::bigint, 1::bigint), (2, 1), (3, 1), (4, 1)$$
);
select bag_eq(
    $$select warehouse_code, title from low_stock$$,
    $$values ('CAM'::character(3), 'Bread, Salt and Wine'), ('MIL', 'Tides (revised edition)')$$,
    'two titles have to be ordered'
);

select * from finish();
rollback;
