'use strict';

const { FORMATS } = require('../outputs.js');
const { KINDS } = require('../kinds.js');

const DIR = { folder: true };
const FILE = { file: true };
const FREE = {};

/**
 * What a value may be, by the name that the definitions give it. `open`: a word is only its beginning. `repeats`: the
 * option may stand more than once.
 */
const VALUES = {
  dir: DIR,
  tests: DIR,
  file: FILE,
  files: FILE,
  coverage: FILE,
  before: FILE,
  after: FILE,
  'format[:file]': { words: FORMATS, repeats: true },
  kinds: { words: KINDS, repeats: true },
  percent: { words: KINDS.map((kind) => `${kind}=`), open: true, repeats: true },
  code: FREE,
  command: FREE,
  MB: FREE,
  ms: FREE,
  pid: FREE,
  token: FREE,
  url: FREE,
  n: FREE,
  'k/n': FREE,
};

function valueOf(name, choices) {
  if (choices) return { words: choices };
  const value = VALUES[name];
  if (!value) throw new Error(`What may ${name} be? VALUES of completion/definitions.js has no entry for it`);
  return value;
}

/** The name of an option's value as its flags write it, or undefined for a switch. */
const valueName = ({ flags }) => /[<[](.+)[>\]]$/.exec(flags)?.[1];

const firstSentence = (text) => text.split(/[;:]/)[0];

function option(each) {
  const name = valueName(each);
  return {
    flags: [each.short, each.long].filter(Boolean),
    says: firstSentence(each.description),
    value: name === undefined ? undefined : { name, ...valueOf(name, each.argChoices) },
  };
}

function argument(each) {
  return { name: each.name(), many: each.variadic, ...valueOf(each.name(), each.argChoices) };
}

/**
 * All that a shell may offer, from commander's own definitions: each command with its options, arguments and commands.
 *
 * @param {import('commander').Command} command
 * @param {string} [path] the commands above, as '/memory/snapshot'
 * @returns {object[]} the command and those below it
 */
function definitions(command, path = '') {
  const help = command.createHelp();
  const below = command.commands.map((each) => ({ name: each.name(), says: firstSentence(each.description()) }));
  const own = {
    path,
    options: help.visibleOptions(command).map(option),
    arguments: command.registeredArguments.map(argument),
    commands: below,
  };
  return [own, ...command.commands.flatMap((each) => definitions(each, `${path}/${each.name()}`))];
}

module.exports = { definitions };
