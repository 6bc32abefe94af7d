'use strict';

const { WriteStream } = require('node:tty');
const { styleText } = require('node:util');

const LEAST_BITS = 4;

/**
 * Whether text for `stream` may have colours: it is a terminal that shows some, or FORCE_COLOR says so. Node.js itself
 * heeds FORCE_COLOR, NO_COLOR and TERM, but asks only terminals.
 */
function wantsColour(stream, env = process.env) {
  if (!stream.isTTY && env.FORCE_COLOR === undefined) return false;
  return WriteStream.prototype.getColorDepth.call(stream, env) >= LEAST_BITS;
}

/** Text in these colours; whether there are any is decided by wantsColour. */
const paint = (format, text) => styleText(format, text, { validateStream: false });

module.exports = { paint, wantsColour };
