// The parts of a random suite: white space, arguments and assertion calls. Whatever is written here is also
// counted here, so that a suite knows its own truth.

/** Assertions the suites call. Arguments are random: this is about finding calls, not about running them. */
export const SUITE_NAMES = ['ok', 'is', 'isnt', 'pass', 'fail', 'matches', 'alike', 'cmp_ok', 'can', 'isa_ok', 'throws_ok', 'lives_ok',
  'results_eq', 'set_eq', 'bag_eq', 'is_empty', 'row_eq', 'performs_ok', 'has_table', 'hasnt_table', 'has_column', 'col_is_pk',
  'col_type_is', 'col_default_is', 'has_index', 'index_is_unique', 'has_function', 'function_returns', 'is_definer',
  'volatility_is', 'has_trigger', 'triggers_are', 'tables_are', 'policies_are', 'policy_cmd_is', 'table_privs_are',
  'has_role', 'is_superuser', 'fk_ok', 'enum_has_labels', 'schemas_are', 'has_extension'];

const BLANKS = [[60, ''], [14, ' '], [6, '\n  '], [3, '\t'], [3, ' /* is(1, 2) */ '], [2, ' /* a /* ok(1) */ b */ '], [2, ' -- ok(true);\n'],
  [1, " /* it's */ "], [1, " -- don't\n"], [1, '\r\n']];

/** Arguments that hold no assertion, though many of them look like one. */
const PLAIN_ARGUMENTS = [
  "'users'", "'it''s'", "''", "'has_table(''x'')'", "'a, b); SELECT ok(true'", "'two\nlines'", "'a' \n 'b'", '1', '-1.5', 'true', 'NULL',
  "E'it\\'s ok(1)'", "E'\\\\'", "e'a\\nb'", "U&'\\0041 is(1)'", "B'101'", "X'1F'", "N'n'", '$$SELECT ok(true)$$', "$q$it's $$ ok(1)$q$",
  '$ok$ fail() $ok$', "'users'::name", "CAST('x' AS name)", "name 'x'", "'{a,b}'::name[]", "'x'::pg_catalog.text", "ARRAY['a', 'b']",
  'ARRAY[]::text[]', "ARRAY[['a'], ['b']]", 'now()', 'current_user', 'lower(\'OK(1)\')', "'a' || 'b' || 'c'", '(1, 2)', 'ROW(1, \'a\')', '(SELECT 1)',
  '(SELECT count(*) FROM t WHERE a IN (1, 2))', 'EXISTS (SELECT 1)', "CASE WHEN true THEN 'a' ELSE 'b' END", "'x' COLLATE \"C\"",
  'extract(epoch FROM now())', "position('a' IN 'b')", "trim(both ' ' from 'x')", "'a' IN ('b', 'c')", 'a BETWEEN 1 AND 2', "INTERVAL '1 day'",
  '"Mixed Col"', '"a""b"', 'rbac.has_role(\'x\')', 'my.ok(1, 2)', 'db.public.ok(1)', 'ok', 'x.pass', 'a IS NULL', 'a IS NOT DISTINCT FROM (1)',
  'arr[1:2]', 'f(a => 1, b := 2)', "'a' ~ '^\\('", 'count(*)', "array_agg(x ORDER BY y, z)", "'\\'", "'\"'", '"\'"', "'--'", "'/*'", "'$$'",
  '"ok(1)"', 'pass_count(1)', 'not_ok(2)', '"Ok"(1)', 'public."IS"(1, 2)', 'ok_("x")', "'naïve ✓'", 'größe', 'x$ok$y(1)',
];

export class CallWriter {
  constructor(random) {
    this.random = random;
    this.counts = {};
    this.total = 0;
    this.wraps = ['SELECT'];
  }

  blank() {
    return this.random.weighted(BLANKS);
  }

  note(name) {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    this.total += 1;
  }

  /** The name as somebody might write it: folded cases, quoted, with a schema. */
  spelled(name) {
    const { random } = this;
    const spelled = random.weighted([[80, name], [6, name.toUpperCase()], [6, name[0].toUpperCase() + name.slice(1)], [3, `"${name}"`]]);
    const schema = random.weighted([[85, ''], [4, 'public'], [3, 'tap'], [3, 'extensions'], [2, 'pgtap'], [2, '"public"'], [1, 'TAP']]);
    if (!schema) return spelled;
    return random.chance(0.1) ? `${schema} .\n${spelled}` : `${schema}.${spelled}`;
  }

  /** `name(arguments)` with random white space; the arguments are given as text. */
  written(name, args) {
    const list = args.map((argument) => `${this.blank()}${argument}${this.blank()}`).join(',');
    return `${this.spelled(name)}${this.blank()}(${args.length ? list : this.blank()})`;
  }

  /** An argument that may hold further assertions, but not as the argument itself. */
  argument() {
    const { random } = this;
    if (random.chance(0.94)) return random.pick(PLAIN_ARGUMENTS);
    return random.pick([
      () => `(SELECT ${this.plainCall()})`,
      () => `lower(${this.plainCall()})`,
      () => `${this.plainCall()} || 'x'`,
      () => `CASE WHEN a = 1 THEN ${this.plainCall()} ELSE 'b' END`,
      () => `ARRAY[${this.plainCall()}, ${this.plainCall()}]`,
    ])();
  }

  /** An assertion of its own, with or without named arguments. */
  plainCall() {
    const name = this.random.pick(SUITE_NAMES);
    this.note(name);
    const args = Array.from({ length: this.random.weighted([[1, 0], [3, 1], [6, 2], [5, 3], [3, 4], [1, 6]]) }, () => this.argument());
    // Positional arguments must come first, so only the last one is named.
    if (args.length && this.random.chance(0.05)) args.push(`description ${this.random.pick(['=>', ':='])} 'named'`);
    return this.written(name, args);
  }

  /** An assertion around others: only the inner ones count. */
  wrappedCall() {
    const inner = this.plainCall();
    return this.random.pick([
      () => this.written('ok', [inner, "'outer'"]),
      () => this.written('is', [inner, this.plainCall(), "'both'"]),
      () => this.written('check_test', [inner, 'true', "'name'"]),
      () => this.written('collect_tap', [inner, this.plainCall(), this.plainCall()]),
      () => this.written('matches', [inner, "'^ok'"]),
      () => this.written('ok', [this.written('ok', [inner])]),
    ])();
  }

  call() {
    return this.random.chance(0.08) ? this.wrappedCall() : this.plainCall();
  }
}
