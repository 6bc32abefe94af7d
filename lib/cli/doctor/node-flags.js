'use strict';

const number = (text) => (/^\d+$/.test(text ?? '') ? Number(text) : undefined);
const whole = (text) => (/^\d+(\.\d+)?%?$/.test(text ?? '') ? Number.parseFloat(text) : undefined);
const present = () => true;

/** The flags of Node.js and V8 that decide about memory, and how their values are read. */
const FLAGS = {
  'max-old-space-size': number,
  'max-old-space-size-percentage': whole,
  'max-semi-space-size': number,
  'heapsnapshot-near-heap-limit': number,
  'expose-gc': present,
};

/** Flags whose value is the next word. */
const TAKE_A_WORD = new Set([
  '-r', '--require', '--import', '--loader', '--experimental-loader', '-e', '--eval', '-p', '--print', '-pe', '-C', '--conditions',
  '--env-file', '--title', '--input-type',
]);

/** The words of NODE_OPTIONS; those in double quotes may hold spaces. */
const words = (text) => [...(text ?? '').matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => bare ?? quoted.replace(/\\(.)/g, '$1'));

/** The flags of a command line: what stands between the program and its script. */
function ownFlags([, ...rest]) {
  const flags = [];
  for (let at = 0; at < rest.length && rest[at].startsWith('-') && rest[at] !== '--'; at += 1) {
    flags.push(rest[at]);
    if (TAKE_A_WORD.has(rest[at])) at += 1;
  }
  return flags;
}

function* given(list, from) {
  for (const word of list) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const flag = name?.replaceAll('_', '-');
    const read = Object.hasOwn(FLAGS, flag ?? '') ? FLAGS[flag](value) : undefined;
    if (read !== undefined) yield { flag, value: read, from };
  }
}

/**
 * The flags about memory that a Node.js process has; of several the last counts, and the command line stands behind
 * NODE_OPTIONS.
 *
 * @param {string[]} command its program and arguments
 * @param {string | undefined} nodeOptions
 * @returns {Record<string, { value: number | true, from: string, before: number | true | null }>} by name without dashes;
 *   `from` is where it stands, `before` the value that it replaces
 */
function memoryFlags(command, nodeOptions) {
  const all = [...given(words(nodeOptions), 'NODE_OPTIONS'), ...given(ownFlags(command), 'the command line')];
  const found = {};
  for (const { flag, value, from } of all) found[flag] = { value, from, before: found[flag]?.value ?? null };
  return found;
}

/** The flags as a command line says them. */
const asArguments = (flags) => Object.entries(flags).map(([name, { value }]) => (value === true ? `--${name}` : `--${name}=${value}`));

module.exports = { asArguments, memoryFlags };
