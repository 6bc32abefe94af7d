BEGIN;

SELECT * FROM plan( 71 );

SET LOCAL search_path = public;

-- =====================================================================
-- catalog.books
-- =====================================================================
SELECT COLUMNS_ARE( 'catalog', 'books', ARRAY[
    'book_id',
    'isbn',
    'title',
    'subtitle',
    'slug',
    'format',
    'publisher_id',
    'published_on',
    'price',
    'keywords',
    'is_listed',
    'updated_at'
] );

SELECT HAS_COLUMN(      'catalog', 'books', 'book_id', 'catalog.books.book_id exists' );
SELECT COL_TYPE_IS(     'catalog', 'books', 'book_id', 'bigint', 'book_id is a bigint' );
SELECT COL_NOT_NULL(    'catalog', 'books', 'book_id', 'book_id is required' );
SELECT COL_IS_PK(       'catalog', 'books', 'book_id', 'book_id is the primary key' );

SELECT HAS_COLUMN(      'catalog', 'books', 'isbn', 'catalog.books.isbn exists' );
SELECT COL_TYPE_IS(     'catalog', 'books', 'isbn', 'catalog', 'isbn13', 'isbn uses the domain' );
SELECT COL_NOT_NULL(    'catalog', 'books', 'isbn', 'isbn is required' );
SELECT COL_HASNT_DEFAULT('catalog', 'books', 'isbn', 'isbn has no default' );

SELECT HAS_COLUMN(      'catalog', 'books', 'title', 'catalog.books.title exists' );
SELECT COL_TYPE_IS(     'catalog', 'books', 'title', 'text', 'title is text' );
SELECT COL_NOT_NULL(    'catalog', 'books', 'title', 'title is required' );

SELECT HAS_COLUMN(      'catalog', 'books', 'subtitle', 'catalog.books.subtitle exists' );
SELECT COL_TYPE_IS(     'catalog', 'books', 'subtitle', 'text', 'subtitle is text' );
SELECT COL_IS_NULL(     'catalog', 'books', 'subtitle', 'subtitle may be missing' );

SELECT HAS_COLUMN(      'catalog', 'books', 'slug', 'catalog.books.slug exists' );
SELECT COL_NOT_NULL(    'catalog', 'books', 'slug', 'slug is required' );
SELECT IS(
    ( SELECT attgenerated::text FROM pg_attribute
       WHERE attrelid = 'catalog.books'::regclass AND attname = 'slug' ),
    's',
    'slug is a generated column'
);

SELECT COL_TYPE_IS(     'catalog', 'books', 'format', 'catalog.book_format', 'format is an enum' );
SELECT COL_HAS_DEFAULT( 'catalog', 'books', 'format', 'format has a default' );
SELECT COL_DEFAULT_IS(  'catalog', 'books', 'format', 'paperback', 'paperback unless told otherwise' );

SELECT COL_TYPE_IS(     'catalog', 'books', 'publisher_id', 'integer', 'publisher_id is an integer' );
SELECT COL_NOT_NULL(    'catalog', 'books', 'publisher_id', 'publisher_id is required' );
SELECT COL_IS_FK(       'catalog', 'books', 'publisher_id', 'publisher_id refers to a publisher' );

SELECT COL_TYPE_IS(     'catalog', 'books', 'published_on', 'date', 'published_on is a date' );
SELECT COL_IS_NULL(     'catalog', 'books', 'published_on'::name );

SELECT COL_TYPE_IS(     'catalog', 'books', 'price', 'sales.amount', 'price is an amount' );
-- SELECT COL_TYPE_IS(     'catalog', 'books', 'price', 'numeric(10,2)', 'price is a number' );

SELECT COL_TYPE_IS(     'catalog', 'books', 'keywords', 'text[]', 'keywords is a list' );
SELECT COL_DEFAULT_IS(  'catalog', 'books', 'keywords', '{}'::text[], 'no keywords at first' );

SELECT COL_TYPE_IS(     'catalog', 'books', 'is_listed', 'boolean', 'is_listed is a boolean' );
SELECT COL_DEFAULT_IS(  'catalog', 'books', 'is_listed', 'true', 'listed unless told otherwise' );
SELECT COL_TYPE_IS(     'catalog', 'books', 'updated_at', 'timestamp with time zone', 'updated_at keeps the zone' );
SELECT COL_DEFAULT_IS(  'catalog', 'books', 'updated_at', 'now()', 'updated_at starts as now' );

-- =====================================================================
-- catalog.publishers, catalog.authors
-- =====================================================================
SELECT COLUMNS_ARE( 'catalog', 'publishers', ARRAY[ 'publisher_id', 'name', 'website' ], 'columns of publishers' );
SELECT COL_TYPE_IS( 'catalog', 'publishers', 'publisher_id', 'integer', 'publisher_id is an integer' );
SELECT COL_TYPE_IS( 'catalog', 'publishers', 'name', 'text', 'name is text' );
SELECT COL_NOT_NULL( 'catalog', 'publishers', 'name', 'a publisher has a name' );
SELECT COL_IS_NULL( 'catalog', 'publishers', 'website', 'not all publishers have a web site' );

SELECT COLUMNS_ARE( 'catalog', 'authors',
                    ARRAY[ 'author_id', 'given_name', 'family_name', 'born_on', 'died_on' ],
                    'columns of authors' );
SELECT COL_IS_PK(    'catalog', 'authors', 'author_id', 'key of authors' );
SELECT COL_TYPE_IS(  'catalog', 'authors', 'given_name', 'text', 'given_name is text' );
SELECT COL_IS_NULL(  'catalog', 'authors', 'given_name', 'some authors have one name only (e.g. "Anonymous")' );
SELECT COL_TYPE_IS(  'catalog', 'authors', 'family_name', 'text', 'family_name is text' );
SELECT COL_NOT_NULL( 'catalog', 'authors', 'family_name', 'family_name is required' );
SELECT COL_TYPE_IS(  'catalog', 'authors', 'born_on', 'date', 'born_on is a date' );
SELECT COL_TYPE_IS(  'catalog', 'authors', 'died_on', 'date', 'died_on is a date' );
SELECT COL_IS_NULL(  'catalog', 'authors', 'died_on', 'authors may be alive' );

-- =====================================================================
-- catalog.categories and the link table
-- =====================================================================
SELECT HAS_COLUMN( 'catalog'::name, 'categories'::name, 'parent_id'::name, 'categories form a tree'::text );
SELECT COL_TYPE_IS( 'catalog'::name, 'categories'::name, 'parent_id'::name, 'integer' );
SELECT COL_IS_NULL( 'catalog'::name, 'categories'::name, 'parent_id'::name );
SELECT COL_NOT_NULL( 'catalog'::name, 'categories'::name, 'name'::name );
SELECT COL_TYPE_IS( 'catalog'::name, 'categories'::name, 'name'::name, 'text' );
SELECT COLUMNS_ARE( 'catalog', 'book_categories', ARRAY[ 'book_id', 'category_id' ] );

-- =====================================================================
-- catalog.reviews: one assertion per column, driven by a list
-- =====================================================================
SELECT HAS_COLUMN( 'catalog', 'reviews', column_name, 'reviews.' || column_name || ' exists' )
  FROM unnest( ARRAY[ 'review_id', 'book_id', 'customer_id', 'rating', 'body', 'is_published', 'created_at' ] ) AS column_name;

SELECT COL_TYPE_IS( 'catalog', 'reviews', v.c, v.t, 'reviews.' || v.c || ' is ' || v.t )
  FROM ( VALUES ( 'rating', 'smallint' ), ( 'body', 'text' ), ( 'is_published', 'boolean' ), ( 'book_id', 'bigint' ) ) AS v( c, t );

SELECT COL_DEFAULT_IS( 'catalog', 'reviews', 'is_published', 'false', 'reviews wait for a moderator' );
SELECT COL_NOT_NULL( 'catalog', 'reviews', 'rating', 'a review has a rating' );
SELECT COL_IS_NULL( 'catalog', 'reviews', 'body', 'a review needs no text' );

SELECT HAS_COLUMN( 'catalog', 'available_books', 'publisher', 'views have columns too' );
SELECT COL_TYPE_IS( 'catalog', 'book_ratings', 'average_rating', 'numeric', 'the average is a number' );
SELECT HASNT_COLUMN( 'catalog', 'books', 'author', 'authors moved to their own table' );
SELECT HASNT_COLUMN( 'catalog', 'authors', 'full_name', 'names are stored in two parts' );

SELECT * FROM finish();
ROLLBACK;
