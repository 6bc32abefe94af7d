// Lists of objects: all, the gaps, the stale assertions; and one object.

const choice = (value, text, chosen) => el('option', { value, selected: value === chosen }, text);

/** A labelled select; its first choice, with the value `*`, asks nothing. */
function select(label, choices, chosen, change) {
  const element = el('select', { change: () => change(element.value === '*' ? null : element.value) },
    choices.map(([value, text]) => choice(value, text, chosen ?? '*')));
  return el('label', {}, el('span', {}, label), element);
}

/** Search and selects; `change` gets what is asked now. */
function filters(asked, states, change) {
  const ask = (part) => change(Object.assign(asked, part));
  const schemas = [...new Set(coverage.objects.map(schemaOf))].sort(order);
  const kinds = byKind(coverage.objects).map(({ key }) => [key, kindName(key)]);
  const search = el('input', { type: 'search', value: asked.q, placeholder: 'Name, relation or kind', input: () => ask({ q: search.value }) });
  const schemaTitle = (schema) => (schema === NO_SCHEMA ? 'outside of schemas' : visible(schema).slice(0, 80));
  return el('search', { class: 'filters' },
    el('label', { class: 'grow' }, el('span', {}, 'Search'), search),
    select('Schema', [['*', 'all schemas'], ...schemas.map((schema) => [schema, schemaTitle(schema)])], asked.schema, (schema) => ask({ schema })),
    select('Kind', [['*', 'all kinds'], ...kinds], asked.kind, (kind) => ask({ kind })),
    select('State', states, asked.state, (state) => ask({ state })));
}

const KIND_COLUMN = { id: 'kind', title: 'Kind', minor: true, value: ({ kind }) => kindName(kind), cell: ({ kind }) => kindName(kind, 1) };
const NAME_COLUMN = { id: 'name', title: 'Object', value: ({ display }) => display, cell: objectLink };
const STATE_COLUMN = { id: 'state', title: 'State', value: ({ state }) => state, cell: ({ state }) => badge(state) };

const LISTS = {
  objects: {
    title: 'Objects',
    states: [['*', 'all states'], ['asserted', 'asserted'], ['exercised', 'exercised'], ['untested', 'untested'], ['gaps', 'not asserted']],
    always: null,
    columns: [
      NAME_COLUMN, KIND_COLUMN, STATE_COLUMN,
      { id: 'assertions', title: 'Assertions', number: true, value: (o) => o.assertionCount, cell: (o) => number(o.assertionCount) },
      {
        id: 'place', title: 'First assertion', minor: true, value: (o) => o.assertions[0]?.file,
        cell: ({ assertions: [first] }) => (first ? fileLink(first.file, first.line) : null),
      },
    ],
    nothing: 'The schema has no objects.',
  },
  gaps: {
    title: 'Gaps',
    states: [['*', 'not asserted'], ['exercised', 'exercised'], ['untested', 'untested']],
    always: 'gaps',
    columns: [
      NAME_COLUMN, KIND_COLUMN, STATE_COLUMN,
      { id: 'suggestion', title: 'Suggested test', cell: (o) => (o.suggestion === null ? el('span', { class: 'none' }, 'none') : suggestion(o.suggestion)) },
    ],
    nothing: 'Nothing is missing: an assertion is about every object.',
  },
};

const askedBy = (parameters) => ({
  schema: parameters.get('schema'), kind: parameters.get('kind'), state: parameters.get('state'), q: parameters.get('q') ?? '',
});

/** Says how many there are, and copies the tests that are suggested for them. */
function outcome(found) {
  const tests = found.filter(({ suggestion: sql }) => sql !== null);
  const sql = () => `${tests.map(({ suggestion: text }) => text).join('\n')}\n`;
  return [
    el('span', {}, counted(found.length, 'object')),
    tests.length > 0 ? copyButton(sql, `Copy ${counted(tests.length, 'suggested test')}`, counted(tests.length, 'suggested test')) : null,
  ].filter(Boolean);
}

function objectList(view, parameters) {
  const { title, states, always, columns, nothing } = LISTS[view];
  const asked = askedBy(parameters);
  let shown = { sort: parameters.get('sort') ?? '', pageNumber: Number(parameters.get('page')) || 1 };
  const find = () => matching({ ...asked, state: asked.state ?? always });
  const anything = matching({ state: always }).length > 0;
  const result = el('div', { class: 'outcome' });

  // The address follows, so that a list can be linked and found again by going back.
  const follow = () => history.replaceState(null, '', address(view, {
    ...asked, q: asked.q || null, sort: shown.sort || null, page: shown.pageNumber > 1 ? shown.pageNumber : null,
  }));
  const clear = button('Show all', () => { location.hash = address(view); });
  const list = table({
    caption: title, kind: view === 'gaps' ? 'tests' : null, columns, rows: find(), ...shown,
    empty: anything ? el('p', {}, 'No object fits. ', clear) : nothing,
    changed: (state) => { shown = state; follow(); },
  });
  const update = () => {
    const found = find();
    list.replace(found);
    shown.pageNumber = 1;
    result.replaceChildren(...outcome(found));
    say(counted(found.length, 'object'));
    follow();
  };
  result.append(...outcome(find()));
  return { title, content: anything ? [filters(asked, states, update), result, list.element] : [list.element] };
}

function facts(object) {
  const rows = [
    ['Kind', kindName(object.kind, 1)],
    ['State', [badge(object.state), el('span', { class: 'hint' }, ` ${STATES[object.state].text}`)]],
    ['Columns', object.columns.length > 0 ? object.columns.map((column, at) => [at > 0 ? ', ' : null, name(column)]).flat() : null],
    ['Arguments', object.signature === null ? null : object.signature === '' ? 'none' : name(object.signature)],
    ['Role', object.role === null ? null : name(object.role)],
    ['Made by', object.origin === null ? null : name(placeOf(object.origin))],
  ];
  return el('dl', { class: 'facts' }, rows.filter(([, value]) => value !== null).map(([key, value]) => [el('dt', {}, key), el('dd', {}, value)]).flat());
}

const MATCHED = { name: 'by its name', member: 'as a member of a list', pattern: 'by a pattern', search_path: 'through the search path' };

function assertionTable({ assertions, assertionCount }) {
  const columns = [
    { id: 'file', title: 'Place', value: ({ file }) => file, cell: ({ file, line }) => fileLink(file, line) },
    { id: 'type', title: 'Assertion', value: ({ type }) => type, cell: ({ type }) => el('code', {}, visible(type)) },
    { id: 'by', title: 'Found', minor: true, value: ({ by }) => by, cell: ({ by }) => MATCHED[by] ?? visible(by) },
  ];
  const more = assertionCount - assertions.length;
  return [
    table({ caption: 'Assertions', columns, rows: assertions, empty: 'No assertion is about it.' }).element,
    more > 0 ? el('p', { class: 'hint' }, `and ${number(more)} more that this report does not list`) : null,
  ];
}

function objectView(parameters) {
  const object = objectBy(parameters.get('kind'), parameters.get('name'));
  if (!object) return { title: 'Object', content: [el('div', { class: 'empty' }, 'This object is not in this report.')] };
  const schema = schemaOf(object);
  return {
    title: name(object.display),
    above: [
      { text: 'All schemas', href: address('') },
      { text: schemaName(schema), href: address('schema', { name: schema }) },
      { text: kindName(object.kind), href: address('objects', { schema, kind: object.kind }) },
    ],
    content: [
      facts(object),
      object.suggestion === null ? null : section('Suggested test', suggestion(object.suggestion)),
      section(`Assertions (${number(object.assertionCount)})`, assertionTable(object)),
      object.exercisedIn.length === 0 ? null
        : section('Exercised in', el('ul', {}, object.exercisedIn.map((file) => el('li', {}, fileLink(file))))),
    ],
  };
}

function staleView() {
  const columns = [
    { id: 'file', title: 'Place', value: ({ file }) => file, cell: ({ file, line }) => fileLink(file, line) },
    { id: 'type', title: 'Assertion', value: ({ type }) => type, cell: ({ type }) => el('code', {}, visible(type)) },
    { id: 'target', title: 'Names', minor: true, value: ({ target }) => target, cell: ({ target }) => name(target) },
    { id: 'reason', title: 'What is wrong', value: ({ reason }) => reason, cell: ({ reason }) => el('bdi', {}, visible(reason)) },
    { id: 'nearest', title: 'Nearest name', value: ({ nearest }) => nearest, cell: ({ nearest }) => (nearest === null ? null : name(nearest)) },
  ];
  const hint = 'These assertions are about something that is not in the schema: it was dropped or renamed, or the name is misspelt.';
  const { element } = table({ caption: 'Stale assertions', columns, rows: coverage.stale, empty: 'Every assertion is about something that is in the schema.' });
  return { title: 'Stale assertions', content: [coverage.stale.length > 0 ? el('p', { class: 'hint' }, hint) : null, element] };
}
