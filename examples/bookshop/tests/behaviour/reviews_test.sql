begin;
\i tests/setup/helpers.sql
\i tests/setup/fixtures.sql

-- Written with our own little vocabulary: \set is cheaper than typing.
\set review_of_ada 'insert into catalog.reviews (book_id, customer_id, rating, body) values (1, 1, 5, ''Couldn''''t put it down'')'
\set publish 'update catalog.reviews set is_published = true where book_id = 1 and customer_id = 1'
\set denied 42501

select plan(16);

select test_helpers.act_as_customer(1);
select lives_ok(:'review_of_ada', 'Ada reviews a book');
select throws_ok(:'review_of_ada', '23505', null, 'but only once');
select results_eq('select body from catalog.reviews', array[$$Couldn't put it down$$], 'she sees her own review');
select is_empty(:'publish' || ' returning review_id', 'she cannot publish it');
select throws_ok(
    'insert into catalog.reviews (book_id, customer_id, rating, is_published) values (2, 1, 1, true)',
    :'denied', null, 'reviews cannot be published straight away'
);
select throws_ok(
    'insert into catalog.reviews (book_id, customer_id, rating) values (2, 2, 1)',
    :'denied', 'new row violates row-level security policy for table "reviews"', 'nor written in the name of others'
);

reset role;
select test_helpers.act_as_customer(2);
select is_empty('select * from catalog.reviews', 'Bruno does not see it yet');

reset role;
set local role bookshop_staff;
select isnt_empty(:'publish' || ' returning review_id', 'a moderator publishes it');

reset role;
select test_helpers.act_as_customer(2);
select results_eq('select rating from catalog.reviews', array[5]::smallint[], 'Bruno sees it now');
select is_empty('delete from catalog.reviews returning review_id', 'he cannot remove it');

reset role;
select results_eq(
    'select book_id, average_rating from catalog.book_ratings',
    'values (1::bigint, 5.0)',
    'it counts'
);

select throws_ok(
    format('insert into catalog.reviews (book_id, customer_id, rating) values (3, 3, %s)', rating),
    '23514',
    null,
    format('%s is not a rating', rating)
)
  from (values (0), (6), (-1)) as bad (rating);

select is(
    case rating when 5 then 'five' else 'other' end,
    'five',
    case when is_published then 'published' else 'unpublished' end || ' with five stars'
)
  from catalog.reviews;

select hasnt_column('catalog', 'reviews', 'ip_address', 'we do not keep addresses');

select * from finish();
rollback;
