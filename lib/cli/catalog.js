'use strict';

const { load } = require('./load.js');
const { withSource } = require('./measure.js');
const { print } = require('./output.js');
const { addSchemaOptions, completeProject } = require('./project.js');
const { addConfigOptions, readSettings } = require('./settings.js');
const { interruptible } = require('./signals.js');
const { count, place } = require('./summary.js');

const HELP = `
Prints a schema as JSON: all that tests can be compared with. Saved and put
under version control it serves 'pgtap-scanner coverage --catalog' without any
database, and its changes read well. It holds names, types and grants, no data.

Examples:
  $ pgtap-scanner catalog --migrations migrations > catalog.json
  $ pgtap-scanner catalog --connection env:DATABASE_URL -o catalog.json
  $ pgtap-scanner catalog --schema schema.sql | jq '.relations | length'

Exit codes:
  0    the catalog was written
  2    wrong usage, a file or database that cannot be read, or a failure
  130  interrupted with Ctrl-C
`;

function tellSkipped(skipped, { quiet }) {
  if (quiet) return;
  for (const { file, line, message } of skipped) process.stderr.write(`Left out: ${place(file, line)}: ${message}\n`);
}

function answer(catalog, { output, json, quiet }) {
  // As writeCatalog() has it.
  if (output === undefined || json) return [`${JSON.stringify(catalog, null, 2)}\n`];
  const { relations, functions } = catalog;
  return quiet ? [] : [`${output}: ${count(relations.length, 'relation')}, ${count(functions.length, 'function')}\n`];
}

async function save(options, signal) {
  const settings = await completeProject(await readSettings(options), ['schema']);
  const { schemaSource, writeCatalog } = load('../schema/index.js');
  const { catalog, skipped } = await withSource(settings, signal, schemaSource);
  tellSkipped(skipped, settings);
  if (settings.output !== undefined) await writeCatalog(catalog, settings.output);
  await print(answer(catalog, settings), signal);
}

function addCatalog(program) {
  const command = program.command('catalog').description('save a schema, so that later no database is needed');
  addSchemaOptions(command)
    .option('-o, --output <file>', 'the file to write, instead of stdout')
    .option('--json', 'print the catalog on stdout, also when it is written to a file')
    .option('--quiet', 'say nothing but what goes wrong');
  addConfigOptions(command).addHelpText('after', HELP).action((options) => interruptible((signal) => save(options, signal)));
}

module.exports = { addCatalog };
