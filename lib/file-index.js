'use strict';

const { basename } = require('node:path');

const { PgTapError } = require('./errors.js');

/** Files whose assertions are kept between questions. */
const KEPT_FILES = 32;

/** A file's name; callers' own files may have only a path, or neither. */
function nameOf(file) {
  if (typeof file?.fileName === 'string') return file.fileName;
  return typeof file?.filePath === 'string' ? basename(file.filePath) : '';
}

/** Answers of the native index, with the files it is about. */
class FileIndex {
  #native;
  #files;
  #scanned;
  #emitted;
  #save;
  #kept = new Map();

  /**
   * @param {object} native a NativeDatabase
   * @param {object} about
   * @param {object[]} about.files TestFiles by number; numbers may be missing
   * @param {boolean} about.scanned all of them are files of the scan, which the native side can name
   * @param {(file: object) => object[]} about.emitted a file's assertions in the order of its records
   * @param {(target: string, signal?: AbortSignal) => Promise<number[]>} [about.save] saves them, where they can be
   */
  constructor(native, { files, scanned, emitted, save }) {
    this.#save = save;
    this.#native = native;
    this.#files = files;
    this.#scanned = scanned;
    this.#emitted = emitted;
  }

  file(number) {
    return this.#files[number];
  }

  fileName(number) {
    return nameOf(this.file(number));
  }

  get files() {
    return this.#files.filter((file) => file !== undefined);
  }

  areas() {
    return this.#native.constructor.areas();
  }

  size(area) {
    return this.#native.size(area);
  }

  has(area, name) {
    return this.#native.has(area, name);
  }

  keys(area, from, to) {
    return JSON.parse(this.#native.keys(area, from, to));
  }

  counts(area, from, to) {
    return JSON.parse(this.#native.counts(area, from, to));
  }

  entry(area, name) {
    return JSON.parse(this.#native.entry(area, name));
  }

  /** Entries from the `from`th object on, by name; as many as make an answer of moderate size, but one at least. */
  entries(area, from) {
    return JSON.parse(this.#native.entries(area, from));
  }

  totals() {
    return JSON.parse(this.#native.totals());
  }

  gaps() {
    return JSON.parse(this.#native.gaps());
  }

  /** Saves the files as one SQLite file; how many files and assertions it holds. */
  async save(target, signal) {
    if (!this.#save) {
      throw new PgTapError('ERR_PGTAP_INVALID_ARGUMENT', 'Only a database over files of a scan can be saved: testFiles holds files of your own, or assertions that were changed');
    }
    const [files, assertions] = await this.#save(target, signal);
    return { files, assertions };
  }

  pruned() {
    return JSON.parse(this.#native.pruned());
  }

  /** Forgets what is kept between questions; how many bytes that freed, as far as they are counted. */
  trim() {
    this.#kept.clear();
    return this.#native.trim();
  }

  close() {
    this.#kept.clear();
    this.#native.close();
  }

  aside() {
    return JSON.parse(this.#native.aside());
  }

  statistics() {
    return JSON.parse(this.#native.statistics());
  }

  coverageStatistics(built) {
    return JSON.parse(this.#native.coverageStatistics(built));
  }

  coverageMap() {
    return JSON.parse(this.#native.coverageMap());
  }

  /** The report as text; `options` are checked ones. */
  report(options) {
    const names = this.#scanned ? [] : this.#files.map(nameOf);
    return this.#native.report(JSON.stringify(options), JSON.stringify(names));
  }

  /** The assertion at `position` among the records of file `number`. */
  assertion(number, position) {
    let list = this.#kept.get(number);
    if (!list) {
      list = this.#emitted(this.file(number));
      if (this.#kept.size >= KEPT_FILES) this.#kept.delete(this.#kept.keys().next().value);
      this.#kept.set(number, list);
    }
    return list[position];
  }
}

module.exports = { FileIndex, nameOf };
