'use strict';

/** Names come from files: no control character of theirs reaches the terminal. */
function plain(text) {
  // eslint-disable-next-line no-control-regex
  return String(text).replace(/[\x00-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

module.exports = { plain };
