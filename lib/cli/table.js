'use strict';

/** Lines of a table: the first column to the left, the others to the right. */
function* table(headings, rows) {
  const all = [headings, ...rows];
  const widths = headings.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  for (const row of all) {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    yield `  ${cells.join('  ').trimEnd()}\n`;
  }
}

module.exports = { table };
