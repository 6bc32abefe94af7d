-- The publishers' feed: quoted names, awkward data, and a few psql tricks.
\ir ../setup/session.psql
\set feed_table OnixFeed
\set sample 'REF-003'
\if :{?verbose}
\else
  \set verbose 0
\endif

begin;

select plan(25);

select has_table('catalog', :'feed_table', 'the feed table exists');
select columns_are('catalog', 'OnixFeed', array['RecordReference', 'ISBN13', 'TitleText', 'Price GBP', 'loaded_at']);
select has_column('catalog', 'OnixFeed', 'Price GBP', 'a column with a space in its name');
select has_column('catalog', :'feed_table', 'TitleText', 'title column');
select hasnt_column('catalog', :'feed_table', 'titletext', 'names are not folded');
select col_type_is('catalog', 'OnixFeed', 'Price GBP', 'numeric(10,2)', 'type of "Price GBP"');
select col_type_is('catalog', 'OnixFeed', 'ISBN13', 'text', 'feeds contain anything');
select col_is_pk('catalog', 'OnixFeed', 'RecordReference', 'key of the feed');
select col_not_null('catalog', 'OnixFeed', 'TitleText', 'records have titles');
select col_is_null('catalog', 'OnixFeed', 'Price GBP', 'but not always prices');
select col_default_is('catalog', 'OnixFeed', 'loaded_at', 'now()', 'load time');
select has_pk('catalog', 'OnixFeed', 'the feed has a key');

copy catalog."OnixFeed" ("RecordReference", "ISBN13", "TitleText", "Price GBP") from stdin;
REF-001	9780000000019	The Lighthouse Keeper's Daughter	8.50
REF-002	not-an-isbn	It's (almost) a book; select has_table('nope');	\N
REF-003	9780000000026	"Quoted", 'single', $$dollar$$ and -- dashes	24.00
REF-004	9780000000033	/* Don't Wake the Cat	3.99
\.

select is((select count(*)::int from catalog."OnixFeed"), 4, 'four records were loaded');
select is("TitleText", $$The Lighthouse Keeper's Daughter$$, 'apostrophes survive')
  from catalog."OnixFeed" where "RecordReference" = 'REF-001';
select is("TitleText", E'"Quoted", \'single\', $$dollar$$ and -- dashes', 'all kinds of quotes survive')
  from catalog."OnixFeed" where "RecordReference" = :'sample';
select bag_eq(
    'select "RecordReference" from catalog."OnixFeed" where not catalog.is_valid_isbn13("ISBN13")',
    array['REF-002'],
    'one bad ISBN'
);
select is_empty(
    $q$select 1 from catalog."OnixFeed" where "Price GBP" is null and "RecordReference" <> 'REF-002'$q$,
    'one price is missing'
);

select count(*) as n_records, max("RecordReference") as last_record from catalog."OnixFeed" \gset feed_
select is(:feed_n_records, 4, 'four, says psql');
select is(:'feed_last_record'::text, 'REF-004', 'the last record');

\if :verbose
select diag('loaded ' || :feed_n_records || ' records');
\endif

select (current_setting('server_version_num')::int >= 150000) as is_15 \gset
\if :is_15
select has_index('catalog', 'OnixFeed', 'OnixFeed_pkey', array['"RecordReference"'], 'index of the key');
\else
select pass('index names differ on old servers');
\endif

-- the slices below are no psql variables
select is((array['a', 'b', 'c'])[2:3], array['b', 'c'], 'slice of an array');
select is(('{1,2,3}'::int[])[1:1], '{1}'::int[], 'slice with casts');

select is('2024-06-01 12:34:56+00'::timestamptz at time zone 'UTC', timestamp '2024-06-01 12:34:56', 'colons in times');
select is(U&'caf\00E9', 'café'::text, 'unicode escapes');
select is('one '
          'two'::text, 'one two', 'literals continue on the next line');

select * from finish();
rollback;
