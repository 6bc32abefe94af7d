'use strict';

const { levelText, limitName } = require('../memory-health-text.js');
const { plain } = require('../plain.js');
const { size } = require('../size.js');

const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;

const clock = (at) => new Date(at).toTimeString().slice(0, 8);

/** `72.1 % of 512.0 MB (the container)`; what is not told is left out. */
function share({ percent, of, limitBytes }) {
  return percent === null ? '' : ` ${percent.toFixed(1)} % of ${size(limitBytes)} (${of === 'machine' ? 'the machine' : limitName(of)})`;
}

/** The level, and of what how much. */
function levelWords(sample, coloured) {
  if (sample.blocked && sample.percent === null) return 'the program does not answer';
  return `${sample.level === null ? 'no level' : levelText(sample.level, coloured)}${share(sample)}`;
}

const EVENT_WORDS = {
  level: ({ from, to }, coloured) => `level ${levelText(from, coloured)} -> ${levelText(to, coloured)}`,
  spike({ severity, memoryIncrease, operation }) {
    const by = operation === null ? '' : `, by ${plain(operation)}`;
    return `spike of ${size(memoryIncrease)}, ${plain(severity)}${by}`;
  },
  note: ({ text }) => plain(text),
};

/** When a spike was highest, or the event was told. */
const timeOf = ({ at, timestamp }) => at ?? Date.parse(timestamp);

const eventLine = (event, coloured) => `${clock(timeOf(event))} ${EVENT_WORDS[event.type](event, coloured)}`;

function totalsWords({ collections, minor, major, pauseMs }) {
  return `${count(collections, 'collection')} (${minor} minor, ${major} major)${pauseMs === null ? '' : `, ${Math.round(pauseMs)} ms in all`}`;
}

const processesWords = ({ processes }) => (processes === undefined ? null : count(processes, 'process'));

/** A sample in one line. */
function sampleLine(sample, { series, totals }, coloured) {
  const figures = series.filter(({ value }) => value(sample) !== null).map(({ name, value }) => `${name.toLowerCase()} ${size(value(sample))}`);
  const rest = [processesWords(sample), totals && totalsWords(totals)];
  return [`${clock(sample.at)} ${levelWords(sample, coloured)}`, ...figures, ...rest.filter(Boolean)].join(', ');
}

module.exports = { EVENT_WORDS, clock, eventLine, levelWords, processesWords, sampleLine, totalsWords };
