// Coverage of a schema, made from rows: for tests of what reads it.

const counted = (objects) => {
  const of = (state) => objects.filter((object) => object.state === state).length;
  const total = objects.length;
  return {
    total, asserted: of('asserted'), exercised: of('exercised'), untested: of('untested'),
    percent: total === 0 ? 100 : Math.round((1000 * of('asserted')) / total) / 10,
  };
};

const groupedBy = (objects, key) => [...new Set(objects.map((object) => object[key]))];

function object([kind, display, state]) {
  const [schema, name] = display.split('.', 2);
  return {
    kind, schema, relation: null, name: name ?? schema, signature: null, columns: [], role: null, display, state,
    assertions: state === 'asserted' ? [{ file: 'a_test.sql', line: 3, type: 'has_table', by: 'name' }] : [],
    assertionCount: state === 'asserted' ? 1 : 0,
    exercisedIn: state === 'exercised' ? ['a_test.sql'] : [],
    origin: null,
    suggestion: state === 'asserted' ? null : `SELECT pass('${kind} ${display.replaceAll("'", "''")}');`,
  };
}

/** The coverage of objects that are given as `[kind, display, state]`. */
export function coverageOf(rows) {
  const objects = rows.map(object);
  const count = (key, name) => counted(objects.filter((each) => each[key] === name));
  return {
    format: 'pgtap-scanner-coverage', version: 1, tool: '0.1.0',
    source: { kind: 'snapshot', server: '15.20' },
    summary: counted(objects),
    kinds: Object.fromEntries(groupedBy(objects, 'kind').map((kind) => [kind, count('kind', kind)])),
    schemas: groupedBy(objects, 'schema').map((name) => ({ name, ...count('schema', name) })),
    objects,
    stale: [],
    files: [{ path: 'a_test.sql', assertions: 1, planned: 1, lines: 5, covers: 1 }],
    skipped: [],
  };
}
