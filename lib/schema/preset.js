'use strict';

const { join } = require('node:path');
const { invalid } = require('../errors.js');

/** What a platform makes before migrations run: the script that stands in for it, and its schemas in a live database. */
const PRESETS = {
  supabase: {
    prelude: join(__dirname, 'supabase-prelude.sql'),
    schemas: [
      'auth', 'cron', 'extensions', 'graphql', 'graphql_public', 'net', 'pgbouncer', 'pgmq', 'pgsodium', 'pgsodium_masks',
      'realtime', '_realtime', 'storage', 'supabase_functions', 'supabase_migrations', 'vault', '_analytics',
    ],
  },
};

function checkPreset(preset, from) {
  if (preset === undefined || preset === null || Object.hasOwn(PRESETS, preset)) return;
  const range = typeof preset === 'string';
  throw invalid("'supabase', or null for none", 'option "preset"', preset, { code: 'ERR_PGTAP_INVALID_OPTION', range, from });
}

/**
 * A live database's catalog without the platform's own schemas. Policies there stay, and triggers that call a function
 * of another schema: those are the project's.
 */
function withoutPreset(catalog, preset) {
  checkPreset(preset, withoutPreset);
  if (!preset) return catalog;
  const platform = new Set(PRESETS[preset].schemas);
  const own = ({ schema }) => !platform.has(schema);
  const kept = {};
  for (const list of ['relations', 'functions', 'indexes', 'constraints', 'types', 'rules', 'privileges']) {
    kept[list] = catalog[list].filter(own);
  }
  const triggers = catalog.triggers.filter((trigger) => own(trigger) || own(trigger.function));
  return { ...catalog, ...kept, triggers, schemas: catalog.schemas.filter(({ name }) => !platform.has(name)) };
}

module.exports = { PRESETS, checkPreset, withoutPreset };
