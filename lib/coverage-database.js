'use strict';

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

/** What the database says of one object. */
function entryOf(index, area, name, lastTested, { assertions: rows, percentage } = index.entry(area, name)) {
  const entry = {};
  lazily(entry, 'assertions', () => rows.map(([file, position, lineNumber, type]) => {
    const testFile = index.fileName(file);
    const { filePath } = index.file(file) ?? {};
    const { target = name, description = null, parameters = [] } = index.assertion(file, position) ?? {};
    return { type, target, testFile, filePath, lineNumber, description, parameters };
  }));
  entry.assertionTypes = new Set(rows.map(([, , , type]) => type));
  entry.testFiles = new Set(rows.map(([file]) => index.fileName(file)));
  entry.metadata = metadataOf(area, name, rows.length, percentage);
  entry.lastTested = lastTested;
  return entry;
}

function metadataOf(area, name, assertionCount, coveragePercentage) {
  return { objectType: area, objectName: name, assertionCount, coveragePercentage };
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
    page: (from, to) => pageOver(index, areas, from, to),
  });
}

/** The keys `from..to` of the kinds one behind the other. */
function pageOver(index, areas, from, to) {
  const keys = [];
  let before = 0;
  for (const area of areas) {
    const size = index.size(area);
    const [first, last] = [Math.max(from - before, 0), Math.min(to - before, size)];
    if (first < last) keys.push(...index.keys(area, first, last).map((name) => `${area}:${name}`));
    before += size;
  }
  return keys;
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

  /** Not part of the data: `JSON.stringify` and spread do not see it. */
  statistics() {
    return this.#index.coverageStatistics(this.buildTimestamp);
  }

  /** As text; `options` as callers of `exportCoverageReport()` give them. */
  report(options) {
    return this.#index.report({ ...readReportOptions(options), built: this.buildTimestamp });
  }
}

module.exports = { CoverageDatabaseView };
