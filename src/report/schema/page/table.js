// Tables that are sorted and paged; only the rows of one page are elements.

const PAGE_ROWS = 100;

const order = (a, b) => (a < b ? -1 : Number(a > b));

/** The rows by a column; equal ones, and those without a value, keep their order, the latter at the end. */
function sorted(rows, column, descending) {
  if (!column) return rows;
  const keyed = rows.map((row, at) => ({ row, at, key: column.value(row) ?? null }));
  const direction = descending ? -1 : 1;
  keyed.sort((a, b) => (a.key === null) - (b.key === null) || direction * order(a.key, b.key) || a.at - b.at);
  return keyed.map(({ row }) => row);
}

/**
 * A table. Columns are `{ id, title, value, cell, number, minor }`: `value` is what is sorted by, `cell` what is shown,
 * `minor` ones are left out where there is little room.
 *
 * @param {{ caption: string, kind?: string, columns: object[], rows: object[], empty: Node, sort?: string, pageNumber?: number,
 *   changed?: (state: { sort: string, pageNumber: number }) => void }} options `sort` is an id, after `-` descending
 */
function table({ caption, kind = null, columns, rows, empty, sort = '', pageNumber = 1, changed = () => {} }) {
  const body = el('tbody');
  const head = el('thead');
  const pager = el('nav', { class: 'pager', 'aria-label': `Pages of: ${caption}` });
  const region = el('div', { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: '0' },
    el('table', { class: kind }, el('caption', { class: 'unseen' }, caption), head, body));
  let state = { sort, pageNumber };
  let inOrder = rows;

  const classOf = ({ number: isNumber, minor }) => [isNumber && 'number', minor && 'minor'].filter(Boolean).join(' ') || null;

  const change = (next) => {
    state = { ...state, ...next };
    draw();
    changed(state);
  };

  const headCell = (column) => {
    const descending = state.sort === `-${column.id}`;
    const active = descending || state.sort === column.id;
    const toggle = () => {
      // Numbers are most often looked at from the largest.
      const first = column.number ? `-${column.id}` : column.id;
      const second = column.number ? column.id : `-${column.id}`;
      change({ sort: state.sort === first ? second : first, pageNumber: 1 });
      head.querySelector(`[data-column="${column.id}"]`).focus();
      say(`Sorted by ${column.title}, ${state.sort.startsWith('-') ? 'descending' : 'ascending'}`);
    };
    const mark = el('span', { 'aria-hidden': 'true', class: 'sort-mark' }, active ? (descending ? '\u25bc' : '\u25b2') : '\u2195');
    const title = column.value ? button([column.title, ' ', mark], toggle, { 'data-column': column.id }) : column.title;
    const aria = active ? (descending ? 'descending' : 'ascending') : null;
    return el('th', { scope: 'col', class: classOf(column), 'aria-sort': column.value ? aria ?? 'none' : null }, title);
  };

  const rowOf = (row) => el('tr', {}, columns.map((column, at) =>
    el(at === 0 ? 'th' : 'td', { scope: at === 0 ? 'row' : null, class: classOf(column) }, column.cell(row))));

  const step = (title, to, enabled) => button(title, () => {
    change({ pageNumber: to });
    region.scrollIntoView({ block: 'nearest' });
    // The button that was pressed may be disabled now.
    (pager.querySelector(`[data-step="${title}"]:not(:disabled)`) ?? pager.querySelector('button:not(:disabled)'))?.focus();
  }, { disabled: !enabled, 'data-step': title });

  const drawPager = (last, from, until) => {
    pager.hidden = last === 1;
    if (last === 1) return;
    const { pageNumber: at } = state;
    const place = el('span', {}, `${number(from + 1)}\u2013${number(until)} of ${number(inOrder.length)}`);
    pager.replaceChildren(step('First', 1, at > 1), step('Previous', at - 1, at > 1), place, step('Next', at + 1, at < last), step('Last', last, at < last));
  };

  function draw() {
    const id = state.sort.replace(/^-/, '');
    inOrder = sorted(rows, columns.find((column) => column.id === id), state.sort.startsWith('-'));
    const last = Math.max(1, Math.ceil(inOrder.length / PAGE_ROWS));
    state.pageNumber = Math.min(Math.max(1, state.pageNumber), last);
    const from = (state.pageNumber - 1) * PAGE_ROWS;
    const until = Math.min(from + PAGE_ROWS, inOrder.length);
    head.replaceChildren(el('tr', {}, columns.map(headCell)));
    body.replaceChildren(...inOrder.slice(from, until).map(rowOf));
    drawPager(last, from, until);
  }

  const outer = el('div', { class: 'table' });
  const show = () => {
    draw();
    outer.replaceChildren(...(rows.length > 0 ? [region, pager] : [el('div', { class: 'empty' }, empty)]));
  };
  show();
  /** Shows other rows, from the first page on. */
  const replace = (next) => {
    rows = next;
    state.pageNumber = 1;
    show();
  };
  return { element: outer, replace };
}

/** Columns of a table of counts; rows have `counts`. */
function countColumns() {
  const column = (id, title, minor) => ({
    id, title, number: true, minor, value: ({ counts }) => counts[id], cell: ({ counts }) => number(counts[id]),
  });
  return [
    column('total', 'Objects'), column('asserted', 'Asserted', true), column('exercised', 'Exercised', true), column('untested', 'Untested', true),
    { id: 'percent', title: 'Coverage', number: true, value: ({ counts }) => counts.percent, cell: ({ counts }) => percent(counts.percent) },
    { id: 'bar', title: el('span', { class: 'unseen' }, 'Parts'), cell: ({ counts }) => bar(counts) },
  ];
}
