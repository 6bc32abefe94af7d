// Coverage documents for tests of reports: made of rows, generated from a seed, and of names that try to break out.

const KINDS = [
  'schemas', 'tables', 'columns', 'views', 'materializedViews', 'foreignTables', 'sequences', 'functions', 'triggers',
  'policies', 'rls', 'indexes', 'primaryKeys', 'foreignKeys', 'uniqueConstraints', 'checks', 'types', 'domains', 'enums',
  'rules', 'extensions', 'roles', 'privileges', 'partitions',
];

function counts(objects) {
  const of = (state) => objects.filter((object) => object.state === state).length;
  const asserted = of('asserted');
  const total = objects.length;
  const percent = total === 0 ? 100 : Math.round((1000 * asserted) / total) / 10;
  return { total, asserted, exercised: of('exercised'), untested: of('untested'), percent };
}

/** An object with all fields; `given` has those that matter. */
export function object(given) {
  const { schema = null, relation = null, name } = given;
  const assertions = (given.assertions ?? []).map((found) => ({ file: found.file, line: found.line, type: found.type, by: found.by ?? 'name' }));
  const exercisedIn = given.exercisedIn ?? [];
  const state = assertions.length > 0 ? 'asserted' : exercisedIn.length > 0 ? 'exercised' : 'untested';
  return {
    kind: given.kind, schema, relation, name,
    signature: given.signature ?? null, columns: given.columns ?? [], role: given.role ?? null,
    display: given.display ?? [schema, relation, name].filter((part) => part !== null).join('.'),
    state, assertions: assertions.slice(0, 20), assertionCount: given.assertionCount ?? assertions.length, exercisedIn,
    origin: given.origin ?? null,
    suggestion: state === 'asserted' ? null : given.suggestion ?? null,
  };
}

/** The document of these objects: sums, kinds, schemas and files are counted. */
export function coverageOf(objects, { stale = [], files = null, skipped = [], source = { kind: 'migrations', server: '15.20' } } = {}) {
  const kinds = KINDS.map((kind) => [kind, objects.filter((found) => found.kind === kind)]).filter(([, found]) => found.length > 0);
  const schemas = [...new Set(objects.map(({ schema }) => schema).filter((schema) => schema !== null))].sort();
  const paths = [...new Set(objects.flatMap(({ assertions }) => assertions.map(({ file }) => file)))].sort();
  const covers = (path) => objects.filter(({ assertions }) => assertions.some(({ file }) => file === path)).length;
  return {
    format: 'pgtap-scanner-coverage', version: 1, tool: '0.1.0', source,
    summary: counts(objects),
    kinds: Object.fromEntries(kinds.map(([kind, found]) => [kind, counts(found)])),
    schemas: schemas.map((name) => ({ name, ...counts(objects.filter(({ schema }) => schema === name)) })),
    objects, stale, staleCount: stale.length,
    files: files ?? paths.map((path) => ({ path, assertions: covers(path), planned: covers(path), lines: 400, covers: covers(path) })),
    skipped,
  };
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const WORDS = ['order', 'user', 'invoice', 'stock', 'price', 'audit', 'session', 'address', 'event', 'payment', 'label', 'rule', 'token', 'item'];

/** A coverage of `size` objects: one table for every nine columns, in `schemaCount` schemas of different sizes. */
export function generated({ size = 5000, seed = 1, schemaCount = 12 } = {}) {
  const random = randomFrom(seed);
  const objects = [];
  for (let at = 0; at < size; at += 1) {
    const schema = `${WORDS[Math.floor(random() ** 2 * schemaCount) % WORDS.length]}s`;
    const table = `${WORDS[Math.floor(at / 10) % WORDS.length]}_${Math.floor(at / 10)}`;
    const isTable = at % 10 === 0;
    const kind = isTable ? 'tables' : 'columns';
    const name = isTable ? table : `${WORDS[at % WORDS.length]}_${at}`;
    const file = `${schema}/${table.slice(0, 5)}.sql`;
    const draw = random();
    const type = isTable ? 'has_table' : 'has_column';
    objects.push(object({
      kind, schema, relation: isTable ? null : table, name,
      assertions: draw < 0.6 ? [{ file, line: 1 + (at % 390), type }] : [],
      exercisedIn: draw >= 0.6 && draw < 0.75 ? [file] : [],
      origin: { file: `migrations/${String(Math.floor(at / 500)).padStart(4, '0')}_${schema}.sql`, line: 1 + Math.floor(at / 10) * 12 },
      suggestion: isTable ? `SELECT has_table('${schema}', '${name}'::name, '${schema}.${name} exists');`
        : `SELECT has_column('${schema}', '${table}', '${name}', '${schema}.${table}.${name} exists');`,
    }));
  }
  return coverageOf(objects);
}

const LONG = 'n'.repeat(10_000);

/** Names and statements that try to break out of a format, to run, or to hide. */
export const HOSTILE = [
  '<script>alert(1)</script>', '</script><script>window.injected = true</script>', '<img src=x onerror="window.injected=true">', '<!-- -->', ']]>', '\n````\n<b>@user</b> [a](b)\n````\n',
  "=cmd|' /C calc'!A0", '+1+1', '-2', '@SUM(A1)', '\tx', '\rx', 'a"b', "a'b", 'a,b;c', 'a\nb', 'a\r\nb', 'a|b\\|c', '`code` ``` **bold** _it_ ~~x~~',
  '[link](javascript:alert(1))', '@user and #1 and GH-1', 'https://example.com/x www.example.com a@example.com', '</details><h1>x</h1>', '\n\n# head\n\n- item',
  '\u202eelbat\u202c', '\u05d0\u05d1\u05d2', '\u6f22\u5b57\u{1f600}', '\u0000\u0001\u001b[31m\u007f\u0085', '\ud800', 'x\udc00y', '\ufffe\uffff', '__proto__', 'constructor',
  '&amp;&#60;', '%s%n{0}${x}', '../../etc/passwd', ' ', '', 'end_of_record\nSF:/etc/passwd', LONG, `${'<b>"\''.repeat(2500)}`, '`'.repeat(300),
];

/** A coverage whose every name, statement, path and message is hostile. */
export function hostile() {
  const objects = HOSTILE.flatMap((name, at) => {
    const common = { schema: name, name, display: `${at} ${name}`, origin: { file: `m/${name}`, line: at + 1 }, suggestion: `SELECT has_table('${name}');` };
    return [
      object({ ...common, kind: 'tables', assertions: [{ file: name, line: at + 1, type: 'has_table' }] }),
      object({ ...common, kind: 'columns', relation: name, exercisedIn: [name] }),
      object({ ...common, kind: 'functions', signature: name }),
      object({ ...common, kind: 'foreignKeys', relation: name, columns: [name, name] }),
      object({ ...common, kind: 'privileges', role: name }),
    ];
  });
  const stale = HOSTILE.map((name, at) => ({
    file: name, line: at + 1, type: name, target: name, kind: 'tables', reason: `no table ${name} in the schema`, nearest: at % 2 ? name : null,
  }));
  const files = HOSTILE.map((path, at) => ({ path, assertions: 2, planned: at % 2 ? 2 : null, lines: 60, covers: 1 }));
  const skipped = HOSTILE.map((file, at) => ({ file, line: at % 2 ? at : null, message: file }));
  return coverageOf(objects, { stale, files, skipped, source: { kind: 'live', server: HOSTILE[1] } });
}

/** The texts of the files of `hostile()`. */
export const hostileSources = () => HOSTILE.map((path) => ({ path, text: `-- ${path}\nSELECT has_table('${path}');\n`.repeat(30) }));

/** Findings made of hostile texts. */
export const hostileFindings = () => HOSTILE.map((text, at) => ({
  code: at % 3 === 2 ? text : 'misread-overload', severity: ['error', 'warning', 'info'][at % 3],
  file: text, line: at + 1, column: 8, endLine: at + 1, endColumn: 20, message: text, help: text,
  fix: at % 2 ? { from: 10, to: 12, text, certain: at % 4 === 1 } : null,
}));

/** A document as it is after halves of surrogate pairs became U+FFFD. */
export const wellFormedDocument = (value) => JSON.parse(JSON.stringify(value), (_, found) => (typeof found === 'string' ? found.toWellFormed() : found));
