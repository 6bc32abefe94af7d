'use strict';

const path = require('node:path');

const { InvalidArgumentError, Option } = require('commander');

const { version } = require('../../package.json');
const { Failure, folderFailure } = require('./failure.js');
const { load } = require('./load.js');
const { findings, ruleList } = require('./lint-text.js');
const { print } = require('./output.js');
const { checkFolder } = require('./scan.js');
const { onSignals } = require('./signals.js');

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
  1    errors are left, or the program failed
  2    wrong usage, or a folder that is missing or cannot be read
  130  interrupted with Ctrl-C
`;

/** Another code for the list, or a failure in words. */
function addCode(code, codes) {
  const known = load('../lint.js').lintRules().map((rule) => rule.code);
  if (known.includes(code)) return [...codes, code];
  throw new InvalidArgumentError(`The rules are ${known.join(', ')}.`);
}

async function collect(scanner, root, { fix = false, disable, pgtapVersion }, signal) {
  // Problems of files are the scan's to tell; those that keep a file from being checked are in `skipped`.
  scanner.on('warning', () => {});
  scanner.on('error', () => {});
  await scanner.scanDirectory(root, { signal });
  const result = await scanner.lint({ fix, disable, pgtapVersion, signal });
  const unread = scanner.problems.filter(({ severity }) => severity === 'error');
  const skipped = unread.map(({ filePath, message }) => ({ file: path.relative(root, filePath), message }));
  return { version, root, ...result, skipped: [...skipped, ...result.skipped] };
}

async function check(dir, options) {
  await checkFolder(dir);
  const { PgTapScanner } = load();
  const scanner = new PgTapScanner();
  const controller = new AbortController();
  const ignoreSignals = onSignals((exitCode) => controller.abort(new Failure('Interrupted.', exitCode)));
  try {
    const result = await collect(scanner, path.resolve(dir), options, controller.signal);
    await print(options.json ? [`${JSON.stringify(result, null, 2)}\n`] : findings(result), controller.signal);
    if (result.findings.some(({ severity }) => severity === 'error')) process.exitCode = 1;
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : folderFailure(error, dir) ?? error;
  } finally {
    ignoreSignals();
    scanner.dispose();
  }
}

async function lint(dir, options, command) {
  if (options.rules) {
    const rules = load('../lint.js').lintRules();
    return print(options.json ? [`${JSON.stringify(rules, null, 2)}\n`] : ruleList(rules));
  }
  if (dir === undefined) return command.error("error: missing required argument 'dir'");
  return check(dir, options);
}

function addLint(program) {
  program
    .command('lint')
    .description('find tests that do not test what they say, and mend them')
    .argument('[dir]', 'the folder; folders inside it are read, too')
    .option('--fix', 'apply the fixes that are certain')
    .option('--json', 'print one JSON document instead of text')
    .option('--rules', 'list the rules')
    .option('--disable <code>', 'leave out a rule; may be given more than once', addCode, [])
    .addOption(new Option('--pgtap-version <version>', 'read calls as this version of pgTAP does').choices(['1.2', '1.3']))
    .addHelpText('after', HELP)
    .action(lint);
}

module.exports = { addLint };
