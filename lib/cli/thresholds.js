'use strict';

const { InvalidArgumentError } = require('commander');

const { nearest, quoted } = require('../nearest.js');
const { KINDS, TOTAL } = require('./kinds.js');
const { plain } = require('./plain.js');

/** Objects that a message names before it counts the rest. */
const NAMED = 3;

// The rounded percentages of a report would let 94.96 pass for 95: everything here compares the counts.
const percent = ({ asserted, total }) => (total === 0 ? 100 : (100 * asserted) / total);

/** The percentage as reports have it, with one decimal; what is below `bound` never looks as if it reached it. */
function shown(counts, bound) {
  const tenths = percent(counts) * 10;
  return `${(Math.round(tenths) < bound * 10 ? Math.round(tenths) : Math.floor(tenths)) / 10} %`;
}

const counted = (counts, bound = 100) => `${shown(counts, bound)} asserted (${counts.asserted} of ${counts.total})`;

/** What is wrong with a name that should be one of `kinds`, in words; undefined when nothing is. */
function kindFault(name, kinds = [...KINDS, TOTAL]) {
  if (kinds.includes(name)) return undefined;
  return `There is no kind ${quoted(name)}; the nearest one is "${nearest(name, kinds)}".`;
}

function entry(text) {
  const [, kind = TOTAL, number] = /^(?:([^=]*)=)?(.*)$/s.exec(text);
  const wrong = kindFault(kind);
  if (wrong) throw new InvalidArgumentError(wrong);
  if (!/^\d+(\.\d+)?$/.test(number) || Number(number) > 100) {
    throw new InvalidArgumentError('It is a percentage from 0 to 100, as 80, or kind=percentage, as tables=95,policies=100.');
  }
  return [kind, Number(number)];
}

/** The thresholds that `--fail-under` names, by kind, added to those of `before`; `total` is for all kinds together. */
function parseThresholds(text, before = {}) {
  return { ...before, ...Object.fromEntries(text.split(',').map(entry)) };
}

const ofKind = (kind) => (object) => kind === TOTAL || object.kind === kind;

/** The first names, and how many more there are. */
function listed(names) {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).map(plain).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function missed(kind, objects) {
  const missing = objects.filter((object) => object.state !== 'asserted').filter(ofKind(kind));
  return listed(missing.map((object) => (kind === TOTAL ? `${object.display} (${object.kind})` : object.display)));
}

/**
 * A sentence for each threshold that the coverage does not reach. What is compared is the percentage of objects that
 * are asserted; a kind of which the schema has no object is complete.
 */
function belowThresholds({ summary, kinds, objects }, thresholds) {
  return Object.entries(thresholds).flatMap(([kind, wanted]) => {
    const counts = kind === TOTAL ? summary : kinds[kind];
    if (!counts || percent(counts) >= wanted) return [];
    return `${kind}: ${counted(counts, wanted)}, ${wanted} % wanted; not asserted: ${missed(kind, objects)}`;
  });
}

function* sharedKinds(coverage, baseline) {
  yield [TOTAL, coverage.summary, baseline.summary];
  for (const [kind, counts] of Object.entries(coverage.kinds)) {
    if (baseline.kinds[kind]) yield [kind, counts, baseline.kinds[kind]];
  }
}

const nameOf = ({ kind, display }) => JSON.stringify([kind, display]);

/**
 * A sentence for each way in which the coverage is worse than the baseline: the percentage of the total or of a kind
 * that both have, and objects of both that were asserted and no longer are.
 */
function worseThanBaseline(coverage, baseline) {
  const worse = [...sharedKinds(coverage, baseline)]
    // Multiplied crosswise, so that no rounding makes two equal ratios differ.
    .filter(([, now, then]) => now.asserted * then.total < then.asserted * now.total)
    .map(([kind, now, then]) => `${kind}: ${counted(now)}, ${counted(then)} in the baseline`);
  const asserted = new Set(baseline.objects.filter(({ state }) => state === 'asserted').map(nameOf));
  const lost = coverage.objects.filter((object) => object.state !== 'asserted' && asserted.has(nameOf(object)));
  return [...worse, ...lost.map(({ kind, display }) => `no longer asserted: ${plain(display)} (${kind})`)];
}

module.exports = { belowThresholds, kindFault, parseThresholds, worseThanBaseline };
