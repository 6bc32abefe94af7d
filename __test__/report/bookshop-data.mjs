// The coverage of a book shop's database, made by hand: what a report of a real project looks like.

import { coverageOf, object } from './coverage-data.mjs';

/** The test files; assertions are found in them by the text of their line. */
export const SOURCES = [
  {
    path: 'catalogue/books.sql',
    text: `BEGIN;
SELECT plan(18);

-- The tables of the catalogue.
SELECT has_schema('shop');
SELECT has_table('shop', 'books'::name, 'books are kept');
SELECT has_table('shop', 'authors'::name, 'authors are kept');
SELECT has_pk('shop', 'books', 'every book can be told from the others');
SELECT has_pk('shop', 'authors', 'every author can be told from the others');
SELECT columns_are('shop', 'books', ARRAY['id', 'isbn', 'title', 'price', 'binding', 'published_on', 'description'], 'the columns of books');
SELECT columns_are('shop', 'authors', ARRAY['id', 'name', 'born_on'], 'the columns of authors');
SELECT columns_are('shop', 'book_authors', ARRAY['book_id', 'author_id', 'position'], 'the columns of book_authors');
SELECT has_pk('shop', 'book_authors', 'an author is named once for each book');
SELECT has_view('shop', 'bestsellers'::name, 'bestsellers can be seen');
SELECT has_extension('pg_trgm'::name, 'searching takes trigrams');
SELECT col_not_null('shop', 'books', 'title', 'no book without a title');
SELECT col_type_is('shop', 'books', 'price', 'numeric(8,2)', 'prices are exact');
SELECT col_is_unique('shop', 'books', ARRAY['isbn'], 'an ISBN is given once');
SELECT fk_ok('shop', 'book_authors', 'book_id', 'shop', 'books', 'id', 'authors are of books');
SELECT has_domain('shop', 'isbn13'::name, 'ISBNs have a domain');
SELECT has_enum('shop', 'binding'::name, 'bindings are listed');
-- Renamed to shop.publishers since.
SELECT has_table('shop', 'publisher'::name, 'publishers are kept');

SELECT * FROM finish();
ROLLBACK;
`,
  },
  {
    path: 'catalogue/search.sql',
    text: `BEGIN;
SELECT plan(5);

SELECT has_function('shop', 'search_books', ARRAY['text', 'integer'], 'the catalogue can be searched');
SELECT function_returns('shop', 'search_books', ARRAY['text', 'integer'], 'setof shop.books', 'a search finds books');
SELECT volatility_is('shop', 'search_books', ARRAY['text', 'integer'], 'stable', 'a search changes nothing');
SELECT has_index('shop', 'books', 'books_title_trgm', 'titles are indexed for searching');
SELECT results_eq(
  $$ SELECT title FROM shop.search_books('sea', 1) $$,
  $$ VALUES ('The Old Man and the Sea'::text) $$,
  'one word finds a title');

SELECT * FROM finish();
ROLLBACK;
`,
  },
  {
    path: 'orders/orders.sql',
    text: `BEGIN;
SELECT plan(12);

SELECT tables_are('sales', ARRAY['customers', 'orders', 'order_lines', 'returns'], 'the tables of sales');
SELECT columns_are('sales', 'orders', ARRAY['id', 'customer_id', 'placed_at', 'status', 'total'], 'the columns of orders');
SELECT columns_are('sales', 'order_lines', ARRAY['id', 'order_id', 'book_id', 'amount', 'price'], 'the columns of order_lines');
SELECT has_pk('sales', 'orders', 'every order can be told from the others');
SELECT has_column('sales', 'customers', 'email', 'customers can be written to');
SELECT has_enum('sales', 'order_status'::name, 'the states of an order are listed');
SELECT has_check('sales', 'order_lines', 'amounts are checked');
SELECT has_trigger('sales', 'order_lines', 'take_from_stock', 'selling takes from the stock');
SELECT has_view('sales', 'open_orders'::name, 'open orders can be seen');
SELECT policies_are('sales', 'orders', ARRAY['own_orders', 'staff_orders'], 'who sees which order');
SELECT policy_cmd_is('sales', 'orders', 'own_orders', 'select', 'customers only look');
SELECT throws_ok(
  $$ INSERT INTO sales.order_lines (order_id, book_id, amount) VALUES (1, 1, 0) $$,
  '23514', NULL, 'nobody orders nothing');

SELECT * FROM finish();
ROLLBACK;
`,
  },
  {
    path: 'security/roles.sql',
    text: `BEGIN;
SELECT plan(4);

SELECT has_role('clerk', 'there are clerks');
SELECT schema_privs_are('sales', 'clerk', ARRAY['USAGE'], 'clerks use the schema');
SELECT table_privs_are('sales', 'orders', 'clerk', ARRAY['SELECT', 'INSERT', 'UPDATE'], 'clerks take orders');
SELECT function_privs_are('staff', 'salary_of', ARRAY['integer'], 'clerk', ARRAY[]::text[], 'salaries are not for clerks');

SELECT * FROM finish();
ROLLBACK;
`,
  },
];

/** The first line of a file that holds all of these texts. */
function lineOf(path, ...texts) {
  const lines = SOURCES.find((source) => source.path === path).text.split('\n');
  const at = lines.findIndex((line) => texts.every((text) => line.includes(text)));
  if (at < 0) throw new Error(`${path} has no line with ${texts}`);
  return at + 1;
}

const BOOKS = 'catalogue/books.sql';
const SEARCH = 'catalogue/search.sql';
const ORDERS = 'orders/orders.sql';
const ROLES = 'security/roles.sql';

/** An assertion by the text of its call. */
const by = (file, type, text, how = 'name') => ({ file, line: lineOf(file, `${type}(`, text), type, by: how });
const inList = (file, type, text) => by(file, type, text, 'member');

const FILES_OF = { shop: '0001_catalogue.sql', sales: '0002_sales.sql', staff: '0003_staff.sql', audit: '0004_audit.sql' };
const lastLine = {};

/** The statement that makes an object; every table begins a new one. */
function origin(schema, fresh) {
  const file = `migrations/${FILES_OF[schema] ?? '0000_roles.sql'}`;
  if (fresh) lastLine[file] = (lastLine[file] ?? 1) + 9;
  return { file, line: lastLine[file] ?? 1 };
}

const make = (kind, schema, name, given = {}) => object({ kind, schema, name, origin: origin(schema, kind !== 'columns'), ...given });

const text = (...names) => names.map((name) => `'${name}'`).join(', ');

/** A table with its columns and primary key; `tests` are assertions by column, `''` for the table, `pk` for the key. */
function tableWith(schema, name, columns, tests = {}, exercisedIn = []) {
  const column = (column) => make('columns', schema, column, {
    relation: name, assertions: tests[column], exercisedIn,
    suggestion: `SELECT has_column(${text(schema, name, column)}, '${schema}.${name}.${column} exists');`,
  });
  return [
    make('tables', schema, name, {
      assertions: tests[''], exercisedIn, suggestion: `SELECT has_table(${text(schema)}, '${name}'::name, '${schema}.${name} exists');`,
    }),
    ...columns.map(column),
    make('primaryKeys', schema, `${name}_pkey`, {
      relation: name, columns: ['id'], display: `${schema}.${name} (id)`, assertions: tests.pk, exercisedIn,
      suggestion: `SELECT col_is_pk(${text(schema, name)}, ARRAY['id'::name], '${schema}.${name} has its key');`,
    }),
  ];
}

const schemas = [
  make('schemas', null, 'shop', { assertions: [by(BOOKS, 'has_schema', "'shop'")] }),
  make('schemas', null, 'sales', { assertions: [by(ORDERS, 'tables_are', "'sales'")] }),
  make('schemas', null, 'staff', { exercisedIn: [ROLES], suggestion: "SELECT has_schema('staff'::name, 'staff exists');" }),
  make('schemas', null, 'audit', { suggestion: "SELECT has_schema('audit'::name, 'audit exists');" }),
];

const sales = (name) => [inList(ORDERS, 'tables_are', `'${name}'`)];

/** Assertions of `columns_are` about these columns. */
const listed = (file, table, ...columns) => Object.fromEntries(columns.map((column) => [column, [inList(file, 'columns_are', `'${table}'`)]]));

const tables = [
  ...tableWith('shop', 'books', ['id', 'isbn', 'title', 'price', 'binding', 'published_on', 'description'], {
    ...listed(BOOKS, 'books', 'binding', 'published_on', 'description'),
    '': [by(BOOKS, 'has_table', "'books'"), by(BOOKS, 'has_pk', "'books'")], pk: [by(BOOKS, 'has_pk', "'books'")],
    id: [inList(BOOKS, 'columns_are', "'books'"), by(BOOKS, 'fk_ok', "'books'")],
    isbn: [inList(BOOKS, 'columns_are', "'books'"), by(BOOKS, 'col_is_unique', "'isbn'")],
    title: [inList(BOOKS, 'columns_are', "'books'"), by(BOOKS, 'col_not_null', "'title'")],
    price: [inList(BOOKS, 'columns_are', "'books'"), by(BOOKS, 'col_type_is', "'price'")],
  }),
  ...tableWith('shop', 'authors', ['id', 'name', 'born_on'], {
    ...listed(BOOKS, 'authors', 'id', 'name', 'born_on'), '': [by(BOOKS, 'has_table', "'authors'")], pk: [by(BOOKS, 'has_pk', "'authors'")],
  }),
  ...tableWith('shop', 'book_authors', ['book_id', 'author_id', 'position'], {
    ...listed(BOOKS, 'book_authors', 'author_id', 'position'), '': [by(BOOKS, 'fk_ok', 'book_authors')],
    book_id: [inList(BOOKS, 'columns_are', "'book_authors'"), by(BOOKS, 'fk_ok', "'book_id'")], pk: [by(BOOKS, 'has_pk', "'book_authors'")],
  }),
  ...tableWith('shop', 'publishers', ['id', 'name', 'city']),
  ...tableWith('sales', 'customers', ['id', 'email', 'name', 'joined_at'], {
    '': sales('customers'), email: [by(ORDERS, 'has_column', "'email'")],
  }, [ORDERS]),
  ...tableWith('sales', 'orders', ['id', 'customer_id', 'placed_at', 'status', 'total'], {
    ...listed(ORDERS, 'orders', 'id', 'customer_id', 'placed_at', 'status', 'total'),
    '': [...sales('orders'), by(ORDERS, 'policies_are', "'orders'")], pk: [by(ORDERS, 'has_pk', "'orders'")],
  }, [ORDERS]),
  ...tableWith('sales', 'order_lines', ['id', 'order_id', 'book_id', 'amount', 'price'], {
    ...listed(ORDERS, 'order_lines', 'id', 'order_id', 'book_id', 'amount', 'price'), '': sales('order_lines'),
  }, [ORDERS]),
  ...tableWith('sales', 'returns', ['id', 'order_line_id', 'reason', 'accepted_at'], { '': sales('returns') }),
  ...tableWith('staff', 'employees', ['id', 'name', 'hired_on', 'salary', 'manager_id']),
  ...tableWith('staff', 'shifts', ['id', 'employee_id', 'begins_at', 'ends_at']),
  ...tableWith('audit', 'events', ['id', 'at', 'who', 'relation', 'old_row', 'new_row'], {}, [ORDERS]),
];

const others = [
  make('views', 'sales', 'open_orders', { assertions: [by(ORDERS, 'has_view', "'open_orders'")] }),
  make('views', 'shop', 'bestsellers', { assertions: [by(BOOKS, 'has_view', "'bestsellers'")] }),
  make('materializedViews', 'sales', 'daily_turnover', { suggestion: "SELECT has_materialized_view('sales', 'daily_turnover'::name, 'sales.daily_turnover exists');" }),
  make('sequences', 'sales', 'invoice_numbers', { suggestion: "SELECT has_sequence('sales', 'invoice_numbers'::name, 'sales.invoice_numbers exists');" }),
  make('functions', 'shop', 'search_books', {
    signature: 'text, integer', display: 'shop.search_books(text, integer)',
    assertions: [by(SEARCH, 'has_function', "'search_books'"), by(SEARCH, 'function_returns', "'search_books'"), by(SEARCH, 'volatility_is', "'search_books'")],
  }),
  make('functions', 'sales', 'total_of', {
    signature: 'bigint', display: 'sales.total_of(bigint)', exercisedIn: [ORDERS],
    suggestion: "SELECT has_function('sales', 'total_of', ARRAY['bigint'], 'sales.total_of(bigint) exists');",
  }),
  make('functions', 'staff', 'salary_of', {
    signature: 'integer', display: 'staff.salary_of(integer)', assertions: [by(ROLES, 'function_privs_are', "'salary_of'")],
  }),
  make('functions', 'audit', 'record_change', {
    signature: '', display: 'audit.record_change()', suggestion: "SELECT has_function('audit', 'record_change', '{}'::name[], 'audit.record_change() exists');",
  }),
  make('triggers', 'sales', 'take_from_stock', { relation: 'order_lines', assertions: [by(ORDERS, 'has_trigger', "'take_from_stock'")] }),
  make('triggers', 'sales', 'record_change', {
    relation: 'orders', suggestion: "SELECT has_trigger('sales', 'orders', 'record_change', 'sales.orders.record_change exists');",
  }),
  make('policies', 'sales', 'own_orders', { relation: 'orders', assertions: [inList(ORDERS, 'policies_are', "'own_orders'"), by(ORDERS, 'policy_cmd_is', "'own_orders'")] }),
  make('policies', 'sales', 'staff_orders', { relation: 'orders', assertions: [inList(ORDERS, 'policies_are', "'staff_orders'")] }),
  make('policies', 'staff', 'own_row', {
    relation: 'employees', suggestion: "SELECT policies_are('staff', 'employees', ARRAY['own_row'::name], 'the policies of staff.employees');",
  }),
  make('rls', 'sales', 'orders', { assertions: [by(ORDERS, 'policies_are', "'orders'")] }),
  make('rls', 'staff', 'employees', { exercisedIn: [ROLES] }),
  make('indexes', 'shop', 'books_title_trgm', { relation: 'books', assertions: [by(SEARCH, 'has_index', "'books_title_trgm'")] }),
  make('indexes', 'sales', 'orders_customer', {
    relation: 'orders', suggestion: "SELECT has_index('sales', 'orders', 'orders_customer', ARRAY['customer_id'::name], 'sales.orders.orders_customer exists');",
  }),
  make('foreignKeys', 'shop', 'book_authors_book_id_fkey', {
    relation: 'book_authors', columns: ['book_id'], display: 'shop.book_authors (book_id)', assertions: [by(BOOKS, 'fk_ok', "'book_id'")],
  }),
  make('foreignKeys', 'shop', 'book_authors_author_id_fkey', {
    relation: 'book_authors', columns: ['author_id'], display: 'shop.book_authors (author_id)',
    suggestion: "SELECT fk_ok('shop', 'book_authors', 'author_id', 'shop', 'authors', 'id', 'shop.book_authors (author_id)');",
  }),
  make('uniqueConstraints', 'shop', 'books_isbn_key', {
    relation: 'books', columns: ['isbn'], display: 'shop.books (isbn)', assertions: [by(BOOKS, 'col_is_unique', "'isbn'")],
  }),
  make('checks', 'sales', 'order_lines_amount_check', {
    relation: 'order_lines', columns: ['amount'], display: 'sales.order_lines (amount)', assertions: [by(ORDERS, 'has_check', "'order_lines'")],
  }),
  make('domains', 'shop', 'isbn13', { assertions: [by(BOOKS, 'has_domain', "'isbn13'")] }),
  make('enums', 'shop', 'binding', { assertions: [by(BOOKS, 'has_enum', "'binding'")] }),
  make('enums', 'sales', 'order_status', { assertions: [by(ORDERS, 'has_enum', "'order_status'")] }),
  make('extensions', null, 'pg_trgm', { assertions: [by(BOOKS, 'has_extension', "'pg_trgm'")] }),
  make('roles', null, 'clerk', { assertions: [by(ROLES, 'has_role', "'clerk'")] }),
  make('roles', null, 'auditor', { suggestion: "SELECT has_role('auditor'::name, 'auditor exists');" }),
  make('privileges', 'sales', 'orders', {
    role: 'clerk', display: 'clerk on sales.orders', assertions: [by(ROLES, 'table_privs_are', "'orders'")],
  }),
  make('privileges', 'audit', 'events', {
    role: 'auditor', display: 'auditor on audit.events',
    suggestion: "SELECT table_privs_are('audit', 'events', 'auditor', ARRAY['SELECT'], 'auditor on audit.events');",
  }),
];

const stale = [
  {
    file: BOOKS, line: lineOf(BOOKS, "'publisher'"), type: 'has_table', target: 'shop.publisher', kind: 'tables',
    reason: 'no table shop.publisher in the schema', nearest: 'shop.publishers',
  },
];

const objects = [...schemas, ...tables, ...others];

const files = SOURCES.map(({ path, text: sql }) => {
  const planned = Number(/plan\((\d+)\)/.exec(sql)[1]);
  const covers = objects.filter(({ assertions }) => assertions.some(({ file }) => file === path)).length;
  return { path, assertions: planned, planned, lines: sql.split('\n').length, covers };
});

/** The document. */
export const bookshop = () => coverageOf(objects, { stale, files });
