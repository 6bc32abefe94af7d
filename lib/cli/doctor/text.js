'use strict';

const { paint } = require('../colour.js');
const { plain } = require('../plain.js');
const { size } = require('../size.js');
const { RULES } = require('./rules.js');

const COLOURS = { critical: ['bold', 'red'], warning: ['bold', 'yellow'], note: ['bold'] };

const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** What was looked at, in one line. */
function subject({ pid, heap, container, machine }) {
  const parts = [
    pid === null ? 'A Node.js program started here' : `Process ${pid}`,
    heap && `Node.js ${heap.version}`,
    heap ? `heap up to ${size(heap.limitBytes)}` : 'heap limit not known',
    container ? `container with ${size(container.limitBytes)}` : 'no container limit',
    `machine with ${size(machine.totalBytes)}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** What the doctor found, as text. */
function* diagnosis(facts, findings, coloured) {
  const painted = (severity) => (coloured ? paint(COLOURS[severity], severity) : severity);
  yield `${subject(facts)}\n\n`;
  for (const { id, severity, why, set, where } of findings) {
    yield `${painted(severity)}  ${id}\n  ${plain(why)}.\n  Set:   ${plain(set)}\n  Where: ${plain(where)}\n\n`;
  }
  if (facts.refused.length > 0) yield `May not be read, so that rules about it are left out: ${plain(facts.refused.join(', '))}\n`;
  const by = (wanted) => findings.filter(({ severity }) => severity === wanted).length;
  yield `${by('critical')} critical, ${count(by('warning'), 'warning')}, ${count(by('note'), 'note')}; ${RULES.length} rules\n`;
}

module.exports = { diagnosis };
