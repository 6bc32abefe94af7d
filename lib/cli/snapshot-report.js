'use strict';

const { plain } = require('./plain.js');
const { size } = require('./size.js');
const { table } = require('./table.js');

const LONGEST_NAME = 40;
/** Steps of a path that are printed: its beginning and its end. */
const STEPS_PRINTED = 12;

const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
const signed = (n, text) => (n > 0 ? `+${text}` : text);

/** Control characters made visible, and cut. */
function name(text) {
  const shown = plain(text) || '(no name)';
  return shown.length > LONGEST_NAME ? `${shown.slice(0, LONGEST_NAME - 3)}...` : shown;
}

/** A step as a program would write it: .name, [0]; V8's own words stand in angle brackets, variables in parentheses. */
function step({ edge, type, name: target }) {
  // Edges to the file's own groups, and to the global object, have numbers for names.
  if (type === 'synthetic' || edge.type === 'shortcut') return ` / ${name(target)}`;
  if (typeof edge.name === 'number') return `[${edge.name}]`;
  const label = name(edge.name);
  if (edge.type === 'internal') return ` <${label}>`;
  if (edge.type === 'context') return ` (${label})`;
  return /^[A-Za-z_$][\w$]*$/.test(label) ? `.${label}` : `["${label}"]`;
}

/** What holds an object, from the root on; the middle of a long way is left out. */
function way({ depth, path }) {
  if (depth === null) return 'only weak references lead to it';
  const half = STEPS_PRINTED / 2;
  const near = path.filter((each) => each.depth <= half);
  const far = path.filter((each) => each.depth > Math.max(half, depth - half));
  const left = depth - near.length - far.length;
  const pieces = [...near.map(step), ...(left > 0 ? [` ... ${left} more ...`] : []), ...far.map(step)];
  return `root${pieces.join('')}`;
}

function* object(item) {
  const own = size(item.shallowBytes);
  const bytes = item.retainedBytes === null ? own : `${size(item.retainedBytes)} retained, ${own} alone`;
  yield `  ${name(item.name || item.className)} @${item.id} (${item.type}): ${bytes}\n`;
  if (item.depth !== null || item.retainedBytes !== null) yield `    ${way(item)}\n`;
}

function* analysisReport(result) {
  yield `${plain(result.file)}: ${number(result.nodeCount)} objects, ${number(result.edgeCount)} references, `
    + `${size(result.shallowBytes)}\n`;
  if (result.detached?.count) yield `Detached: ${number(result.detached.count)} objects, ${size(result.detached.shallowBytes)}\n`;
  if (result.unreachable?.count) {
    yield `Held by weak references only: ${number(result.unreachable.count)} objects, ${size(result.unreachable.shallowBytes)}\n`;
  }
  yield `\nClasses: ${result.classes.length} of ${result.classCount}\n`;
  const rows = result.classes.map((item) =>
    [name(item.name), number(item.count), size(item.shallowBytes), size(item.retainedBytes)]);
  yield* table(['class', 'objects', 'shallow', 'retained'], rows);
  yield `\nLargest objects: ${result.largest.length}\n`;
  for (const item of result.largest) yield* object(item);
}

function* diffReport(result) {
  const { before, after } = result;
  yield `before  ${plain(result.files[0])}: ${number(before.count)} objects, ${size(before.shallowBytes)}\n`;
  yield `after   ${plain(result.files[1])}: ${number(after.count)} objects, ${size(after.shallowBytes)}\n`;
  yield `${number(result.new.count)} objects are new (${size(result.new.shallowBytes)}), ${number(result.gone.count)} are gone `
    + `(${size(result.gone.shallowBytes)}), ${number(result.kept.count)} were kept\n`;
  if (result.classes.length === 0) {
    yield '\nNo class differs.\n';
    return;
  }
  yield `\nClasses that differ: ${result.classes.length} of ${result.classCount}, by ${result.by === 'class' ? 'shallow' : 'retained'} bytes\n`;
  const rows = result.classes.map(({ name: label, grown, new: added, gone }) => [
    name(label), signed(grown.count, number(grown.count)), number(added.count), number(gone.count),
    signed(grown.shallowBytes, size(grown.shallowBytes)),
    grown.retainedBytes === null ? '-' : signed(grown.retainedBytes, size(grown.retainedBytes)),
  ]);
  yield* table(['class', 'objects', 'new', 'gone', 'shallow', 'retained'], rows);
  const growers = result.classes.filter(({ grown, example }) => example && (grown.retainedBytes ?? grown.shallowBytes) > 0);
  if (growers.length > 0) yield '\nWhat holds the object of each class that grew most\n';
  for (const { example } of growers) yield* object(example);
}

module.exports = { analysisReport, diffReport };
