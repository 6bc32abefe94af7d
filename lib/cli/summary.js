'use strict';

const path = require('node:path');

const { plain } = require('./plain.js');

const MOST_LISTED = 20;
// An exercised relation may be any of these.
const RELATIONS = ['tables', 'views', 'materializedViews', 'foreignTables', 'sequences', 'relations', 'partitions'];

function count(n, noun) {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** Relative to the current folder when that is shorter to read. */
function place(filePath, line) {
  const relative = path.relative('', filePath);
  const shown = relative.startsWith('..') ? filePath : relative || filePath;
  return plain(line ? `${shown}:${line}` : shown);
}

/** A heading with its items below, of which the first are listed. */
function* section(heading, items, worded) {
  if (items.length === 0) return;
  yield `${heading}: ${items.length}\n`;
  for (const item of items.slice(0, MOST_LISTED)) yield `  ${worded(item)}\n`;
  if (items.length > MOST_LISTED) yield `  and ${items.length - MOST_LISTED} more; --json lists all\n`;
}

/** How many of `exercised` no assertion is about. A name without schema is taken to be in public. */
function unasserted(exercised, maps) {
  const known = (name) => maps.some((map) => map.has(name));
  const named = (name) => known(name) || (name.startsWith('public.') ? known(name.slice(7)) : known(`public.${name}`));
  return [...exercised.keys()].filter((name) => !named(name)).length;
}

function row(kind, n) {
  return `  ${kind.padEnd(20)} ${String(n).padStart(6)}\n`;
}

function* asserted(kinds) {
  const seen = Object.entries(kinds).filter(([, map]) => map.size > 0);
  if (seen.length > 0) yield 'Objects asserted\n';
  for (const [kind, map] of seen) yield row(kind, map.size);
}

function* exercisedOnly(kinds, { relations, functions }) {
  if (relations.size + functions.size === 0) return;
  yield 'Exercised only: named in the SQL of the tests, but no assertion is about them\n';
  yield row('relations', unasserted(relations, RELATIONS.map((kind) => kinds[kind])));
  yield row('functions', unasserted(functions, [kinds.functions]));
}

/** The sections that have something to say, an empty line between them. */
function* spaced(...sections) {
  let gap = '';
  for (const pieces of sections) {
    const text = [...pieces].join('');
    if (text) yield `${gap}${text}`;
    if (text) gap = '\n';
  }
}

function helper({ schema, name, filePath, line, assertions }) {
  return `${plain(schema ? `${schema}.${name}` : name)} (${place(filePath, line)}), ${count(assertions, 'assertion')}`;
}

function problem({ code, filePath, line, message, severity }) {
  return `${place(filePath, line)}: ${severity}: ${plain(message)} (${code})`;
}

function warning({ message, data }) {
  const where = data?.filePath && !message.includes(data.filePath) ? `${place(data.filePath, data.line)}: ` : '';
  return `${where}${plain(message)}`;
}

function* counts({ root, files, statistics }) {
  yield `${place(root)}: ${count(files.length, 'file')}, ${count(statistics.totalAssertions, 'assertion')}\n`;
}

/** Problems and warnings, all that --quiet prints. */
function complaints({ problems, warnings }) {
  return spaced(section('Problems', problems, problem), section('Warnings', warnings, warning));
}

/** What a scan found, as text. */
function summary(result) {
  const { objects, exercised } = result.database;
  return spaced(
    counts(result),
    asserted(objects),
    exercisedOnly(objects, exercised),
    section('Helper functions that make assertions', result.helpers, helper),
    complaints(result),
  );
}

module.exports = { complaints, count, place, summary };
