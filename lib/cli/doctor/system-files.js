'use strict';

const { existsSync, readFileSync, readdirSync, readlinkSync } = require('node:fs');
const { join } = require('node:path');

/** Not there, or not ours to read; ESRCH and EINVAL: of a process that has ended, or of the kernel's own. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'ESRCH', 'EINVAL'];
const REFUSED = ['EACCES', 'EPERM'];

/** Reads what the system tells in files, below a root. What is not there is null; what is refused is null, and listed. */
class SystemFiles {
  #root;
  /** Paths that may not be read. */
  refused = [];

  constructor(root = '/') {
    this.#root = root;
  }

  #try(path, read) {
    try {
      return read(join(this.#root, path));
    } catch (error) {
      if (REFUSED.includes(error.code)) this.refused.push(`/${path}`);
      else if (!ABSENT.includes(error.code)) throw error;
      return null;
    }
  }

  exists(path) {
    return existsSync(join(this.#root, path));
  }

  text(path) {
    return this.#try(path, (file) => readFileSync(file, 'utf8'));
  }

  link(path) {
    return this.#try(path, (file) => readlinkSync(file));
  }

  names(path) {
    return this.#try(path, (folder) => readdirSync(folder)) ?? [];
  }

  lines(path) {
    return (this.text(path) ?? '').split('\n').filter(Boolean);
  }

  /** The texts of a list that NUL bytes end, as command lines and environments are; null as text(). */
  list(path) {
    return this.text(path)?.split('\0').slice(0, -1) ?? null;
  }

  /** A file that holds one whole number; null when it holds anything else, as `max`. */
  number(path) {
    const text = this.text(path)?.trim() ?? '';
    return /^-?\d+$/.test(text) ? Number(text) : null;
  }

  /** The kilobytes of lines as `VmRSS:  1024 kB`, in bytes, by name. */
  kilobytes(path) {
    const rows = this.lines(path).map((line) => /^(\w+(?:\(\w+\))?):\s+(\d+) kB$/.exec(line)).filter(Boolean);
    return Object.fromEntries(rows.map(([, name, value]) => [name, Number(value) * 1024]));
  }
}

module.exports = { SystemFiles };
