'use strict';

const path = require('node:path');

const { InvalidArgumentError, Option } = require('commander');

const { version } = require('../../package.json');
const { BAD, folderFailure } = require('./failure.js');
const { load } = require('./load.js');
const { findings, ruleList } = require('./lint-text.js');
const { print } = require('./output.js');
const { completeProject } = require('./project.js');
const { checkFolder } = require('./scan.js');
const { addConfigOptions, readSettings } = require('./settings.js');
const { interruptible } = require('./signals.js');

const HELP = `
Finds assertions that do not test what they say, that PostgreSQL refuses, or that
pass whatever the database holds. docs/lint.md shows every rule with an example.

--fix writes the fixes that are certain, each file as a whole, and then says what
it changed and what is left. A mended assertion may fail where it passed before.

A comment in a line of its own silences rules in the next line:
  -- pgtap-scanner-disable-next-line misread-overload

Examples:
  $ pgtap-scanner lint tests
  $ pgtap-scanner lint tests --fix
  $ pgtap-scanner lint tests --disable duplicate-assertion --pgtap-version 1.3
  $ pgtap-scanner lint tests --json | jq '.findings[].code'
  $ pgtap-scanner lint --rules

Exit codes:
  0    no errors; there may be warnings
  1    errors are left
  2    wrong usage, a folder that is missing or cannot be read, or a failure
  130  interrupted with Ctrl-C
`;

/** Another code for the list, or a failure in words. */
function addCode(code, codes) {
  const known = load('../lint.js').lintRules().map((rule) => rule.code);
  if (known.includes(code)) return [...codes, code];
  throw new InvalidArgumentError(`The rules are ${known.join(', ')}.`);
}

async function collect(scanner, root, { fix = false, disable: given, lint: { disable = [] } = {}, pgtapVersion }, signal) {
  // Problems of files are the scan's to tell; those that keep a file from being checked are in `skipped`.
  scanner.on('warning', () => {});
  scanner.on('error', () => {});
  await scanner.scanDirectory(root, { signal });
  const result = await scanner.lint({ fix, disable: [...disable, ...given], pgtapVersion, signal });
  const unread = scanner.problems.filter(({ severity }) => severity === 'error');
  const skipped = unread.map(({ filePath, message }) => ({ file: path.relative(root, filePath), message }));
  return { version, root, ...result, skipped: [...skipped, ...result.skipped] };
}

async function check(tests, options) {
  const settings = await completeProject(await readSettings({ tests, ...options }), ['tests']);
  await checkFolder(settings.tests);
  const { PgTapScanner } = load();
  const scanner = new PgTapScanner(settings.scanner);
  try {
    await interruptible(async (signal) => {
      const result = await collect(scanner, path.resolve(settings.tests), settings, signal);
      await print(settings.json ? [`${JSON.stringify(result, null, 2)}\n`] : findings(result), signal);
      if (result.findings.some(({ severity }) => severity === 'error')) process.exitCode = BAD;
    });
  } catch (error) {
    throw folderFailure(error, settings.tests) ?? error;
  } finally {
    scanner.dispose();
  }
}

async function lint(tests, options) {
  if (!options.rules) return check(tests, options);
  const rules = load('../lint.js').lintRules();
  return print(options.json ? [`${JSON.stringify(rules, null, 2)}\n`] : ruleList(rules));
}

function addLint(program) {
  const command = program
    .command('lint')
    .description('find tests that do not test what they say, and mend them')
    .argument('[tests]', 'the folder; folders inside it are read, too');
  addConfigOptions(command)
    .option('--fix', 'apply the fixes that are certain')
    .option('--json', 'print one JSON document instead of text')
    .option('--rules', 'list the rules')
    .option('--disable <code>', 'leave out a rule; may be given more than once', addCode, [])
    .addOption(new Option('--pgtap-version <version>', 'read calls as this version of pgTAP does').choices(['1.2', '1.3']))
    .addHelpText('after', HELP)
    .action(lint);
}

module.exports = { addLint };
