'use strict';

const { invalid, PgTapError } = require('./errors.js');
const { operate } = require('./operation.js');
const { scanNumbers } = require('./test-file.js');

/** Fewer assertions than this about an object are partial coverage. */
const sufficient = (kind) => (kind === 'tables' || kind === 'functions' ? 2 : 1);

const keyOf = ({ kind, display }) => `${kind}:${display}`;
const isGap = ({ state }) => state !== 'asserted';

/** The other ways to name a schema than by its catalog. */
const OTHERS = ['connection', 'client', 'migrations', 'schema'];

/** What the tests are compared with: `{ catalog, kind, skipped }`; a catalog that is there already is taken as it is. */
async function sourceOf(options) {
  const { catalog } = options;
  const alone = OTHERS.every((name) => options[name] === undefined || options[name] === null);
  if (typeof catalog === 'object' && catalog !== null && alone) return { catalog, kind: 'snapshot', skipped: [] };
  // Read when it is wanted: it takes a third of the time that loading the package takes.
  return require('./schema/source.js').schemaSource(options);
}

function checkSignal(signal, from) {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw invalid('an AbortSignal', 'option "signal"', signal, { code: 'ERR_PGTAP_INVALID_OPTION', from });
}

/** The numbers of the files; those of the caller's own have no text that could be read. */
function numbersOf(native, files) {
  const numbers = scanNumbers(native, files);
  const others = files.length - numbers.length;
  if (others === 0) return numbers;
  throw new PgTapError('ERR_PGTAP_NO_SOURCES', `Gap analysis reads the files of the last scan; ${others} of testFiles are not among them. Scan their folder, or take them out`);
}

async function coverageOf(native, order, { catalog, kind, skipped }, signal) {
  const text = JSON.stringify(catalog);
  let number;
  const coverage = await operate((callback) => { number = native.analyzeGaps(order, text, kind, callback); }, {
    signal, cancel: () => native.cancelBuild(number),
  });
  coverage.skipped = skipped;
  return coverage;
}

/** Why an object is among the recommended, and what tests it. */
function recommendation(object) {
  const { kind, display, state, assertionCount, suggestion } = object;
  const reason = state === 'exercised' ? "exercised by the tests' SQL, but no assertion is about it" : 'no test names it';
  return { object: keyOf(object), objectType: kind, objectName: display, assertionCount, reason, statement: suggestion };
}

function countByKind(objects) {
  const counts = {};
  for (const { kind } of objects) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** The analysis as callers get it, and what the coverage database takes over of it. */
function analysisOf(coverage) {
  const missing = coverage.objects.filter(isGap);
  const partial = coverage.objects.filter((object) => !isGap(object) && object.assertionCount < sufficient(object.kind));
  const sets = { uncoveredObjects: new Set(missing.map(keyOf)), partialCoverage: new Set(partial.map(keyOf)) };
  const recommendedTests = missing.filter(({ suggestion }) => suggestion !== null).map(recommendation);
  return {
    result: { coverage, gaps: sets, recommendedTests, staleAssertions: coverage.stale },
    forDatabase: {
      sets,
      statistics: {
        totalUncovered: missing.length,
        partialCoverage: partial.length,
        uncoveredByType: countByKind(missing),
        recommendedTests,
      },
    },
  };
}

/** Compares the scanned `files` with a schema; `from` is the method whose caller sees the errors. */
async function analyzeGaps(native, files, options, from) {
  if (typeof options !== 'object' || options === null) throw invalid('an object', 'the first argument of analyzeGaps()', options, { from });
  const { signal } = options;
  checkSignal(signal, from);
  signal?.throwIfAborted();
  const order = numbersOf(native, files);
  const source = await sourceOf(options);
  signal?.throwIfAborted();
  return analysisOf(await coverageOf(native, order, source, signal));
}

/** On one line, so that nothing ends a comment early. */
const oneLine = (text) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');

/** The list that `key` has in `map`, which it gets with this. */
function listOf(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}

/** Statements by schema and kind, each in the order of the objects; what stands in no schema comes last. */
function grouped(objects) {
  const schemas = new Map();
  for (const { schema, kind, suggestion } of objects) {
    listOf(listOf(schemas, schema, () => new Map()), kind, () => []).push(suggestion);
  }
  const ofSchema = ([schema, kinds]) => [...kinds].map(([kind, statements]) => {
    const title = schema === null ? kind : `${oneLine(schema)}: ${kind}`;
    return [`-- ${title}`, ...statements, ''].join('\n');
  });
  return [...schemas].sort(([a], [b]) => (a === null) - (b === null)).flatMap(ofSchema);
}

/** A test file that asserts what nothing asserts yet: text. */
function suggestedTests(coverage, from) {
  if (!Array.isArray(coverage?.objects)) throw invalid('a coverage, as analyzeGaps() gives it', 'the first argument of suggestTests()', coverage, { from });
  const gaps = coverage.objects.filter((object) => isGap(object) && typeof object.suggestion === 'string');
  const nothing = "SELECT pass('every object has an assertion');\n";
  return [
    `-- Tests of what no assertion is about: ${gaps.length} of ${coverage.objects.length} objects.`,
    'BEGIN;',
    `SELECT plan(${gaps.length || 1});`,
    '',
    ...(gaps.length ? grouped(gaps) : [nothing]),
    'SELECT * FROM finish();',
    'ROLLBACK;',
    '',
  ].join('\n');
}

module.exports = { analyzeGaps, suggestedTests };
