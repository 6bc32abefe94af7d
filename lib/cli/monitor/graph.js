'use strict';

const { paint } = require('../colour.js');
const { levelColour } = require('../memory-health-text.js');
const { size } = require('../size.js');

/** The parts of a cell that a column fills, from none to all. */
const BLOCKS = { unicode: [...' ▁▂▃▄▅▆▇█'], ascii: [...'  ...::##'] };
const AXIS = { unicode: '│', ascii: '|' };
const LABEL = 10;
/** A limit is drawn to when a good part of it was used; else the graph would be flat. */
const WORTH_DRAWING = 0.25;
const MB = 1024 * 1024;

/** What the highest row stands for: the limit, or a round number above the peak. */
function topOf(peak, limit) {
  if (limit !== null && peak >= limit * WORTH_DRAWING) return Math.max(limit, peak);
  const least = Math.max(peak, MB);
  const step = 2 ** Math.floor(Math.log2(least)) / 4;
  return Math.ceil(least / step) * step;
}

/** Neighbours of one colour together, so that a row has few escapes. */
function painted(cells, colours) {
  let text = '';
  for (let from = 0; from < cells.length;) {
    let to = from;
    while (to < cells.length && colours[to] === colours[from]) to += 1;
    const part = cells.slice(from, to).join('');
    text += colours[from] ? paint(colours[from], part) : part;
    from = to;
  }
  return text;
}

function labelOf(row, height, top) {
  const text = row === height - 1 ? size(top) : row === 0 ? '0 B' : '';
  return text.padStart(LABEL);
}

/**
 * A graph of `height` rows, the newest column to the right.
 *
 * @param {{ samples: object[], value: Function, limit: number | null, width: number, height: number, coloured: boolean,
 *   charset: 'unicode' | 'ascii' }} of
 * @returns {string[]}
 */
function graph({ samples, value, limit, width, height, coloured, charset }) {
  const columns = Math.max(1, width - LABEL - 2);
  const shown = samples.slice(-columns);
  const values = shown.map((sample) => value(sample));
  const top = topOf(Math.max(0, ...values), limit);
  const eighths = values.map((each) => (each === null ? 0 : Math.max(1, Math.round((each / top) * height * 8))));
  const colours = shown.map(({ level }) => (coloured ? levelColour(level) : undefined));
  const rows = Array.from({ length: height }, (_, at) => height - 1 - at);
  return rows.map((row) => {
    const cells = eighths.map((filled) => BLOCKS[charset][Math.min(8, Math.max(0, filled - row * 8))]);
    return `${labelOf(row, height, top)} ${AXIS[charset]}${' '.repeat(columns - shown.length)}${painted(cells, colours)}`;
  });
}

module.exports = { graph, topOf };
