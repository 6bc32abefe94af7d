// The data of the page, and questions about it.

const page = JSON.parse(document.getElementById('data').textContent);
const { coverage, words } = page;
const sources = new Map(page.sources);

/** The schema of an object that is in none. */
const NO_SCHEMA = '';
const schemaOf = (object) => object.schema ?? NO_SCHEMA;
const schemaName = (schema) => (schema === NO_SCHEMA ? el('span', { class: 'none' }, 'outside of schemas') : name(schema));
const kindName = (kind, n = 2) => (Object.hasOwn(words, kind) ? words[kind][n === 1 ? 0 : 1] : visible(kind));
const kindOrder = new Map(Object.keys(words).map((kind, at) => [kind, at]));

/** A place in a list of places, as it is told and as it is linked. */
const placeOf = ({ file, line }) => (line === null ? file : `${file}:${line}`);

function count(objects) {
  const counts = { total: objects.length, asserted: 0, exercised: 0, untested: 0 };
  for (const { state } of objects) counts[state] += 1;
  const tenths = Math.round((1000 * counts.asserted) / counts.total);
  // Never 100 while something is missing.
  counts.percent = counts.asserted === counts.total ? 100 : Math.min(tenths, 999) / 10;
  return counts;
}

/** `[{ key, objects, counts }]`, in first-seen order. */
function grouped(objects, keyOf) {
  const groups = new Map();
  for (const object of objects) {
    const key = keyOf(object);
    if (groups.has(key)) groups.get(key).push(object);
    else groups.set(key, [object]);
  }
  return [...groups].map(([key, members]) => ({ key, objects: members, counts: count(members) }));
}

const bySchema = (objects) => grouped(objects, schemaOf);
const byKind = (objects) => grouped(objects, ({ kind }) => kind)
  .sort((a, b) => (kindOrder.get(a.key) ?? Infinity) - (kindOrder.get(b.key) ?? Infinity));

/** Objects of one kind in one relation or schema that no assertion is about, the largest groups first. */
function largestGaps(objects) {
  const groups = grouped(objects, ({ kind, schema, relation }) => JSON.stringify([kind, schema, relation]));
  const missing = ({ counts }) => counts.total - counts.asserted;
  return groups.filter((group) => missing(group) > 0).sort((a, b) => missing(b) - missing(a));
}

const searched = new Map();

/** What a search looks at; made when it is first looked for. */
function searchText(object) {
  let text = searched.get(object);
  if (text === undefined) {
    text = `${object.display} ${object.name} ${kindName(object.kind)} ${object.role ?? ''}`.toLowerCase();
    searched.set(object, text);
  }
  return text;
}

/** The objects that fit all of what is asked; `null` and empty ask nothing. */
function matching({ schema = null, kind = null, state = null, q = '' }) {
  const terms = q.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = state === 'gaps' ? ['exercised', 'untested'] : [state];
  return coverage.objects.filter((object) => (schema === null || schemaOf(object) === schema)
    && (kind === null || object.kind === kind)
    && (state === null || wanted.includes(object.state))
    && terms.every((term) => searchText(object).includes(term)));
}

const objectBy = (kind, display) => coverage.objects.find((object) => object.kind === kind && object.display === display);

let marks = null;

/** What stands in a test file: `line -> { objects, stale }`. */
function marksOf(path) {
  marks ??= allMarks();
  return marks.get(path) ?? new Map();
}

function allMarks() {
  const files = new Map();
  const at = (file, line) => {
    if (!files.has(file)) files.set(file, new Map());
    const lines = files.get(file);
    if (!lines.has(line)) lines.set(line, { objects: [], stale: [] });
    return lines.get(line);
  };
  for (const object of coverage.objects) {
    for (const { file, line } of object.assertions) {
      const mark = at(file, line);
      if (mark.objects.at(-1) !== object) mark.objects.push(object);
    }
  }
  for (const stale of coverage.stale) at(stale.file, stale.line).stale.push(stale);
  return files;
}

// Views are addressed by the fragment: `#/objects?schema=app`.
function address(view, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  const query = new URLSearchParams(given).toString();
  return `#/${view}${query ? `?${query}` : ''}`;
}

const objectLink = (object) => link(address('object', { kind: object.kind, name: object.display }), {}, name(object.display));
const fileLink = (file, line = null) => link(address('file', { path: file, line }), {}, name(placeOf({ file, line })));
