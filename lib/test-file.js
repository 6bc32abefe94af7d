'use strict';

const { basename } = require('node:path');

const { Given, fetched, fetchedOnce } = require('./fetched-fields.js');
const { FileIndex } = require('./file-index.js');
const { operate } = require('./operation.js');

/** Stands for a file of the caller's own. */
const OWN = 0xffffffff;

/**
 * Assertions read since the program last came to rest: a ring of files and their arrays. A WeakRef would keep its array
 * until then, and a loop over all files all arrays; only those of the files read last get one, once it is at rest.
 */
const RECENT = 16;
const recent = { files: Array(RECENT), lists: Array(RECENT), next: 0, used: false };

/** The arrays of files that were read, as WeakRefs: most files never are, and a field would cost each of them. */
const cached = new WeakMap();

/** Where a TestFile's content is: fields on the file itself that nobody else sees. */
class Place extends Given {
  #native;
  #number;

  constructor(file, native, number) {
    super(file);
    this.#native = native;
    this.#number = number;
  }

  static has(file) {
    return typeof file === 'object' && file !== null && #native in file;
  }

  /** The file's number in the scan of `native`, if it was found there. */
  static number(file, native) {
    return Place.has(file) && file.#native === native ? file.#number : undefined;
  }

  static path(file) {
    return Place.has(file) ? file.#native.filePath(file.#number) : undefined;
  }

  /** `{ plan, size, lines, parsed, dependencies }` */
  static facts(file) {
    return Place.has(file) ? JSON.parse(file.#native.file(file.#number)) : {};
  }

  /** The file's assertions, in the order of their lines (`byLine`) or of its records. */
  static read(file, byLine) {
    return JSON.parse(file.#native.assertions(file.#number, byLine));
  }

  /** The same by line; the array is the same as long as somebody holds it. */
  static kept(file) {
    const at = recent.files.indexOf(file);
    if (at >= 0) return recent.lists[at];
    const assertions = cached.get(file)?.deref() ?? Place.read(file, true);
    if (!recent.used) queueMicrotask(Place.#loosen);
    recent.used = true;
    recent.files[recent.next] = file;
    recent.lists[recent.next] = assertions;
    recent.next = (recent.next + 1) % RECENT;
    return assertions;
  }

  static #loosen() {
    recent.used = false;
    recent.files.forEach((file, at) => {
      if (file) cached.set(file, new WeakRef(recent.lists[at]));
    });
    recent.files.fill(undefined);
    recent.lists.fill(undefined);
  }
}

// One accessor each for all files, so that they share a shape and a file costs its place alone.
const FILE_PATH = fetched('filePath', Place.path);
const FILE_NAME = fetched('fileName', (file) => (Place.has(file) ? basename(file.filePath) : undefined));
const ASSERTIONS = fetched('assertions', (file) => (Place.has(file) ? Place.kept(file) : []));
const PLAN_COUNT = fetched('planCount', (file) => Place.facts(file).plan);
const DEPENDENCIES = fetchedOnce('dependencies', (file) => Place.facts(file).dependencies ?? []);
const METADATA = fetchedOnce('metadata', (file) => {
  const { size, lines, parsed } = Place.facts(file);
  return { size, lines, parsed: new Date(parsed) };
});

/** `console.log(file)` shows the fields, and leaves the assertions where they are. */
function shown(depth, options, inspect) {
  const { filePath, fileName, planCount, dependencies, metadata } = this;
  const fields = { filePath, fileName };
  Object.defineProperty(fields, 'assertions', Object.getOwnPropertyDescriptor(this, 'assertions'));
  return inspect(Object.assign(fields, { planCount, dependencies, metadata }), options);
}

const inspectCustom = Symbol.for('nodejs.util.inspect.custom');
const INSPECT = { configurable: true, get: () => shown };

/** A plain object, but V8 learns how few fields it has: one that is written `{}` has places for four. */
function TestFile() {}
TestFile.prototype = Object.prototype;

// Written out: a loop or Object.defineProperties() takes twice as long, and a suite may have 100,000 files.
function scannedFile(native, number) {
  const file = new TestFile();
  Object.defineProperty(file, 'filePath', FILE_PATH);
  Object.defineProperty(file, 'fileName', FILE_NAME);
  Object.defineProperty(file, 'assertions', ASSERTIONS);
  Object.defineProperty(file, 'planCount', PLAN_COUNT);
  Object.defineProperty(file, 'dependencies', DEPENDENCIES);
  Object.defineProperty(file, 'metadata', METADATA);
  Object.defineProperty(file, inspectCustom, INSPECT);
  return new Place(file, native, number);
}

/** The files of a scan, in path order. */
function scannedFiles(native) {
  const order = native.order();
  const files = Array(order.length);
  order.forEach((number, at) => {
    files[at] = scannedFile(native, number);
  });
  return files;
}

/** A file that was read by itself, with its assertions. */
function parsedFile({ path, plan, size, lines, dependencies, assertions }) {
  const metadata = { size, lines, parsed: new Date() };
  return { filePath: path, fileName: basename(path), assertions, planCount: plan, dependencies, metadata };
}

// A descriptor for each of 100,000 files would be 10 MB of garbage, and V8's young generation would grow for it.
const getterOf = Object.prototype.__lookupGetter__;
const isUntouched = (file) => getterOf.call(file, 'assertions') === ASSERTIONS.get;

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

/** The files as the native side takes them: numbers of the scan's, and the caller's own. */
function split(native, files) {
  const order = new Uint32Array(files.length);
  const plain = [];
  files.forEach((file, at) => {
    const number = Place.number(file, native);
    const scanned = number !== undefined && isUntouched(file);
    order[at] = scanned ? number : OWN;
    if (!scanned) plain.push(plainFile(file));
  });
  return { order, plain };
}

/** The numbers of those of the files that the scan of `native` found. */
function scanNumbers(native, files) {
  return Uint32Array.from(files.map((file) => Place.number(file, native)).filter((number) => number !== undefined));
}

/** What answers from the native index `built`. */
function indexed(native, files, built, { order, plain }) {
  // Without files of the caller's own the numbers are the scan's, and so are the names.
  const scanned = plain.length === 0;
  const save = (target, signal) => operate((callback) => native.save(order, target, callback), { signal, cancel: () => native.cancel() });
  return new FileIndex(built, { files: scanned ? numbered(files, order) : files, scanned, emitted, save: scanned ? save : undefined });
}

/** Indexes files of the last scan and of the caller's own. */
function indexFiles(native, files, labels) {
  const given = split(native, files);
  return indexed(native, files, native.build(given.order, JSON.stringify(given.plain), labels), given);
}

/** The same for coverage, on a thread of its own. */
async function indexFilesLater(native, files, signal) {
  const all = [...files];
  const given = split(native, all);
  let number;
  try {
    await operate((callback) => { number = native.buildLater(given.order, JSON.stringify(given.plain), callback); }, {
      signal, cancel: () => native.cancelBuild(number),
    });
  } catch (error) {
    if (number !== undefined) native.cancelBuild(number);
    throw error;
  }
  return indexed(native, all, native.takeBuilt(number), given);
}

function numbered(files, order) {
  // At its full length at once: V8 makes a hash table of an array that is filled in no order.
  const byNumber = Array(order.reduce((most, number) => Math.max(most, number), -1) + 1);
  files.forEach((file, at) => {
    byNumber[order[at]] = file;
  });
  return byNumber;
}

/** The assertions of a file in the order of its records. */
function emitted(file) {
  return Place.has(file) && isUntouched(file) ? Place.read(file, false) : file?.assertions ?? [];
}

module.exports = { scannedFiles, scanNumbers, parsedFile, indexFiles, indexFilesLater };
