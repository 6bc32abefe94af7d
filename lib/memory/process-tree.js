'use strict';

const { processTree: read } = require('../native.js');

/**
 * The memory of a process and of all that it started, also of those whose parents have ended as far as their group or
 * session tells. Those that ended meanwhile are left out; a `pid` that is not there has no processes.
 *
 * `rssBytes` counts pages that several processes share for each of them, `anonymousBytes` for none: what the tree takes
 * lies between.
 *
 * @param {number} pid
 * @returns {{ processes: { pid: number, ppid: number, name: string, rssBytes: number, anonymousBytes: number }[],
 *   rssBytes: number, anonymousBytes: number } | null} `null` on systems that do not tell (no Linux)
 */
function processTree(pid) {
  return JSON.parse(read(pid));
}

module.exports = { processTree };
