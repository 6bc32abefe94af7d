'use strict';

const { MB, ofMB } = require('../figures.js');

/** `Memory: 512.34MB / 8192.00MB (6%)`: what is in use of the container or the machine. */
function memoryText({ usedBytes, totalBytes }) {
  return `Memory: ${ofMB(usedBytes / MB, totalBytes / MB)} (${Math.round((usedBytes / totalBytes) * 100)}%)`;
}

const inMB = (bytes) => `${(bytes / MB).toFixed(2)}MB`;
const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/** `, peak 1024.50MB in 4 processes`; nothing where the system does not tell. */
function peakText(peak) {
  if (!peak?.rssBytes) return '';
  return `, peak ${inMB(peak.rssBytes)} in ${counted(peak.processes, 'process', 'processes')}`;
}

function largestText({ peak }) {
  if (!peak?.largest) return '';
  const { name, pid, rssBytes } = peak.largest;
  return ` At the peak, ${name} (process ${pid}) took ${inMB(rssBytes)} of ${inMB(peak.rssBytes)}.`;
}

function largerHeap({ heapMB, largestMB }) {
  return heapMB < largestMB
    ? `Raise the heap limit (heapMB, up to ${largestMB} here)`
    : 'The limit is as high as memory allows: run fewer steps at once, or use a machine with more';
}

/** Why, and what to do, of each reason for which a step did not complete. */
const WORDS = {
  'not-started': ({ error, command }) => (error.code === 'ENOENT'
    ? `There is no program "${command}", or its folder does not exist.`
    : `"${command}" could not be started: ${error.message}`),
  'heap-limit': (of) => `A Node.js process ran out of heap: V8 gave up at its limit (${of.heapMB} MB from the build, unless the step sets another).`
    + ` ${largerHeap(of)}, or divide the step.`,
  aborted: () => 'It aborted (SIGABRT) without a word of V8 about its heap: an assertion in native code rather than the heap limit.',
  'container-limit': (of) => `The kernel killed a process of it: the container's limit of ${inMB(of.memory.after.totalBytes)} was met.`
    + `${largestText(of)} Give the container more memory, lower the heap limit (${of.heapMB} MB), or run fewer steps at once.`,
  'machine-memory': (of) => 'The kernel killed a process because memory ran out, on the machine or in a group around this one.'
    + `${largestText(of)} Lower the heap limit (${of.heapMB} MB), run fewer steps at once, or use a machine with more memory.`,
  killed: () => 'Somebody killed it (SIGKILL). The kernel counts no process of this group that was killed for want of memory.',
  'killed-unknown': () => 'Somebody killed it (SIGKILL). Whether that was the kernel, for want of memory, is not told on this system.',
  signal: ({ signal }) => `It was ended by ${signal}.`,
  'node-options': () => 'Its Node.js is of another version and refuses an option of NODE_OPTIONS. Turn autoGC off (--no-gc).',
  failed: () => 'It failed by itself: there is no trace of a memory limit.',
};

/** What is told of a step that did not complete: why, what to do, and the memory then. `null` for one that did. */
function explain(reason, of) {
  if (reason === 'completed') return null;
  return `${WORDS[reason](of)} ${memoryText(of.memory.after)}${peakText(of.peak)}`;
}

module.exports = { counted, explain, inMB, memoryText, peakText };
