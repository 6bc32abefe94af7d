'use strict';

const { BOOLEAN, OPTIONS, TEXT, TEXTS, arrayOf, rule } = require('../options.js');
const { nearest } = require('../nearest.js');
const { kindFault } = require('./thresholds.js');
const { reportFault } = require('./outputs.js');

/** Platforms that bring roles, schemas and functions of their own, and the word for none. */
const PRESETS = ['supabase', 'none'];

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object that has keys of `table` only; the fault of the first that is wrong. */
function keysOf(table, allowed) {
  return {
    allowed,
    check(value) {
      if (!isObject(value)) return { allowed, value, at: '', range: false };
      for (const [key, each] of Object.entries(value)) {
        if (!Object.hasOwn(table, key)) return { at: `.${key}`, nearest: nearest(key, Object.keys(table)) };
        const fault = table[key].check(each);
        if (fault) return { ...fault, at: `.${key}${fault.at}` };
      }
      return undefined;
    },
  };
}

const PERCENT = rule('a number from 0 to 100', (value) => {
  if (typeof value !== 'number') return 'type';
  return value >= 0 && value <= 100 ? undefined : 'range';
});

const THRESHOLDS = {
  allowed: 'a number from 0 to 100, or { kind: number }',
  check(value) {
    if (!isObject(value)) return PERCENT.check(value) && { ...PERCENT.check(value), allowed: this.allowed };
    for (const [kind, each] of Object.entries(value)) {
      const unknown = kindFault(kind);
      if (unknown) return { at: `.${kind}`, says: unknown };
      const fault = PERCENT.check(each);
      if (fault) return { ...fault, at: `.${kind}` };
    }
    return undefined;
  },
};

const REPORT = {
  check(value) {
    const fault = TEXT.check(value);
    if (fault) return fault;
    const says = reportFault(value);
    return says && { at: '', says };
  },
};
const REPORTS = {
  check: (value) => (Array.isArray(value) ? arrayOf(REPORT, '').check(value) : REPORT.check(value)),
};

const PRESET = rule(`one of ${PRESETS.join(', ')}`, (value) => {
  if (typeof value !== 'string') return 'type';
  return PRESETS.includes(value) ? undefined : 'range';
});

const LINT = { disable: { ...TEXTS, meaning: 'codes of the rules that are not wanted' } };

/** Every key of the configuration file. `path`: relative to the folder of that file. */
const CONFIG = {
  tests: { ...TEXT, path: true, meaning: 'folder of the tests' },
  connection: { ...TEXT, meaning: 'address of the database, or `env:NAME` for what that environment variable holds' },
  migrations: { ...TEXT, path: true, meaning: 'folder of migrations' },
  schema: { ...TEXT, path: true, meaning: 'file of SQL that makes the schema' },
  catalog: { ...TEXT, path: true, meaning: 'catalog that `pgtap-scanner catalog` saved' },
  preset: { ...PRESET, meaning: 'platform that the schema builds on; `none` where it only looks so' },
  continue: { ...BOOLEAN, meaning: 'go on behind statements of migrations that fail' },
  report: { ...REPORTS, meaning: 'a report, or an array of them, as `"html:coverage.html"`' },
  failUnder: { ...THRESHOLDS, meaning: 'least percentage, of the total or by kind' },
  baseline: { ...TEXT, path: true, meaning: 'coverage that must not get worse' },
  lint: { ...keysOf(LINT, 'an object'), meaning: '`disable`: codes of the lint rules that are not wanted' },
  scanner: { ...keysOf(OPTIONS, 'an object'), meaning: 'options of the scanner' },
};

const checkConfig = keysOf(CONFIG, 'an object').check;

/** Where the schema may come from. Migrations build on a schema; the others stand alone. */
const SOURCES = ['connection', 'migrations', 'schema', 'catalog'];
const ALONE = ['connection', 'catalog'];

/** The sources that cannot stand beside this one. */
function excludedBy(source) {
  return SOURCES.filter((other) => other !== source && [source, other].some((each) => ALONE.includes(each)));
}

module.exports = { CONFIG, PRESETS, SOURCES, checkConfig, excludedBy };
