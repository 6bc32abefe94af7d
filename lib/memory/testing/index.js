'use strict';

const { registerBudgetTarget } = require('./budget-targets.js');
const { testMemoryBudget } = require('./budget.js');
const { expectNoLeak } = require('./leak.js');
const { loadTestWithMemoryMonitoring } = require('./load.js');

/** The public names; documented in index.d.ts. Written out, so that an ES module can import each. */
module.exports = { testMemoryBudget, registerBudgetTarget, expectNoLeak, loadTestWithMemoryMonitoring };
