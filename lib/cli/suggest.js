'use strict';

const { InvalidArgumentError } = require('commander');

const { KINDS } = require('./kinds.js');
const { measure } = require('./measure.js');
const { print, save } = require('./output.js');
const { addSchemaOptions, completeProject } = require('./project.js');
const { addConfigOptions, readSettings } = require('./settings.js');
const { interruptible } = require('./signals.js');
const { count } = require('./summary.js');
const { kindFault } = require('./thresholds.js');

const HELP = `
Writes a test file with an assertion for each object of the schema that no
assertion is about, and with the right plan. It says what is so now: read it
before you keep it.

Examples:
  $ pgtap-scanner suggest > supabase/tests/missing_test.sql
  $ pgtap-scanner suggest tests --migrations migrations -o tests/missing_test.sql
  $ pgtap-scanner suggest tests --catalog catalog.json --kinds tables,policies
  $ pgtap-scanner suggest tests --schema schema.sql --json | jq '.objects[].suggestion'

Exit codes:
  0    the file was written
  2    wrong usage, a folder, file or database that cannot be read, or a failure
  130  interrupted with Ctrl-C
`;

function parseKinds(text, before = []) {
  const kinds = text.split(',');
  const wrong = kinds.map((kind) => kindFault(kind, KINDS)).find(Boolean);
  if (wrong) throw new InvalidArgumentError(wrong);
  return [...before, ...kinds];
}

function document(sql, suggested) {
  const objects = suggested.map(({ kind, display, suggestion }) => ({ kind, display, suggestion }));
  return `${JSON.stringify({ sql, objects }, null, 2)}\n`;
}

function answer(sql, suggested, { output, json, quiet }) {
  if (json) return [document(sql, suggested)];
  if (output === undefined) return [sql];
  return quiet ? [] : [`${output}: ${count(suggested.length, 'suggestion')}\n`];
}

async function suggest(options, signal) {
  const settings = await completeProject(await readSettings(options), ['tests', 'schema']);
  const { kinds = KINDS, output } = settings;
  await measure(settings, signal, async (coverage, scanner) => {
    const objects = coverage.objects.filter(({ kind }) => kinds.includes(kind));
    const sql = scanner.suggestTests({ ...coverage, objects });
    if (output !== undefined) await save(output, sql, signal);
    await print(answer(sql, objects.filter(({ suggestion }) => suggestion !== null), settings), signal);
  });
}

function addSuggest(program) {
  const command = program
    .command('suggest')
    .description('write tests for what of a schema no test covers')
    .argument('[tests]', 'the folder of the tests that there are');
  addSchemaOptions(command)
    .option('-o, --output <file>', 'the file to write, instead of stdout')
    .option('--kinds <kinds>', 'only objects of these kinds, as tables,policies; may be repeated', parseKinds)
    .option('--json', 'print one JSON document on stdout: the file as text, and the suggestion for each object')
    .option('--quiet', 'say nothing but what goes wrong, and draw no progress bar');
  addConfigOptions(command)
    .addHelpText('after', HELP)
    .action((tests, options) => interruptible((signal) => suggest({ tests, ...options }, signal)));
}

module.exports = { addSuggest };
