'use strict';

const { RULES } = require('./rules.js');

/** The rules that hold for these facts, in the rules' order, with their texts. */
function examine(facts) {
  return RULES.filter(({ when }) => when(facts)).map(({ id, severity, why, set, where, basis }) => (
    { id, severity, why: why(facts), set: set(facts), where: where(facts), basis }));
}

module.exports = { examine };
