'use strict';

const { basename } = require('node:path');

const { FileIndex } = require('./file-index.js');

/** Rows fetched in one call. */
const PAGE = 2000;
/** Stands for a file of the caller's own. */
const OWN = 0xffffffff;

/** TestFile -> where its assertions are: { native, number, cached } */
const places = new WeakMap();

/** Reads a scanned file's assertions; the array is kept as long as somebody holds it. */
function readAssertions(file) {
  const place = places.get(file);
  if (!place) return [];
  let assertions = place.cached?.deref();
  if (!assertions) {
    assertions = JSON.parse(place.native.assertions(place.number, true));
    place.cached = new WeakRef(assertions);
  }
  return assertions;
}

// One accessor for all files, so that they share a shape.
const ASSERTIONS = {
  enumerable: true,
  configurable: true,
  get() {
    return readAssertions(this);
  },
  set(value) {
    Object.defineProperty(this, 'assertions', { value, writable: true, enumerable: true, configurable: true });
  },
};

function testFile([, filePath, planCount, size, lines, dependencies], parsed, assertions) {
  const file = { filePath, fileName: basename(filePath) };
  if (assertions) file.assertions = assertions;
  else Object.defineProperty(file, 'assertions', ASSERTIONS);
  file.planCount = planCount;
  file.dependencies = dependencies;
  file.metadata = { size, lines, parsed };
  return file;
}

/** The files of a scan, in path order. */
function scannedFiles(native) {
  const files = [];
  const parsed = new Date();
  const count = native.fileCount();
  for (let from = 0; from < count; from += PAGE) {
    for (const row of JSON.parse(native.files(from, from + PAGE))) {
      const file = testFile(row, new Date(parsed));
      places.set(file, { native, number: row[0], cached: undefined });
      files.push(file);
    }
  }
  return files;
}

/** A file that was read by itself, with its assertions. */
function parsedFile({ row, assertions }) {
  return testFile(row, new Date(), assertions);
}

const isUntouched = (file) => Object.getOwnPropertyDescriptor(file, 'assertions')?.get === ASSERTIONS.get;

/** What the native side needs of a file of the caller's own. */
function plainFile(file) {
  const assertions = (file?.assertions ?? []).map((assertion) => ({
    type: String(assertion?.type ?? ''),
    target: typeof assertion?.target === 'string' ? assertion.target : null,
    lineNumber: Number.isFinite(assertion?.lineNumber) ? assertion.lineNumber : null,
    description: typeof assertion?.description === 'string' ? assertion.description : null,
    commented: assertion?.commented === true,
    dynamic: assertion?.dynamic === true,
  }));
  return { assertions, planCount: Number.isFinite(file?.planCount) ? file.planCount : null };
}

/** Indexes files of the last scan and of the caller's own. */
function splitFiles(native, files, labels) {
  const order = new Uint32Array(files.length);
  const plain = [];
  files.forEach((file, at) => {
    const place = places.get(file);
    const scanned = place?.native === native && isUntouched(file);
    order[at] = scanned ? place.number : OWN;
    if (!scanned) plain.push(plainFile(file));
  });
  const built = native.build(order, JSON.stringify(plain), labels);
  // Without files of the caller's own the numbers are the scan's.
  const byNumber = plain.length === 0 ? new Map(files.map((file, at) => [order[at], file])) : files;
  return new FileIndex(built, byNumber, emitted);
}

/** The assertions of a file in the order of its records. */
function emitted(file) {
  const place = places.get(file);
  if (!place || !isUntouched(file)) return file?.assertions ?? [];
  return JSON.parse(place.native.assertions(place.number, false));
}

module.exports = { scannedFiles, parsedFile, splitFiles };
