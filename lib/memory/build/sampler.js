'use strict';

const { processTree } = require('../process-tree.js');

const EVERY_MS = 250;
/** A step that has just begun may soon end: the first readings are closer together, each twice as far as the one before. */
const FIRST_MS = 10;
/** Readings take longer the more processes the machine has: the time between two is so many times what one computes, */
const SPARING = 50;
/** and no longer than this. */
const LONGEST_MS = 2000;

/** The most that a tree took, and with how many processes; `null` where the system does not tell. */
class Peak {
  rssBytes = null;
  anonymousBytes = null;
  processes = null;
  /** The process that took most of it. */
  largest = null;

  add({ processes, rssBytes, anonymousBytes }) {
    if (processes.length === 0) return;
    this.anonymousBytes = Math.max(this.anonymousBytes ?? 0, anonymousBytes);
    this.processes = Math.max(this.processes ?? 0, processes.length);
    if (rssBytes <= (this.rssBytes ?? -1)) return;
    this.rssBytes = rssBytes;
    const { name, pid, rssBytes: own } = processes.reduce((most, each) => (each.rssBytes > most.rssBytes ? each : most));
    this.largest = { pid, name, rssBytes: own };
  }
}

/** Samples the memory of a process and of all that it started, four times a second, and keeps the peak. */
class TreeSampler {
  peak = new Peak();
  /** The tree as it was last; `null` where the system does not tell. */
  last = null;
  #pid;
  #timer;
  #everyMs = FIRST_MS;

  constructor(pid) {
    this.#pid = pid;
    this.#timer = setTimeout(() => this.#read(), 0).unref();
  }

  /** What of the tree is there now. */
  now() {
    return processTree(this.#pid);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #read() {
    const began = process.cpuUsage();
    this.last = this.now();
    if (this.last === null) return;
    this.peak.add(this.last);
    const { user, system } = process.cpuUsage(began);
    const pause = Math.max(this.#everyMs, Math.min(LONGEST_MS, (SPARING * (user + system)) / 1000));
    this.#everyMs = Math.min(EVERY_MS, 2 * this.#everyMs);
    this.#timer = setTimeout(() => this.#read(), pause).unref();
  }
}

module.exports = { TreeSampler };
