'use strict';

/** The settings in force. No path, no function, nothing of the environment but what it settled. */
function configuration({ manager, spikes, options }) {
  const { enable, basePath, authorize, loopback, actionIntervalMs } = options;
  return {
    monitoring: manager.initialized,
    settings: manager.getSettings(),
    spikes: { active: spikes.active, ...spikes.options },
    routes: { basePath, enabled: enable, authorizeConfigured: authorize !== null, loopback, actionIntervalMs },
    node: process.version,
  };
}

module.exports = { configuration };
