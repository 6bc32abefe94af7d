'use strict';

const { Refusal } = require('./refusal.js');

/** The whole number that a query names, from 1 to `most`; `standard` where it does not. */
function queryCount(query, name, { standard, most }) {
  const text = query.get(name);
  if (text === null) return standard;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new Refusal(400, 'bad_request', `"${name}" must be a whole number from 1 to ${most}`);
}

module.exports = { queryCount };
