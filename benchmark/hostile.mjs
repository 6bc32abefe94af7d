// Inputs that make a careless reader slow, deep or wrong. None of them is a sensible test file.

const OK = "SELECT ok(true, 'x');\n";

/** `unit` (or `unit(i)`) repeated until the text has about `size` bytes. */
function fill(size, unit) {
  const parts = [];
  for (let length = 0, i = 0; length < size; i += 1) {
    parts.push(typeof unit === 'function' ? unit(i) : unit);
    length += parts[i].length;
  }
  return parts.join('');
}

/** Opens and closes `open`/`close` around `middle`, so deep that the text has about `size` bytes. */
function nest(size, open, middle, close) {
  const depth = Math.max(1, Math.floor(size / (open.length + close.length)));
  return open.repeat(depth) + middle + close.repeat(depth);
}

/** Dollar quotes within each other, each with its own tag: the body of the body of the body. */
function nestedBodies(size) {
  const depth = Math.max(1, Math.floor(size / 36));
  const opens = Array.from({ length: depth }, (_, i) => `DO $f${i}$ BEGIN `);
  const closes = Array.from({ length: depth }, (_, i) => ` END $f${depth - 1 - i}$;`);
  return `${opens.join('')}PERFORM ok(true);${closes.join('')}`;
}

const MAKERS = {
  'nested-parens': (size) => `SELECT ok(${nest(size, '(', 'true', ')')});`,
  'open-parens': (size) => `SELECT ok${fill(size, '(')}`,
  'close-parens': (size) => `SELECT ok(true)${fill(size, ')')};`,
  'nested-brackets': (size) => `SELECT is(${nest(size, 'ARRAY[', '1', ']')}, 1);`,
  'open-dollar-tags': (size) => fill(size, (i) => `$t${i}$ `),
  'open-dollar-assertions': (size) => fill(size, (i) => `SELECT ok($a${i}$ x);\n`),
  'open-strings': (size) => fill(size, "SELECT ok('x);\n"),
  'open-escape-strings': (size) => fill(size, "E'\\' "),
  'open-comments': (size) => fill(size, '/* x '),
  'nested-comments': (size) => fill(size, '/*/'),
  'closed-nested-comments': (size) => `${nest(size, '/*', ' ', '*/')}${OK}`,
  'nested-ok': (size) => fill(size, 'ok('),
  'closed-nested-ok': (size) => `SELECT ${nest(size, 'ok(', 'true', ')')};`,
  'huge-argument-list': (size) => `SELECT collect_tap(${fill(size, "'a', ")}'z');`,
  'huge-string': (size) => `SELECT ok(true, '${fill(size, 'ok(1) ')}');`,
  'single-quotes': (size) => `SELECT ${fill(size, "'")}`,
  'double-quotes': (size) => `SELECT ${fill(size, '"')}`,
  'backslashes': (size) => `SELECT ${fill(size, '\\')}`,
  'backslash-lines': (size) => fill(size, '\\\n'),
  'backticks': (size) => `SELECT ${fill(size, '`')}`,
  'set-backticks': (size) => fill(size, '\\set x `\n'),
  'dollars': (size) => `SELECT ${fill(size, '$')}`,
  'colons': (size) => `SELECT ${fill(size, ':')}`,
  'double-colons': (size) => `SELECT ok(true${fill(size, '::::')});`,
  'variables': (size) => `SELECT ok(${fill(size, ":'")}`,
  'casts': (size) => `SELECT ok('x'${fill(size, '::text')});`,
  'commas': (size) => `SELECT ok(${fill(size, ',')});`,
  'dots': (size) => `SELECT ${fill(size, 'a.')}ok(true);`,
  'tiny-statements': (size) => fill(size, OK),
  'empty-statements': (size) => fill(size, ';'),
  'open-copy': (size) => `COPY t FROM stdin;\n${fill(size, "it's ok(1)\t\\N\n")}`,
  'many-copies': (size) => fill(size, 'COPY t FROM stdin;\n'),
  'nested-dollar-bodies': nestedBodies,
  'open-function-bodies': (size) => fill(size, (i) => `CREATE FUNCTION f${i}() RETURNS text LANGUAGE sql AS $b${i}$ SELECT ok(`),
  'long-line': (size) => fill(size, OK.replace('\n', ' ')),
  'long-name': (size) => `SELECT ${fill(size, 'ok')}(true);`,
  'many-ifs': (size) => fill(size, '\\if :x\n'),
  'many-includes': (size) => fill(size, (i) => `\\ir missing_${i}.sql\n`),
  'many-sets': (size) => fill(size, (i) => `\\set v${i} :v${Math.max(0, i - 1)} :v${Math.max(0, i - 1)}\n`),
  'nul-bytes': (size) => `SELECT ok(true${fill(size, '\0')});`,
  'broken-utf8': (size) => `SELECT ok('${fill(size, '\uFFFD')}');`,
  'unions': (size) => `SELECT ok(true)${fill(size, ' UNION ALL SELECT ok(true)')};`,
  'case-arms': (size) => `SELECT CASE${fill(size, ' WHEN a THEN ok(true)')} END;`,
};

export const HOSTILE_KINDS = Object.freeze(Object.keys(MAKERS));

/** About `size` bytes of the hostile input `kind` (one of HOSTILE_KINDS). */
export function generateHostile(kind, size) {
  const make = MAKERS[kind];
  if (!make) throw new Error(`unknown kind ${kind}; known: ${HOSTILE_KINDS.join(', ')}`);
  return make(size);
}
