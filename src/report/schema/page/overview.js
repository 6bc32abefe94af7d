// The overview, and the view of one schema.

const section = (title, ...children) => el('section', {}, el('h3', {}, title), ...children);

function hero(counts, scope) {
  const figure = (state) => link(address('objects', { ...scope, state }), { class: `figure ${state}` },
    el('span', { class: 'figure-number' }, number(counts[state])),
    el('span', { class: 'figure-state' }, badge(state)),
    el('span', { class: 'figure-text' }, STATES[state].text));
  return el('div', { class: 'hero' },
    el('p', { class: 'share' },
      el('strong', {}, percent(counts.percent)),
      el('span', {}, `${number(counts.asserted)} of ${counted(counts.total, 'object')} asserted`)),
    bar(counts, { class: 'bar large' }),
    el('div', { class: 'figures' }, ['asserted', 'exercised', 'untested'].map(figure)));
}

function kindTable(objects, schema) {
  const columns = [
    {
      id: 'kind', title: 'Kind', value: ({ key }) => kindName(key),
      cell: ({ key }) => link(address('objects', { schema, kind: key }), {}, kindName(key)),
    },
    ...countColumns(),
  ];
  return table({ caption: 'Coverage by kind', columns, rows: byKind(objects), empty: 'There are no objects.' }).element;
}

function schemaTable(groups) {
  const columns = [
    {
      id: 'schema', title: 'Schema', value: ({ key }) => key,
      cell: ({ key }) => link(address('schema', { name: key }), {}, schemaName(key)),
    },
    ...countColumns(),
  ];
  return table({ caption: 'Coverage by schema', columns, rows: groups, empty: 'There are no schemas.', sort: '-total' }).element;
}

const MOST_GAPS = 8;

function gapList(objects, schema) {
  const groups = largestGaps(objects);
  if (groups.length === 0) return el('div', { class: 'empty' }, 'Nothing is missing: an assertion is about every object.');
  const most = groups[0].counts.total - groups[0].counts.asserted;
  const item = ({ objects: [first], counts }) => {
    const missing = counts.total - counts.asserted;
    const place = first.relation === null ? schemaOf(first) : `${first.schema === null ? '' : `${first.schema}.`}${first.relation}`;
    const length = el('span', { class: 'gap-length', 'aria-hidden': 'true' });
    length.style.width = `${(100 * missing) / most}%`;
    return el('li', {},
      link(address('gaps', { schema: schemaOf(first), kind: first.kind, q: first.relation }), {},
        `${number(missing)} of ${number(counts.total)} ${kindName(first.kind, counts.total)}`, place === '' ? null : [' of ', name(place)]),
      length);
  };
  const more = groups.length > MOST_GAPS ? link(address('gaps', { schema }), {}, `All gaps, in ${number(groups.length)} places`) : null;
  return el('div', {}, el('ol', { class: 'gaps' }, groups.slice(0, MOST_GAPS).map(item)), more);
}

function skippedNote() {
  const { skipped } = coverage;
  if (skipped.length === 0) return null;
  const item = (found) => el('li', {}, name(placeOf(found)), ': ', el('bdi', {}, visible(found.message)));
  return el('details', { class: 'note' },
    el('summary', {}, `${counted(skipped.length, 'migration')} failed and ${skipped.length === 1 ? 'was' : 'were'} left out. What they make is not in this report.`),
    el('ul', {}, skipped.slice(0, 100).map(item)));
}

function staleNote() {
  const { length } = coverage.stale;
  if (length === 0) return null;
  return el('p', { class: 'note' }, `${counted(length, 'assertion')} ${length === 1 ? 'is' : 'are'} about something that is not in the schema. `,
    link(address('stale'), {}, `Look at ${length === 1 ? 'it' : 'them'}`));
}

function overview() {
  const { objects } = coverage;
  if (objects.length === 0) {
    return { title: 'Overview', content: [el('div', { class: 'empty' }, 'The schema has no object that an assertion could be about. Were the migrations found?'), skippedNote()] };
  }
  const groups = bySchema(objects);
  const tiles = groups.map(({ key, objects: own, counts }) => ({
    label: schemaName(key), title: key === NO_SCHEMA ? 'outside of schemas' : visible(key),
    size: own.length, counts, objects: own, href: address('schema', { name: key }),
  }));
  return {
    title: 'Overview',
    content: [
      hero(count(objects), {}), staleNote(), skippedNote(),
      section('Schemas', el('p', { class: 'hint' }, 'Areas by the number of objects, colours by how many of them are asserted.'),
        treemap(tiles, 'Schemas'), legend(), schemaTable(groups)),
      el('div', { class: 'beside' }, section('Kinds', kindTable(objects, null)), section('Largest gaps', gapList(objects, null))),
    ],
  };
}

function schemaView(parameters) {
  const schema = parameters.get('name') ?? NO_SCHEMA;
  const objects = matching({ schema });
  const above = [{ text: 'All schemas', href: address('') }];
  const title = schemaName(schema);
  if (objects.length === 0) return { title, above, content: [el('div', { class: 'empty' }, 'This schema has no objects, or is not in this report.')] };
  const tiles = byKind(objects).map(({ key, objects: own, counts }) => ({
    label: kindName(key), title: kindName(key), size: own.length, counts, objects: own, href: address('objects', { schema, kind: key }),
  }));
  return {
    title, above,
    content: [
      hero(count(objects), { schema }),
      section('Kinds', treemap(tiles, 'Kinds'), legend()),
      el('div', { class: 'beside' }, section('By kind', kindTable(objects, schema)), section('Largest gaps', gapList(objects, schema))),
    ],
  };
}
