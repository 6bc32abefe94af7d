'use strict';

const { join } = require('node:path');

const PRELOAD = join(__dirname, 'preload.js');

/** Flags that say how large the heap may grow; the last two beat or are beaten by the first. */
const LIMITS = /^--max[-_]old[-_]space[-_]size(?:[-_]percentage)?(?:=.*)?$/;

/** The options of the text, without the quotes that Node.js allows around them. */
function split(text) {
  const found = text.matchAll(/(?:[^\s"]|"(?:[^"\\]|\\.)*")+/g);
  return [...found].map(([word]) => word.replace(/"((?:[^"\\]|\\.)*)"/g, (_, quoted) => quoted.replace(/\\(.)/g, '$1')));
}

const quoted = (word) => (/[\s"\\]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word);

/** Without the flags that set the heap limit, and what those were. */
function withoutLimits(words) {
  const replaced = [];
  const kept = [];
  for (let at = 0; at < words.length; at += 1) {
    if (!LIMITS.test(words[at])) {
      kept.push(words[at]);
      continue;
    }
    // The value may be a word of its own.
    const apart = !words[at].includes('=') && /^\d+$/.test(words[at + 1] ?? '');
    replaced.push(apart ? `${words[at]} ${words[at + 1]}` : words[at]);
    at += apart ? 1 : 0;
  }
  return { kept, replaced };
}

/**
 * NODE_OPTIONS for the steps: what was there, with the heap limit `heapMB` in place of any other.
 *
 * With `autoGC` also what lets them collect: a module that is loaded before theirs, and `--expose-gc` for programs that
 * call `gc()` themselves, where this version of Node.js takes that from a variable.
 *
 * @param {string} text what was there
 * @returns {{ text: string, replaced: string[] }} `replaced`: the flags whose place the new limit took
 */
function nodeOptions(text, { heapMB, autoGC }) {
  const { kept, replaced } = withoutLimits(split(text));
  const exposed = kept.some((word) => /^--expose[-_]gc$/.test(word)) || !process.allowedNodeEnvironmentFlags.has('--expose-gc');
  const added = [`--max-old-space-size=${heapMB}`];
  if (autoGC) added.push(...(exposed ? [] : ['--expose-gc']), '--require', PRELOAD);
  return { text: [...kept, ...added].map(quoted).join(' '), replaced };
}

module.exports = { nodeOptions };
