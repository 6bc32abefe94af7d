'use strict';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** Bytes as people read them, in steps of 1024: '1.5 MB'. */
function size(bytes) {
  if (bytes === null) return '-';
  const step = Math.min(Math.floor(Math.log2(Math.abs(bytes) || 1) / 10), UNITS.length - 1);
  return `${(bytes / 1024 ** step).toFixed(step && 1)} ${UNITS[step]}`;
}

module.exports = { size };
