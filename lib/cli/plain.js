'use strict';

/** Names come from files: no control character of theirs reaches the terminal. */
function plain(text) {
  // eslint-disable-next-line no-control-regex
  return String(text).replace(/[\x00-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** JSON of a stranger, with all of its texts made plain. */
const parsePlain = (text) => JSON.parse(text, (_, value) => (typeof value === 'string' ? plain(value) : value));

module.exports = { parsePlain, plain };
