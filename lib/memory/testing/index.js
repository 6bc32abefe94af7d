'use strict';

module.exports = {
  ...require('./budget.js'),
  ...require('./leak.js'),
  ...require('./load.js'),
};
