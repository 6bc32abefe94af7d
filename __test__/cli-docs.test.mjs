// docs/cli.md has every command, option and key that there is, and none that there is not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { CONFIG, checkConfig } = require('../lib/cli/config-options.js');
const { KINDS } = require('../lib/cli/kinds.js');
const { FORMATS } = require('../lib/cli/outputs.js');
const { program } = require('../lib/cli/program.js');

const text = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');

/** The text below a heading, up to the next of its level. */
function section(heading, level = 2) {
  const marks = '#'.repeat(level);
  const [, rest] = text.split(`\n${marks} ${heading}\n`);
  assert.ok(rest !== undefined, `docs/cli.md has "${marks} ${heading}"`);
  return rest.split(new RegExp(`^#{2,${level}} `, 'm'))[0];
}

const rows = (body) => [...body.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
const SHARED = rows(section('Options of several commands'));

const written = (argument) => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};

const leaves = (command, path = []) => (command.commands.length === 0 ? [[path.join(' '), command]]
  : command.commands.flatMap((each) => leaves(each, [...path, each.name()])));

test('every command with its arguments and options', () => {
  const all = leaves(program());
  for (const [path, command] of all) {
    const body = section(path);
    const named = command.registeredArguments.map(written);
    const usage = ['pgtap-scanner', path, ...named].join(' ');
    assert.ok(body.includes(`\`${usage}\``), usage);
    const flags = command.options.map((each) => each.flags);
    const own = flags.filter((each) => !SHARED.includes(each));
    assert.deepEqual(rows(body).sort(), own.sort(), path);
  }
  assert.ok(all.length >= 17);
});

test('options of several commands are those of the commands that it names', () => {
  const commands = Object.fromEntries(leaves(program()));
  for (const part of ['Where the schema comes from', 'The configuration file', 'A running server']) {
    const body = section(part, 3);
    const [, named] = /^For ([^.;]*)/m.exec(body);
    const names = [...named.matchAll(/`([\w ]+)`/g)].map(([, name]) => name);
    for (const [path, { options }] of Object.entries(commands)) {
      const has = rows(body).filter((flags) => options.some((each) => each.flags === flags));
      assert.deepEqual(has, names.includes(path) ? rows(body) : [], `${path}: ${part}`);
    }
  }
});

test('every key of the configuration, and examples of it that are right', () => {
  const body = section('Configuration');
  assert.deepEqual(rows(body), Object.keys(CONFIG));
  const [, json] = /^```json\n([^]*?)^```$/m.exec(body);
  assert.equal(checkConfig(JSON.parse(json)), undefined);
  const [, module] = /^```mjs\n[^]*?^export default ([^]*?);\n```$/m.exec(body);
  assert.equal(checkConfig(new Function(`return ${module}`)()), undefined);
});

test('every kind and every format', () => {
  const words = (line) => [...line.matchAll(/`(\w+)`/g)].map(([, word]) => word);
  assert.deepEqual(words(/^The kinds: (.*)\.$/m.exec(text)[1]), KINDS);
  assert.deepEqual(words(/^Formats: ([^.]*)\./m.exec(text)[1]), FORMATS);
});
