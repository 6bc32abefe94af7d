'use strict';

const { signalOf } = require('./batch-options.js');
const { filePath } = require('./errors.js');
const { Given, fetchedOnce } = require('./fetched-fields.js');
const { nameOf } = require('./file-index.js');
const { MapView } = require('./map-view.js');
const { readReportOptions } = require('./report-options.js');

/** Defines a property whose value is made when it is first looked at. */
function lazily(object, name, make) {
  Object.defineProperty(object, name, {
    enumerable: true,
    configurable: true,
    get() {
      const value = make();
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
      return value;
    },
  });
}

/** What an entry is made of: fields on the entry itself that nobody else sees. */
class Source extends Given {
  #index;
  #area;
  #name;
  #found;

  constructor(entry, index, area, name, found) {
    super(entry);
    this.#index = index;
    this.#area = area;
    this.#name = name;
    this.#found = found;
  }

  static #of(entry) {
    return #found in entry ? entry.#found.assertions : [];
  }

  static assertions(entry) {
    return Source.#of(entry).map(([file, position, lineNumber, type]) => {
      const testFile = entry.#index.fileName(file);
      const { filePath } = entry.#index.file(file) ?? {};
      const { target = entry.#name, description = null, parameters = [] } = entry.#index.assertion(file, position) ?? {};
      return { type, target, testFile, filePath, lineNumber, description, parameters };
    });
  }

  static types(entry) {
    return new Set(Source.#of(entry).map(([, , , type]) => type));
  }

  static files(entry) {
    return new Set(Source.#of(entry).map(([file]) => entry.#index.fileName(file)));
  }

  static metadata(entry) {
    if (!(#found in entry)) return undefined;
    const { assertions, percentage } = entry.#found;
    return { objectType: entry.#area, objectName: entry.#name, assertionCount: assertions.length, coveragePercentage: percentage };
  }
}

// One accessor each for all entries: a database may have millions.
const ASSERTIONS = fetchedOnce('assertions', Source.assertions);
const TYPES = fetchedOnce('assertionTypes', Source.types);
const FILES = fetchedOnce('testFiles', Source.files);
const METADATA = fetchedOnce('metadata', Source.metadata);

/** What the database says of one object. */
function entryOf(index, area, name, lastTested, found = index.entry(area, name)) {
  const entry = {};
  Object.defineProperty(entry, 'assertions', ASSERTIONS);
  Object.defineProperty(entry, 'assertionTypes', TYPES);
  Object.defineProperty(entry, 'testFiles', FILES);
  Object.defineProperty(entry, 'metadata', METADATA);
  entry.lastTested = lastTested;
  return new Source(entry, index, area, name, found);
}

const objectsOf = (index, area, built) => new MapView({
  size: () => index.size(area),
  has: (name) => index.has(area, name),
  get: (name) => entryOf(index, area, name, built),
  page: (from, to) => index.keys(area, from, to),
  rows: (from) => index.entries(area, from).map(([name, found]) => [name, entryOf(index, area, name, built, found)]),
});

/** `kind:name` -> assertions, over all kinds. */
function countsByObject(index) {
  const areas = index.areas();
  const split = (key) => [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
  return new MapView({
    size: () => areas.reduce((sum, area) => sum + index.size(area), 0),
    has: (key) => index.has(...split(key)),
    get: (key) => index.entry(...split(key)).assertions.length,
    page: (from, to) => pageOver(index, areas, from, to).map(([key]) => key),
    // Names that are no UTF-8 cannot be asked for one by one.
    rows: (from) => pageOver(index, areas, from, from + COUNTS),
  });
}

/** Counts fetched in one call. */
const COUNTS = 1024;

/** `kind:name` and count of the objects `from..to` of the kinds one behind the other. */
function pageOver(index, areas, from, to) {
  const rows = [];
  let before = 0;
  for (const area of areas) {
    const size = index.size(area);
    const [first, last] = [Math.max(from - before, 0), Math.min(to - before, size)];
    if (first < last) rows.push(...index.counts(area, first, last).map(([name, count]) => [`${area}:${name}`, count]));
    before += size;
  }
  return rows;
}

const fileRows = (index) => new Map(index.files.map((file) => [file.filePath, {
  fileName: nameOf(file),
  filePath: file.filePath,
  planCount: file.planCount ?? null,
}]));

const namesToFiles = (index, rows) => new Map(rows.map(([name, numbers]) => [
  name, { testFiles: new Set(numbers.map((number) => index.fileName(number))) },
]));

/** The coverage database: counts are here, everything else is fetched when it is looked at. */
class CoverageDatabaseView {
  #index;
  /** What is known of gaps since the tests were compared with a schema. */
  #compared;

  constructor(index, streamingMode) {
    this.#index = index;
    const built = new Date().toISOString();
    const { files, assertions, types } = index.totals();
    this.objects = Object.fromEntries(index.areas().map((area) => [area, objectsOf(index, area, built)]));
    this.assertionCounts = { total: assertions, byType: new Map(types), byObject: countsByObject(index) };
    this.gaps = {};
    lazily(this.gaps, 'uncoveredObjects', () => new Set(index.gaps().uncovered));
    lazily(this.gaps, 'partialCoverage', () => new Set(index.gaps().partial));
    lazily(this, 'absences', () => new Map(index.aside().absences));
    lazily(this, 'patterns', () => new Map(index.aside().patterns));
    lazily(this, 'exercised', () => {
      const { relations, functions } = index.aside();
      return { relations: namesToFiles(index, relations), functions: namesToFiles(index, functions) };
    });
    lazily(this, 'fileIndex', () => fileRows(index));
    this.buildTimestamp = built;
    this.totalFiles = files;
    this.totalAssertions = assertions;
    this.memoryManaged = true;
    this.streamingMode = streamingMode;
  }

  async save(file, options) {
    const target = filePath(file, 'the first argument of save()', this.save);
    const signal = signalOf(options, this.save);
    signal?.throwIfAborted();
    return this.#index.save(target, signal);
  }

  /** Not part of the data: `JSON.stringify` and spread do not see it. */
  statistics() {
    const statistics = this.#index.coverageStatistics(this.buildTimestamp);
    return this.#compared ? { ...statistics, gaps: this.#compared } : statistics;
  }

  /** From here on gaps are those of a schema that the tests were compared with: `{ sets, statistics }`. */
  compared({ sets, statistics }) {
    for (const [name, value] of Object.entries(sets)) {
      Object.defineProperty(this.gaps, name, { value, writable: true, enumerable: true, configurable: true });
    }
    this.#compared = statistics;
  }

  /** As text; `options` as callers of `exportCoverageReport()` give them. */
  report(options) {
    return this.#index.report({ ...readReportOptions(options), built: this.buildTimestamp });
  }
}

module.exports = { CoverageDatabaseView };
