'use strict';

const { stripVTControlCharacters } = require('node:util');

const { plain } = require('../plain.js');
const { size } = require('../size.js');
const { graph } = require('./graph.js');
const { clock, eventLine, levelWords, processesWords, totalsWords } = require('./words.js');

/** Events that are shown, when there is room. */
const MOST_EVENTS = 5;
const LEAST_COLUMNS = 20;

const lengthOf = (text) => stripVTControlCharacters(text).length;

/** A line cut to the width: what is too long loses its colours, too, so that none of them goes on. */
function cut(line, width) {
  return lengthOf(line) <= width ? line : stripVTControlCharacters(line).slice(0, width);
}

function head({ last, totals }, { title, width, coloured }) {
  const time = last ? clock(last.at) : '';
  const name = plain(title).slice(0, Math.max(0, width - time.length - 1));
  const lines = [`${name}${' '.repeat(Math.max(1, width - name.length - time.length))}${time}`];
  if (!last) return [...lines, 'No sample yet.'];
  lines.push(`Level ${levelWords(last, coloured)}`);
  const facts = [processesWords(last), totals && totalsWords(totals)].filter(Boolean);
  return facts.length > 0 ? [...lines, facts.join(', ')] : lines;
}

function seriesLine({ name, value, limit }, { last, peaks }) {
  const most = limit(last);
  return `${name.padEnd(9)} ${size(value(last))}${most === null ? '' : ` of ${size(most)}`}, peak ${size(peaks.get(name))}`;
}

/** Rows for each graph: what is left when everything else has its own. */
const graphHeight = (room, graphs) => Math.max(0, Math.floor(room / Math.max(1, graphs)) - 1);

/**
 * What a monitor shows, as lines that fit.
 *
 * @param {import('./state.js').MonitorState} state
 * @param {{ title: string, width: number, height: number, coloured: boolean, charset: 'unicode' | 'ascii' }} how
 * @returns {string[]}
 */
function frame(state, how) {
  const width = Math.max(LEAST_COLUMNS, how.width);
  const top = head(state, { ...how, width });
  const { series, samples, last } = state;
  const eventRows = Math.max(0, Math.min(MOST_EVENTS, state.events.length, how.height - top.length - series.length));
  const events = eventRows === 0 ? [] : state.events.slice(-eventRows);
  const each = graphHeight(how.height - top.length - eventRows, series.length);
  const drawn = { samples, width, height: each, coloured: how.coloured, charset: how.charset };
  const graphs = last === null ? [] : series.flatMap((one) => [
    seriesLine(one, state), ...graph({ ...drawn, value: one.value, limit: one.limit(last) }),
  ]);
  const lines = [...top, ...graphs, ...events.map((event) => eventLine(event, how.coloured))];
  return lines.slice(0, how.height).map((line) => cut(line, how.width));
}

module.exports = { frame };
