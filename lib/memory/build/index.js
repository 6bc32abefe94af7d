'use strict';

const { memoryMonitorPlugin } = require('./esbuild-plugin.js');
const { runManagedBuild } = require('./run.js');
const { workspaceSteps } = require('./workspaces.js');

/** Builds under a memory limit; documented in index.d.ts. Written out, so that an ES module can import each. */
module.exports = { runManagedBuild, workspaceSteps, memoryMonitorPlugin };
