'use strict';

const path = require('node:path');

const { plain } = require('./plain.js');

const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** Relative to the current folder when that is shorter to read. */
function place(root, file) {
  const relative = path.relative('', path.join(root, file));
  return plain(relative.startsWith('..') ? path.join(root, file) : relative);
}

function* finding(root, { file, line, column, severity, code, message, help }) {
  yield `${place(root, file)}:${line}:${column}: ${severity}: ${plain(message)} (${code})\n`;
  yield `    ${plain(help)}\n`;
}

function* mended(root, fixed) {
  for (const { file, fixes } of fixed) {
    for (const { line, code, help } of fixes) yield `${place(root, file)}:${line}: mended: ${code}: ${plain(help)}\n`;
  }
}

/** What lint found, as text. */
function* findings({ root, findings: found, fixed, filesChecked, skipped }) {
  yield* mended(root, fixed);
  for (const each of found) yield* finding(root, each);
  for (const { file, message } of skipped) yield `${place(root, file)}: not checked: ${plain(message)}\n`;
  const errors = found.filter(({ severity }) => severity === 'error').length;
  const certain = found.filter(({ fix }) => fix?.certain).length;
  const parts = [count(errors, 'error'), count(found.length - errors, 'warning')];
  if (fixed.length > 0) parts.push(`${fixed.reduce((all, { fixes }) => all + fixes.length, 0)} mended`);
  yield `${count(filesChecked, 'file')} checked: ${parts.join(', ')}\n`;
  if (certain > 0) yield `--fix mends ${certain} of them\n`;
}

/** Every rule with what it finds. */
function* ruleList(rules) {
  const width = Math.max(...rules.map(({ code }) => code.length));
  for (const { code, severity, says } of rules) yield `${code.padEnd(width)}  ${severity.padEnd(7)}  ${says}\n`;
}

module.exports = { findings, ruleList };
