'use strict';

const { basename } = require('node:path');

const { FileIndex } = require('./file-index.js');

/** Rows fetched in one call. */
const PAGE = 500;
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

function testFile({ path, plan, size, lines, dependencies, assertions }, parsed) {
  const file = { filePath: path, fileName: basename(path) };
  if (assertions) file.assertions = assertions;
  else Object.defineProperty(file, 'assertions', ASSERTIONS);
  file.planCount = plan;
  file.dependencies = dependencies;
  file.metadata = { size, lines, parsed };
  return file;
}

/** The files of one page: columns, so that no row is an object of its own. */
function pageOfFiles(native, from, parsed) {
  const { numbers, paths, plans, sizes, lines, dependencies } = JSON.parse(native.files(from, from + PAGE));
  const named = new Map(dependencies);
  return paths.map((path, at) => {
    const row = { path, plan: plans[at], size: sizes[at], lines: lines[at], dependencies: named.get(at) ?? [] };
    const file = testFile(row, parsed);
    places.set(file, { native, number: numbers[at], cached: undefined });
    return file;
  });
}

/** The files of a scan, in path order. */
function scannedFiles(native) {
  const files = [];
  const parsed = new Date();
  const count = native.fileCount();
  for (let from = 0; from < count; from += PAGE) files.push(...pageOfFiles(native, from, parsed));
  return files;
}

/** A file that was read by itself, with its assertions. */
const parsedFile = (read) => testFile(read, new Date());

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
  return new FileIndex(built, plain.length === 0 ? numbered(files, order) : files, emitted);
}

function numbered(files, order) {
  const byNumber = [];
  files.forEach((file, at) => {
    byNumber[order[at]] = file;
  });
  return byNumber;
}

/** The assertions of a file in the order of its records. */
function emitted(file) {
  const place = places.get(file);
  if (!place || !isUntouched(file)) return file?.assertions ?? [];
  return JSON.parse(place.native.assertions(place.number, false));
}

module.exports = { scannedFiles, parsedFile, splitFiles };
