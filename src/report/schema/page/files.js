// The test files, and one of them with its assertions marked.

function filesView() {
  const columns = [
    { id: 'path', title: 'File', value: ({ path }) => path, cell: ({ path }) => fileLink(path) },
    { id: 'covers', title: 'Objects asserted', number: true, value: ({ covers }) => covers, cell: ({ covers }) => number(covers) },
    { id: 'assertions', title: 'Assertions', number: true, value: ({ assertions }) => assertions, cell: ({ assertions }) => number(assertions) },
    {
      id: 'planned', title: 'Planned', number: true, minor: true, value: ({ planned }) => planned,
      cell: ({ planned }) => (planned === null ? el('span', { class: 'none' }, 'no plan') : number(planned)),
    },
    { id: 'lines', title: 'Lines', number: true, minor: true, value: ({ lines }) => lines, cell: ({ lines }) => number(lines) },
  ];
  const left = page.leftOut;
  return {
    title: 'Test files',
    content: [
      left > 0 ? el('p', { class: 'note' }, `The text of ${counted(left, 'file')} is left out, for this report would be too large with it.`) : null,
      table({ caption: 'Test files', columns, rows: coverage.files, empty: 'No test files were found.', sort: 'path' }).element,
    ],
  };
}

/** Marks of a line that are shown at once; the rest is counted. */
const MOST_MARKS = 3;

function lineMarks({ objects, stale }) {
  const found = [
    ...stale.map(({ reason }) => el('span', { class: 'stale' }, el('bdi', {}, visible(reason)))),
    ...objects.slice(0, MOST_MARKS).map(objectLink),
  ];
  const more = objects.length - MOST_MARKS;
  if (more > 0) found.push(el('span', { class: 'hint' }, `and ${counted(more, 'object')} more`));
  return found;
}

/** Lines that are laid out together; the browser leaves out those that are out of sight. */
const BLOCK_LINES = 200;

function sourceLine(text, line, mark) {
  const kind = mark ? (mark.stale.length > 0 ? 'has-stale' : 'has-objects') : '';
  const sign = mark ? (mark.stale.length > 0 ? '\u25b2' : '\u25cf') : '';
  const what = mark ? (mark.stale.length > 0 ? 'stale assertion' : 'assertion') : null;
  return el('div', { class: `line ${kind}`, id: `line-${line}` },
    el('span', { class: 'line-number' }, String(line)),
    el('span', { class: 'line-mark', role: what ? 'img' : null, 'aria-label': what }, sign),
    el('code', {}, text),
    mark ? el('span', { class: 'line-objects' }, lineMarks(mark)) : null);
}

function sourceText(text, marked) {
  const lines = text.split(/\r\n|\n|\r/);
  // A last line end begins no line.
  if (lines.at(-1) === '') lines.pop();
  const blocks = [];
  for (let from = 0; from < lines.length; from += BLOCK_LINES) {
    const part = lines.slice(from, from + BLOCK_LINES);
    const block = el('div', { class: 'block' }, part.map((line, at) => sourceLine(line, from + at + 1, marked.get(from + at + 1))));
    block.style.containIntrinsicHeight = `auto ${part.length * 1.5}em`;
    blocks.push(block);
  }
  return el('div', { class: 'source', role: 'region', 'aria-label': 'Source', tabindex: '0' }, blocks);
}

function markTable(marked) {
  const rows = [...marked].map(([line, mark]) => ({ line, mark })).sort((a, b) => a.line - b.line);
  const columns = [
    { id: 'line', title: 'Line', number: true, value: ({ line }) => line, cell: ({ line }) => number(line) },
    { id: 'objects', title: 'About', cell: ({ mark }) => el('span', { class: 'line-objects' }, lineMarks(mark)) },
  ];
  return table({ caption: 'Assertions about objects', columns, rows, empty: 'No assertion of this file is about an object of the schema.' }).element;
}

function fileView(parameters) {
  const path = parameters.get('path') ?? '';
  const file = coverage.files.find((found) => found.path === path);
  const above = [{ text: 'Test files', href: address('files') }];
  if (!file) return { title: name(path), above, content: [el('div', { class: 'empty' }, 'This file is not in this report.')] };
  const marked = marksOf(path);
  const text = sources.get(path);
  const plan = file.planned === null ? 'no plan' : `a plan of ${number(file.planned)}`;
  const content = [el('p', { class: 'hint' },
    `${counted(file.assertions, 'assertion')} with ${plan}, about ${counted(file.covers, 'object')}, in ${counted(file.lines, 'line')}.`)];
  if (text === undefined) content.push(el('p', { class: 'note' }, 'The text of this file is not in this report; here are the lines that are about objects.'), markTable(marked));
  else content.push(sourceText(text, marked));
  return { title: name(path), above, content, line: parameters.get('line') };
}
