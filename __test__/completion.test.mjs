// Completion as the shells run it, over all commands and options that there are.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { definitions } = require('../lib/cli/completion/definitions.js');
const { program } = require('../lib/cli/program.js');
const { KINDS } = require('../lib/cli/kinds.js');
const { FORMATS } = require('../lib/cli/outputs.js');

const MAIN = fileURLToPath(new URL('../lib/cli/main.js', import.meta.url));
const has = (shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0;
const without = (shell) => !has(shell) && `${shell} is not installed`;

function script(shell) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'completion', shell], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
}

/** Runs a program of a shell; the script for it is in the folder as `completion`. */
function run(t, shell, args, program_, files = {}) {
  const cwd = suiteFolder(t, { completion: script(shell), ...files });
  const { status, stdout, stderr, error } = spawnSync(shell, [...args, '-c', program_], { cwd, encoding: 'utf8', timeout: 60000 });
  assert.deepEqual([error, status, stderr], [undefined, 0, ''], `${shell}: ${stderr}`);
  return stdout;
}

const single = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** What bash offers for each of these lines; the cursor is at the end. */
function inBash(t, lines, files) {
  // Bash ends words at ':' and '=', which become words of their own.
  const wordsOf = (line) => line.split(' ').flatMap((word) => (word === '' ? [''] : word.split(/([:=])/).filter((part, at, all) => part !== '' || at === all.length - 1)));
  const calls = lines.map((line) => {
    const words = ['pgtap-scanner', ...wordsOf(line)];
    if (/[:=]$/.test(line)) words.pop();
    return `COMP_WORDS=(${words.map(single).join(' ')}); COMP_CWORD=${words.length - 1}; _pgtap_scanner; echo "\${COMPREPLY[*]}"`;
  });
  const out = run(t, 'bash', ['--norc'], `set -u; source ./completion; ${calls.join('; ')}`, files);
  return out.split('\n').slice(0, -1).map((offered) => offered.split(' ').filter(Boolean).sort());
}

const FILES = { 'tests/a.sql': '', 'migrations/b.sql': '', 'catalog.json': '', 'a file.json': '' };

const BASH = {
  '': (all) => all.includes('scan') && all.includes('coverage') && all.includes('memory'),
  cov: ['coverage'],
  '-': ['--help', '--version', '-V', '-h'],
  'coverage --fail': ['--fail-under'],
  'coverage --fail-under tab': ['tables='],
  'coverage --report ': [...FORMATS].sort(),
  'coverage --report ht': ['html'],
  'coverage --report=ht': ['html'],
  'coverage --report=': [...FORMATS].sort(),
  'coverage --report html:cat': ['catalog.json'],
  'coverage --report html:': ['catalog.json', 'completion', 'a', 'file.json', 'migrations', 'tests'].sort(),
  'coverage t': ['tests'],
  'coverage --migrations m': ['migrations'],
  'coverage --migrations cat': [],
  'coverage --catalog cat': ['catalog.json'],
  'coverage --connection m': [],
  'coverage tests --preset ': ['none', 'supabase'],
  'suggest --kinds pol': ['policies'],
  'report ca': ['catalog.json'],
  'memory ': ['doctor', 'gc', 'monitor', 'report', 'simulate', 'snapshot', 'status', 'test'],
  'memory simulate --kind ': ['buffer', 'heap'],
  'memory report --o': ['--output'],
  'memory snapshot ': ['analyze', 'diff'],
  'memory snapshot diff a b --by ': ['class', 'retained'],
  'memory snapshot diff --': ['--by', '--help', '--json', '--top'],
  'completion ': ['bash', 'fish', 'zsh'],
  'scan scan --sh': ['--shard'],
  'nothing t': [],
};

test('bash offers commands, options and values', { skip: without('bash') }, (t) => {
  const lines = Object.keys(BASH);
  assert.equal(lines.length, 28);
  inBash(t, lines, FILES).forEach((offered, at) => {
    const expected = BASH[lines[at]];
    if (typeof expected === 'function') assert.ok(expected(offered), `${lines[at]}: ${offered}`);
    else assert.deepEqual(offered, expected, `pgtap-scanner ${lines[at]}|`);
  });
});

test('bash offers every command and every option that there is', { skip: without('bash') }, (t) => {
  const all = definitions(program());
  const lines = all.flatMap(({ path }) => [`${path.replaceAll('/', ' ').trim()} -`.trim(), `${path.replaceAll('/', ' ').trim()} `.trimStart()]);
  const offered = inBash(t, lines);
  const visit = (command, at) => {
    const options = command.options.flatMap(({ short, long }) => [short, long].filter(Boolean));
    assert.deepEqual(offered[2 * at], [...options, '-h', '--help'].sort(), lines[2 * at]);
    if (command.commands.length > 0) assert.deepEqual(offered[2 * at + 1], command.commands.map((each) => each.name()).sort());
    return command.commands.reduce((next, each) => visit(each, next), at + 1);
  };
  assert.equal(visit(program(), 0), all.length);
  assert.ok(all.length >= 19);
});

const FISH = {
  'cov': ['coverage'],
  'coverage --report ': [...FORMATS].sort(),
  'coverage --migrations m': ['migrations/'],
  'coverage --catalog cata': ['catalog.json'],
  'suggest --kinds ': [...KINDS].sort(),
  'memory snapshot ': ['analyze', 'diff'],
  'memory snapshot diff --by ': ['class', 'retained'],
  'report cata': ['catalog.json'],
};

test('fish offers them, too', { skip: without('fish') }, (t) => {
  const lines = Object.keys(FISH);
  const calls = lines.map((line) => `complete -C ${single(`pgtap-scanner ${line}`)}; echo ---`);
  const out = run(t, 'fish', ['--no-config'], `source completion; ${calls.join('; ')}`, FILES);
  const offered = out.split('---\n').slice(0, -1).map((text) => text.split('\n').filter(Boolean).map((line) => line.split('\t')[0]).sort());
  lines.forEach((line, at) => assert.deepEqual(offered[at], FISH[line], line));
  assert.equal(offered.length, 8);
});

// An interactive zsh in a terminal of its own; reads wait for what they name.
const ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'autoload -U compinit; compinit -u -d ./dump; source ./completion; echo REA""DY'
zpty -r shell text '*READY*'
zpty -w -n shell $'pgtap-scanner cove\\t--re\\tht\\t'
zpty -r shell text '*html*'
zpty -w -n shell $'\\C-upgtap-scanner mem\\tsna\\tdi\\t--by r\\t'
zpty -r shell text '*retained*'
zpty -w -n shell $'\\C-upgtap-scanner suggest --migr\\tmigr\\t'
zpty -r shell text '*migrations*migrations*'
zpty -d shell
echo completed
`;

test('zsh offers them, too', { skip: without('zsh') }, (t) => {
  assert.equal(run(t, 'zsh', ['-f'], ZSH, FILES), 'completed\n');
});

test('a shell that is not known is refused', () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'completion', 'tcsh'], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /Allowed choices are bash, zsh, fish/);
});

test('a value that completion knows nothing of is an error of the definition, not silence', () => {
  const main = program();
  main.command('new').option('--colour <shade>', 'a colour');
  assert.throws(() => definitions(main), /What may shade be\?/);
});

