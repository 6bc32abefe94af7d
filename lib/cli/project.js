'use strict';

const { Option } = require('commander');

const { PRESETS, SOURCES, excludedBy } = require('./config-options.js');
const { Failure, USAGE } = require('./failure.js');
const { load } = require('./load.js');
const { place } = require('./summary.js');

const FROM_ENVIRONMENT = /^env:(.+)$/s;

/** Where the schema comes from: options of every command that needs one. */
function addSchemaOptions(command) {
  const source = (flags, description) => {
    const option = new Option(flags, description);
    return option.conflicts(excludedBy(option.attributeName()));
  };
  return command
    .addOption(source('--connection <url>', 'read the schema of this database; env:NAME takes the address from an environment variable'))
    .addOption(source('--migrations <dir>', 'apply the migrations of a folder to a PostgreSQL inside this process'))
    .addOption(source('--schema <file>', 'the same with one file of SQL, such as a dump; migrations are applied behind it'))
    .addOption(source('--catalog <file>', "read a schema that 'pgtap-scanner catalog' saved"))
    .addOption(new Option('--preset <name>', 'the platform that the schema builds on: its own schemas are left out').choices(PRESETS).conflicts('catalog'))
    .addOption(new Option('--continue', 'go on behind statements that fail, and list them').conflicts(['connection', 'catalog']));
}

function connectionOf(text) {
  const [, name] = FROM_ENVIRONMENT.exec(text) ?? [];
  if (name === undefined) return text;
  if (process.env[name]) return process.env[name];
  throw new Failure(`The environment variable ${name} is not set; --connection env:${name} takes the address of the database from it.`, USAGE);
}

/** The settings about the schema, as the functions take them that read it. */
function sourceOf({ connection, migrations, schema, catalog, preset: platform, continue: continueOnError }) {
  const preset = platform === 'none' ? null : platform;
  if (connection !== undefined) return { connection: connectionOf(connection), preset };
  if (catalog !== undefined) return { catalog };
  return { schema, migrations, preset, continueOnError };
}

const hasSchema = (settings) => SOURCES.some((key) => settings[key] !== undefined);

const MISSING = {
  tests: 'Which tests? Name their folder, or set "tests" in a configuration file.',
  schema: 'Which schema? Give --migrations, --schema, --catalog or --connection, or set one of them in a configuration file.',
};

function missing(what) {
  return new Failure(`${MISSING[what]}\nNo folders of tests and migrations were found here, such as supabase/tests and supabase/migrations.`, USAGE);
}

/**
 * The settings with what they leave open, which is taken from the layout of the project in the working folder. What was
 * found is said on stderr.
 *
 * @param {object} settings
 * @param {('tests' | 'schema')[]} needs what the command cannot do without
 */
async function completeProject(settings, needs) {
  const wantsTests = needs.includes('tests') && settings.tests === undefined;
  const wantsSchema = needs.includes('schema') && !hasSchema(settings);
  if (!wantsTests && !wantsSchema) return settings;
  const layout = load('../schema/index.js').findLayout(process.cwd());
  if (wantsTests && !layout) throw missing('tests');
  if (wantsSchema && !layout) throw missing('schema');
  const found = {
    ...(wantsTests && { tests: layout.tests }),
    ...(wantsSchema && { migrations: layout.migrations, preset: settings.preset ?? layout.preset ?? undefined }),
  };
  const folders = [found.tests, found.migrations].filter(Boolean).map((folder) => place(folder)).join(' and ');
  if (!settings.quiet) process.stderr.write(`Found ${folders}${found.preset ? `, preset ${found.preset}` : ''}.\n`);
  return { ...settings, ...found };
}

module.exports = { addSchemaOptions, completeProject, sourceOf };
