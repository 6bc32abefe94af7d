// Every option with every wrong kind of value, the defaults of the contract, and the one warning about unknown names.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';

const require = createRequire(import.meta.url);
const { OPTIONS, readOptions } = require('../lib/options.js');
const { PgTapError, invalid } = require('../lib/errors.js');
const OPTIONS_FILE = fileURLToPath(new URL('../lib/options.js', import.meta.url));
const AREAS = fileURLToPath(new URL('../src/pgtap/area.rs', import.meta.url));

const DEFAULTS = {
  includeCommented: false,
  fileExtensions: ['.sql'],
  includePatterns: ['**/*'],
  excludePatterns: ['**/node_modules/**', '**/.git/**', '**/.*'],
  ignorePatterns: [],
  validatePlans: true,
  followSymlinks: false,
  maxDepth: 10,
  maxMemoryMB: 500,
  batchSize: 100,
  enableStreaming: true,
  cleanupInterval: 1000,
  maxObjectsPerType: 10000,
  enableGC: true,
  enableCompression: false,
  assertions: [],
  pgtapSchemas: [],
  threads: 0,
  spill: true,
  cache: null,
  shard: null,
  tempDir: null,
  maxDiskMB: null,
};

/** One value of each kind that a program may pass by mistake. */
const KINDS = {
  null: null,
  true: true,
  number: 7,
  zero: 0,
  negative: -1,
  fraction: 1.5,
  NaN: NaN,
  Infinity,
  huge: 2 ** 40,
  bigint: 7n,
  string: 'yes',
  numeric: '7',
  empty: '',
  symbol: Symbol('x'),
  function: () => {},
  object: {},
  date: new Date(0),
  array: ['x'],
  numbers: [1],
  nothing: [],
  hole: [, 'x'],
  blank: [''],
  nulls: [null],
  nested: [['x']],
  expressions: [/x/],
  set: new Set(['x']),
};

const RIGHT = {
  boolean: ['true'],
  texts: ['array', 'nothing'],
  ignorePatterns: ['expressions', 'nothing'],
  maxDepth: ['number', 'zero', 'Infinity'],
  maxMemoryMB: ['number', 'fraction'],
  batchSize: ['number', 'Infinity'],
  cleanupInterval: ['number', 'zero'],
  maxObjectsPerType: ['number', 'Infinity'],
  threads: ['number', 'zero'],
  assertions: ['nothing'],
  tempDir: ['null', 'string', 'numeric'],
  maxDiskMB: ['null', 'number', 'fraction'],
  shard: ['null'],
  cache: ['null', 'string', 'numeric'],
};

function rightKinds(name) {
  if (typeof DEFAULTS[name] === 'boolean') return RIGHT.boolean;
  return RIGHT[name] ?? RIGHT.texts;
}

// Where the type is right and only the value is not.
const RANGE_ONLY = { number: ['zero', 'negative', 'fraction', 'NaN', 'Infinity', 'huge', 'number'], array: ['blank'] };

function expectedError(name, kind) {
  const numeric = (typeof DEFAULTS[name] === 'number' || name === 'maxDiskMB') && RANGE_ONLY.number.includes(kind);
  const text = Array.isArray(DEFAULTS[name]) && RIGHT[name] !== RIGHT.ignorePatterns && name !== 'assertions';
  const shard = name === 'shard' && typeof KINDS[kind] === 'string';
  return numeric || shard || (text && RANGE_ONLY.array.includes(kind)) ? RangeError : TypeError;
}

test('defaults are the contract\'s', () => {
  assert.deepEqual(readOptions(), DEFAULTS);
  assert.deepEqual(readOptions({}), DEFAULTS);
  assert.deepEqual(Object.keys(OPTIONS), Object.keys(DEFAULTS));
  const absent = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, undefined]));
  assert.deepEqual(readOptions(absent), DEFAULTS);
});

test('every option says what it means and what is allowed', () => {
  for (const [name, { meaning, allowed, check }] of Object.entries(OPTIONS)) {
    assert.ok(meaning.length > 5 && allowed.length > 5, name);
    assert.equal(check(DEFAULTS[name]), undefined, name);
  }
});

test('every option refuses every wrong kind of value', () => {
  let wrong = 0;
  let right = 0;
  for (const name of Object.keys(DEFAULTS)) {
    for (const [kind, value] of Object.entries(KINDS)) {
      const given = () => readOptions({ [name]: value });
      if (rightKinds(name).includes(kind)) {
        assert.doesNotThrow(given, `${name}: ${kind}`);
        right += 1;
        continue;
      }
      assert.throws(given, (error) => {
        assert.ok(error instanceof expectedError(name, kind), `${name}: ${kind} threw ${error}`);
        assert.equal(error.code, 'ERR_PGTAP_INVALID_OPTION');
        assert.match(error.message, new RegExp(`^Expected .+ for option "${name}.*" but received .+`));
        return true;
      });
      wrong += 1;
    }
  }
  assert.equal(right + wrong, Object.keys(DEFAULTS).length * Object.keys(KINDS).length);
  assert.deepEqual({ right, wrong }, { right: 41, wrong: 557 });
});

test('the limits themselves are accepted, one beyond is not', () => {
  const limits = [
    ['maxDepth', 0, 2 ** 32 - 1], ['batchSize', 1, 2 ** 32 - 1], ['maxObjectsPerType', 1, 2 ** 32 - 1],
    ['cleanupInterval', 0, 2 ** 31 - 1], ['threads', 0, 256],
  ];
  for (const [name, least, most] of limits) {
    assert.equal(readOptions({ [name]: least })[name], least);
    assert.equal(readOptions({ [name]: most })[name], most);
    assert.throws(() => readOptions({ [name]: least - 1 }), RangeError);
    assert.throws(() => readOptions({ [name]: most + 1 }), RangeError);
  }
  assert.throws(() => readOptions({ maxMemoryMB: 2 ** 33 + 1 }), RangeError);
  assert.equal(readOptions({ maxDepth: Infinity }).maxDepth, 2 ** 32 - 1);
});

test('assertions are checked field by field, and the message says where', () => {
  const good = { name: 'app.is_audited', kind: 'table', roles: ['schema', 'table', 'desc'] };
  assert.deepEqual(readOptions({ assertions: [good] }).assertions, [good]);
  assert.deepEqual(readOptions({ assertions: [{ ...good, pattern: '^app\\.' }] }).assertions[0].pattern, '^app\\.');
  const wrong = [
    [{ ...good, name: undefined }, 'assertions[1].name', TypeError],
    [{ ...good, name: '' }, 'assertions[1].name', RangeError],
    [{ ...good, kind: 'tabel' }, 'assertions[1].kind', RangeError],
    [{ ...good, kind: null }, 'assertions[1].kind', TypeError],
    [{ ...good, roles: 'table' }, 'assertions[1].roles', TypeError],
    [{ ...good, roles: ['table', 3] }, 'assertions[1].roles[1]', TypeError],
    [{ ...good, roles: ['desc'] }, 'assertions[1].roles', RangeError],
    [{ ...good, roles: ['a', 'b', 'c', 'd'] }, 'assertions[1].roles', RangeError],
    [{ ...good, pattern: /x/ }, 'assertions[1].pattern', TypeError],
    [{ ...good, target: 'x' }, 'assertions[1]', RangeError],
    [[good], 'assertions[1]', TypeError],
  ];
  for (const [assertion, at, Kind] of wrong) {
    assert.throws(() => readOptions({ assertions: [good, assertion] }), (error) => {
      assert.ok(error instanceof Kind && error.message.includes(`option "${at}"`), error.message);
      return true;
    });
  }
});

test('kinds of assertions are those of the catalogue', () => {
  const source = readFileSync(AREAS, 'utf8');
  const body = source.slice(source.indexOf('fn of_kind'), source.indexOf('_ => return None'));
  const kinds = [...body.matchAll(/"(\w+)"/g)].map((match) => match[1]);
  assert.ok(kinds.length > 30, 'area.rs was read');
  const assertion = (kind) => ({ assertions: [{ name: 'x', kind, roles: ['name'] }] });
  kinds.forEach((kind) => readOptions(assertion(kind)));
  assert.throws(() => readOptions(assertion('none')), (error) => {
    const named = error.message.match(/one of (.*) for option/)[1].split(', ');
    assert.deepEqual(named, kinds.sort());
    return true;
  });
});

test('what is given is copied', () => {
  const given = { fileExtensions: ['.pg'], assertions: [{ name: 'x', kind: 'table', roles: ['table'] }] };
  const read = readOptions(given);
  given.fileExtensions.push('.sql');
  given.assertions[0].roles.push('desc');
  assert.deepEqual(read.fileExtensions, ['.pg']);
  assert.deepEqual(read.assertions[0].roles, ['table']);
  readOptions().fileExtensions.push('.x');
  assert.deepEqual(readOptions(), DEFAULTS);
});

test('options of another realm and inherited options count', () => {
  assert.equal(runInNewContext('/x/i').constructor === RegExp, false);
  assert.equal(readOptions({ ignorePatterns: runInNewContext('[/x/i]') }).ignorePatterns.length, 1);
  assert.equal(readOptions(Object.create({ batchSize: 5 })).batchSize, 5);
});

test('the options themselves must be an object', () => {
  for (const value of [null, 'x', 1, true, [], Symbol('x'), () => {}]) {
    assert.throws(() => readOptions(value), { name: 'TypeError', code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  }
});

test('an unknown option is warned of once, with the nearest known one', () => {
  const program = `
    const { readOptions } = require(${JSON.stringify(OPTIONS_FILE)});
    process.on('warning', ({ code, message }) => console.log(code + '|' + message));
    readOptions({ batchsize: 1, filExtensions: [], verbose: true });
    readOptions({ batchsize: 2, maxMemory: 1, batchSize: 3 });
    readOptions({ ['x'.repeat(1e6)]: 1, __proto__: { constructor: 1 }, toString: 1 });
  `;
  const out = execFileSync(process.execPath, ['--no-warnings', '-e', program], { encoding: 'utf8' });
  const lines = out.trim().split('\n').map((line) => line.split('|'));
  assert.ok(lines.every(([code]) => code === 'PGTAP_UNKNOWN_OPTION'), out);
  const nearest = lines.slice(0, 4).map(([, message]) => message.match(/"(\w+)" .*"(\w+)"$/).slice(1));
  assert.deepEqual(nearest.filter(([name]) => name !== 'verbose'), [
    ['batchsize', 'batchSize'], ['filExtensions', 'fileExtensions'], ['maxMemory', 'maxMemoryMB'],
  ]);
  assert.equal(lines.length, 6);
  assert.ok(lines.every(([, message]) => message.length < 200));
});

test('errors show the value on one line and begin in the code of the caller', () => {
  const error = (function theCaller() {
    try {
      return readOptions({ batchSize: `a\nb${'c'.repeat(1000)}` });
    } catch (caught) {
      return caught;
    }
  })();
  assert.ok(error.message.length < 250 && !error.message.includes('\n'), error.message);
  assert.match(error.stack.split('\n')[1], /theCaller/);
});

test('a value is shown without running its code', () => {
  const hostile = { [Symbol.for('nodejs.util.inspect.custom')]: () => assert.fail('ran') };
  assert.match(invalid('a boolean', 'argument "x"', hostile).message, /^Expected a boolean for argument "x" but received /);
  assert.equal(invalid('a boolean', 'argument "x"', null).message, 'Expected a boolean for argument "x" but received null');
});

test('PgTapError carries its code and its cause', () => {
  const cause = new Error('inner');
  const error = new PgTapError('ERR_PGTAP_X', 'outer', { cause });
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.code, error.message, error.cause], ['PgTapError', 'ERR_PGTAP_X', 'outer', cause]);
});
