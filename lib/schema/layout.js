'use strict';

const { existsSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { filePath } = require('../errors.js');

/** Where projects keep tests and migrations, in the order in which they are looked for. */
const LAYOUTS = [
  { name: 'supabase', tests: ['supabase/tests'], migrations: ['supabase/migrations'] },
  { name: 'plain', tests: ['tests', 'test'], migrations: ['migrations'] },
  {
    name: 'db', tests: ['db/tests', 'db/test', 'tests', 'test'], migrations: ['db/migrations', 'db/migrate'],
  },
  {
    name: 'database', tests: ['database/tests', 'database/test', 'tests', 'test'], migrations: ['database/migrations'],
  },
];

const isFolder = (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * The layout of the project in `folder`: the first of the known ones of which both folders are there.
 *
 * @returns {{ name: string, tests: string, migrations: string, preset: 'supabase' | null, config: string | null } | null}
 *   full paths; `config` is Supabase's `config.toml`
 */
function findLayout(folder = process.cwd()) {
  const root = filePath(folder, 'the folder', findLayout);
  const first = (names) => names.map((name) => join(root, name)).find(isFolder);
  for (const { name, tests, migrations } of LAYOUTS) {
    const [testFolder, migrationFolder] = [first(tests), first(migrations)];
    if (testFolder === undefined || migrationFolder === undefined) continue;
    const config = join(root, 'supabase', 'config.toml');
    const supabase = name === 'supabase';
    return {
      name, tests: testFolder, migrations: migrationFolder,
      preset: supabase ? 'supabase' : null, config: supabase && existsSync(config) ? config : null,
    };
  }
  return null;
}

module.exports = { LAYOUTS, findLayout };
