'use strict';

module.exports = {
  ...require('./near-limit.js'),
  ...require('./sampling.js'),
  ...require('./schedule.js'),
  ...require('./take.js'),
};
