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

const classOf = ({ number: isNumber, minor }) => [isNumber && 'number', minor && 'minor'].filter(Boolean).join(' ') || null;

/**
 * A table. Columns are `{ id, title, value, cell, number, minor }`: `value` is what is sorted by, `cell` what is shown,
 * `minor` ones are left out where there is little room.
 */
class Table {
  #columns;
  #rows;
  #empty;
  #changed;
  #state;
  #head = el('thead');
  #body = el('tbody');
  #region;
  #pager;

  /**
   * @param {{ caption: string, kind?: string, columns: object[], rows: object[], empty: Node | string, sort?: string,
   *   pageNumber?: number, changed?: (state: { sort: string, pageNumber: number }) => void }} options `sort` is the id of
   *   a column, after `-` descending; `empty` stands where there are no rows
   */
  constructor({ caption, kind = null, columns, rows, empty, sort = '', pageNumber = 1, changed = () => {} }) {
    this.#columns = columns;
    this.#rows = rows;
    this.#empty = empty;
    this.#changed = changed;
    this.#state = { sort, pageNumber };
    this.#region = el('div', { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: '0' },
      el('table', { class: kind }, el('caption', { class: 'unseen' }, caption), this.#head, this.#body));
    this.#pager = el('nav', { class: 'pager', 'aria-label': `Pages of: ${caption}` });
    this.element = el('div', { class: 'table' });
    this.#show();
  }

  /** Shows other rows, from the first page on. */
  replace(rows) {
    this.#rows = rows;
    this.#state.pageNumber = 1;
    this.#show();
  }

  #show() {
    this.#draw();
    this.element.replaceChildren(...(this.#rows.length > 0 ? [this.#region, this.#pager] : [el('div', { class: 'empty' }, this.#empty)]));
  }

  #change(next) {
    this.#state = { ...this.#state, ...next };
    this.#draw();
    this.#changed(this.#state);
  }

  #draw() {
    const { sort } = this.#state;
    const column = this.#columns.find(({ id }) => id === sort.replace(/^-/, ''));
    const rows = sorted(this.#rows, column, sort.startsWith('-'));
    const last = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
    const at = Math.min(Math.max(1, this.#state.pageNumber), last);
    this.#state.pageNumber = at;
    const shown = rows.slice((at - 1) * PAGE_ROWS, at * PAGE_ROWS);
    this.#head.replaceChildren(el('tr', {}, this.#columns.map((one) => this.#headCell(one))));
    this.#body.replaceChildren(...shown.map((row) => this.#row(row)));
    this.#drawPager(at, last, shown.length);
  }

  #row(row) {
    return el('tr', {}, this.#columns.map((column, at) =>
      el(at === 0 ? 'th' : 'td', { scope: at === 0 ? 'row' : null, class: classOf(column) }, column.cell(row))));
  }

  #headCell(column) {
    const { sort } = this.#state;
    const way = sort === column.id ? 'ascending' : sort === `-${column.id}` ? 'descending' : 'none';
    const mark = el('span', { 'aria-hidden': 'true', class: 'sort-mark' }, { ascending: '\u25b2', descending: '\u25bc', none: '\u2195' }[way]);
    const title = column.value ? button([column.title, ' ', mark], () => this.#sort(column), { 'data-column': column.id }) : column.title;
    return el('th', { scope: 'col', class: classOf(column), 'aria-sort': column.value ? way : null }, title);
  }

  #sort({ id, title, number: isNumber }) {
    // Numbers are most often looked at from the largest.
    const [first, second] = isNumber ? [`-${id}`, id] : [id, `-${id}`];
    const sort = this.#state.sort === first ? second : first;
    this.#change({ sort, pageNumber: 1 });
    this.#head.querySelector(`[data-column="${id}"]`).focus();
    say(`Sorted by ${title}, ${sort.startsWith('-') ? 'descending' : 'ascending'}`);
  }

  #drawPager(at, last, shown) {
    this.#pager.hidden = last === 1;
    const from = (at - 1) * PAGE_ROWS;
    const place = el('span', {}, `${number(from + 1)}\u2013${number(from + shown)} of ${number(this.#rows.length)}`);
    this.#pager.replaceChildren(
      this.#step('First', 1, at > 1), this.#step('Previous', at - 1, at > 1), place,
      this.#step('Next', at + 1, at < last), this.#step('Last', last, at < last),
    );
  }

  #step(title, to, enabled) {
    const go = () => {
      this.#change({ pageNumber: to });
      this.#region.scrollIntoView({ block: 'nearest' });
      // The button that was pressed may be disabled now.
      (this.#pager.querySelector(`[data-step="${title}"]:not(:disabled)`) ?? this.#pager.querySelector('button:not(:disabled)'))?.focus();
    };
    return button(title, go, { disabled: !enabled, 'data-step': title });
  }
}

const table = (options) => new Table(options);

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
