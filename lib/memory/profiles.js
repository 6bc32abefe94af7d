'use strict';

/**
 * Levels in percent of the effective limit, and how often memory is judged, by where the program runs. Render's smallest
 * instances have 512 MB: 60, 75 and 90 % of it are 307, 384 and 461 MB.
 */
const PROFILES = {
  render: { warningPercent: 60, criticalPercent: 75, emergencyPercent: 90, intervalMs: 15000, limitMB: 512 },
  local: { warningPercent: 80, criticalPercent: 90, emergencyPercent: 95, intervalMs: 30000, limitMB: null },
  default: { warningPercent: 70, criticalPercent: 85, emergencyPercent: 95, intervalMs: 30000, limitMB: null },
};

const isOn = (value) => value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());

/**
 * The profile's name: `render` where Render.com sets RENDER; else `local` outside Kubernetes unless NODE_ENV is
 * `production`; else `default`.
 */
function profileOf(env) {
  if (isOn(env.RENDER)) return 'render';
  if (isOn(env.KUBERNETES_SERVICE_HOST) || env.NODE_ENV === 'production') return 'default';
  return 'local';
}

module.exports = { PROFILES, profileOf };
