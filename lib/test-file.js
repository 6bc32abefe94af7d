'use strict';

const { basename } = require('node:path');

const { FileIndex } = require('./file-index.js');

/** Rows fetched in one call. */
const PAGE = 500;
/** Stands for a file of the caller's own. */
const OWN = 0xffffffff;

/** A class whose constructor answers with the object it is given, so that fields of its heirs are put on that. */
class Given {
  constructor(object) {
    return object;
  }
}

/**
 * Where a TestFile's assertions are: fields on the file itself that nobody else sees. A WeakMap would cost 50 bytes
 * more for each file, and time in every collection.
 */
class Place extends Given {
  #native;
  #number;
  #cached;

  constructor(file, native, number) {
    super(file);
    this.#native = native;
    this.#number = number;
  }

  /** The file's number in the scan of `native`, if it was found there. */
  static number(file, native) {
    return Place.has(file) && file.#native === native ? file.#number : undefined;
  }

  static has(file) {
    return typeof file === 'object' && file !== null && #native in file;
  }

  /** The file's assertions, in the order of their lines (`byLine`) or of its records. */
  static read(file, byLine) {
    return JSON.parse(file.#native.assertions(file.#number, byLine));
  }

  /** The same by line; the array is kept as long as somebody holds it. */
  static kept(file) {
    let assertions = file.#cached?.deref();
    if (!assertions) {
      assertions = Place.read(file, true);
      file.#cached = new WeakRef(assertions);
    }
    return assertions;
  }
}

// One accessor for all files, so that they share a shape.
const ASSERTIONS = {
  enumerable: true,
  configurable: true,
  get() {
    return Place.has(this) ? Place.kept(this) : [];
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
    return new Place(file, native, numbers[at]);
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
    const number = Place.number(file, native);
    const scanned = number !== undefined && isUntouched(file);
    order[at] = scanned ? number : OWN;
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
  return Place.has(file) && isUntouched(file) ? Place.read(file, false) : file?.assertions ?? [];
}

module.exports = { scannedFiles, parsedFile, splitFiles };
