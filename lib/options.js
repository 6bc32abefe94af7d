'use strict';

const { types } = require('node:util');
const { invalid } = require('./errors.js');

// Numbers that cross the border as unsigned 32-bit integers; Infinity becomes the largest.
const UNLIMITED = 2 ** 32 - 1;
// Timers take no longer delay.
const LONGEST_DELAY = 2 ** 31 - 1;
// Bytes are counted in numbers, exact up to 2^53.
const LARGEST_MB = 2 ** 33;
const MOST_THREADS = 256;

/** What an assertion of the user's own may be about: the kinds of the catalogue. */
const KINDS = [
  'cast', 'check_constraint', 'column', 'composite', 'database', 'domain', 'enum', 'extension', 'fdw', 'foreign_key',
  'foreign_server', 'foreign_table', 'function', 'group', 'index', 'inheritance', 'language', 'materialized_view',
  'opclass', 'operator', 'partition', 'policy', 'primary_key', 'relation', 'role', 'rule', 'schema', 'sequence', 'table',
  'tablespace', 'trigger', 'type', 'unique_constraint', 'user', 'view',
];
// Roles that name no part of the object, and how many others a name has room for.
const ASIDE = ['desc', 'description', '-'];
const MOST_PARTS = 3;

// A check answers undefined when the value is right, else a fault: what is allowed instead, the value found, where in
// the option it stands ('[0].kind'), and whether only its range is wrong.

/** A check from what is allowed and a test that answers 'type', 'range' or nothing. */
function rule(allowed, test) {
  return {
    allowed,
    check(value) {
      const wrong = test(value);
      return wrong && { allowed, value, at: '', range: wrong === 'range' };
    },
  };
}

/** An array whose elements all pass; the fault of the first that does not. */
function arrayOf(element, allowed) {
  return {
    allowed,
    check(value) {
      if (!Array.isArray(value)) return { allowed, value, at: '', range: false };
      for (let i = 0; i < value.length; i += 1) {
        const fault = element.check(value[i]);
        if (fault) return { ...fault, at: `[${i}]${fault.at}` };
      }
      return undefined;
    },
  };
}

function integer(least, most, { unlimited = false } = {}) {
  return rule(`an integer from ${least} to ${most}${unlimited ? ', or Infinity' : ''}`, (value) => {
    if (typeof value !== 'number') return 'type';
    if (unlimited && value === Infinity) return undefined;
    return Number.isInteger(value) && value >= least && value <= most ? undefined : 'range';
  });
}

const BOOLEAN = rule('true or false', (value) => (typeof value === 'boolean' ? undefined : 'type'));

const MEGABYTES = rule(`a number above 0 and up to ${LARGEST_MB}`, (value) => {
  if (typeof value !== 'number') return 'type';
  return value > 0 && value <= LARGEST_MB ? undefined : 'range';
});

const OPTIONAL_MEGABYTES = rule(`a number above 0 and up to ${LARGEST_MB}, or null`, (value) => {
  if (value === null) return undefined;
  if (typeof value !== 'number') return 'type';
  return MEGABYTES.check(value) && 'range';
});

const TEXT = rule('a string that is not empty', (value) => {
  if (typeof value !== 'string') return 'type';
  return value.length > 0 ? undefined : 'range';
});
const TEXTS = arrayOf(TEXT, 'an array of strings that are not empty');

const REG_EXP = rule('a RegExp', (value) => (types.isRegExp(value) ? undefined : 'type'));

const KIND = rule(`one of ${KINDS.join(', ')}`, (value) => {
  if (typeof value !== 'string') return 'type';
  return KINDS.includes(value) ? undefined : 'range';
});

const NAMING = rule('one to three roles that name the object, beside desc', (value) => {
  const parts = value.filter((role) => !ASIDE.includes(role)).length;
  return parts >= 1 && parts <= MOST_PARTS ? undefined : 'range';
});
const ROLES = { check: (value) => TEXTS.check(value) ?? NAMING.check(value) };
const optionalPath = (allowed) => rule(allowed, (value) => (value === null ? undefined : TEXT.check(value) && 'type'));
const OPTIONAL_FOLDER = optionalPath('the path of a folder, or null');
const OPTIONAL_FILE = optionalPath('the path of a file, or null');
const SHARD = rule("'K/N' with K from 1 to N, or null", (value) => {
  if (value === null) return undefined;
  if (typeof value !== 'string') return 'type';
  const [, number, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(value) ?? [];
  return Number(number) >= 1 && Number(number) <= Number(of) ? undefined : 'range';
});
const OPTIONAL_TEXT = { check: (value) => (value === undefined ? undefined : TEXT.check(value)) };

const FIELDS = { name: TEXT, kind: KIND, roles: ROLES, pattern: OPTIONAL_TEXT };
const OBJECT = rule('{ name, kind, roles, pattern? }', (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'type';
  return Object.keys(value).every((key) => Object.hasOwn(FIELDS, key)) ? undefined : 'range';
});
const ASSERTION = {
  check(value) {
    const wrong = OBJECT.check(value);
    if (wrong) return wrong;
    for (const [field, { check }] of Object.entries(FIELDS)) {
      const fault = check(value[field]);
      if (fault) return { ...fault, at: `.${field}${fault.at}` };
    }
    return undefined;
  },
};

const COUNT = integer(1, UNLIMITED, { unlimited: true });

/** Every option: its default, what it means, what is allowed. */
const OPTIONS = {
  includeCommented: { default: false, ...BOOLEAN, meaning: 'also report assertions inside comments' },
  fileExtensions: { default: ['.sql'], ...TEXTS, meaning: 'a file is a candidate when its name ends with one of these' },
  includePatterns: { default: ['**/*'], ...TEXTS, meaning: 'globs on the path relative to the scanned folder' },
  excludePatterns: {
    default: ['**/node_modules/**', '**/.git/**', '**/.*'], ...TEXTS,
    meaning: 'globs for what is left out; exclusion wins, and an excluded folder is not entered',
  },
  ignorePatterns: {
    default: [], ...arrayOf(REG_EXP, 'an array of RegExp objects'),
    meaning: 'regular expressions on the full path for what is left out',
  },
  validatePlans: { default: true, ...BOOLEAN, meaning: "warn when a file's plan and its assertions disagree" },
  followSymlinks: { default: false, ...BOOLEAN, meaning: 'follow symbolic links' },
  maxDepth: {
    default: 10, ...integer(0, UNLIMITED, { unlimited: true }),
    meaning: 'how deep folders are entered; the scanned folder is depth 0',
  },
  maxMemoryMB: {
    default: 500, ...MEGABYTES, meaning: 'memory budget in MB; cleanup starts above 80 % of it',
  },
  batchSize: { default: 100, ...COUNT, meaning: 'files per batch' },
  enableStreaming: { default: true, ...BOOLEAN, meaning: 'allow streaming mode' },
  cleanupInterval: {
    default: 1000, ...integer(0, LONGEST_DELAY), meaning: 'milliseconds between memory checks; 0 for none',
  },
  maxObjectsPerType: { default: 10000, ...COUNT, meaning: 'objects of each kind that are kept in memory' },
  enableGC: { default: true, ...BOOLEAN, meaning: 'ask V8 for a collection when cleaning up, where that is possible' },
  enableCompression: { default: false, ...BOOLEAN, meaning: 'compress stored coverage data' },
  assertions: {
    default: [], ...arrayOf(ASSERTION, 'an array of { name, kind, roles, pattern? }'),
    meaning: 'assertion functions of your own',
  },
  pgtapSchemas: { default: [], ...TEXTS, meaning: 'schemas that hold pgTAP, beside public, extensions, tap and pgtap' },
  threads: {
    default: 0, ...integer(0, MOST_THREADS),
    meaning: 'threads that read files; 0 for as many as the machine has cores, but at least 2 and at most 16',
  },
  spill: {
    default: true, ...BOOLEAN, meaning: 'move records to a temporary file when half of maxMemoryMB is full',
  },
  cache: {
    default: null, ...OPTIONAL_FILE, meaning: 'file that keeps what was read of test files, so that the next scan reads only what changed',
  },
  shard: {
    default: null, ...SHARD, meaning: "list only one part of the suite, as '2/4'; every file is in one part, by its path",
  },
  tempDir: {
    default: null, ...OPTIONAL_FOLDER, meaning: "folder for that file; null for the system's for temporary files",
  },
  maxDiskMB: { default: null, ...OPTIONAL_MEGABYTES, meaning: 'how large that file may be, in MB; null for any size' },
};

const reported = new Set();

/** Callers of the replaced class pass what it ignored: a warning, once per name. */
function reportUnknown(name, table) {
  if (reported.has(name)) return;
  reported.add(name);
  const { nearest, quoted } = require('./nearest.js');
  const known = nearest(name, Object.keys(table));
  process.emitWarning(`Unknown option ${quoted(name)} is ignored; the nearest known option is "${known}"`, {
    code: 'PGTAP_UNKNOWN_OPTION',
  });
}

function copied(value) {
  if (!Array.isArray(value)) return value === Infinity ? UNLIMITED : value;
  return value.map((each) => (each?.roles ? { ...each, roles: [...each.roles] } : each));
}

function wrongOption(name, { allowed, value, at, range }, from) {
  return invalid(allowed, `option "${name}${at}"`, value, { code: 'ERR_PGTAP_INVALID_OPTION', range, from });
}

/**
 * The complete options: defaults filled in, arrays copied, `undefined` taken as absent.
 *
 * @param {object} [given]
 * @param {Function} [from] the stack of an error begins with the caller of this function
 * @param {object} [table] the options that there are
 */
function readOptions(given = {}, from = readOptions, table = OPTIONS) {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid('an object', 'the options', given, { from });
  }
  const complete = {};
  for (const [name, { default: standard, check }] of Object.entries(table)) {
    const value = given[name] === undefined ? standard : given[name];
    const fault = check(value);
    if (fault) throw wrongOption(name, fault, from);
    complete[name] = copied(value);
  }
  Object.keys(given).filter((name) => !Object.hasOwn(table, name)).forEach((name) => reportUnknown(name, table));
  return complete;
}

module.exports = { BOOLEAN, COUNT, OPTIONS, TEXT, TEXTS, arrayOf, integer, readOptions, rule };
