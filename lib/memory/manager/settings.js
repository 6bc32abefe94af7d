'use strict';

const { BOOLEAN, readOptions } = require('../../options.js');
const { environment, warnOfEnvironment } = require('../environment.js');
const { MB } = require('../figures.js');
const { PROFILES, profileOf } = require('../profiles.js');
const { DELAY_MS, DURATION_MS, INTERVAL_MS, LOGGER, MEGABYTES, PERCENT, checkRising, oneOf, optional } = require('../rules.js');

const LEVELS = ['warningPercent', 'criticalPercent', 'emergencyPercent'];

/** The options of MemoryManagerService. Where `null` is the default, the environment decides, else the profile. */
const MANAGER_OPTIONS = {
  profile: { default: null, ...optional(oneOf(...Object.keys(PROFILES))), meaning: 'a set of levels and an interval' },
  warningPercent: { default: null, ...optional(PERCENT), meaning: 'where the level warning begins' },
  criticalPercent: { default: null, ...optional(PERCENT), meaning: 'where the level critical begins' },
  emergencyPercent: { default: null, ...optional(PERCENT), meaning: 'where the level emergency begins' },
  intervalMs: { default: null, ...optional(INTERVAL_MS), meaning: 'milliseconds between two samples that are judged' },
  limitMB: { default: null, ...optional(MEGABYTES), meaning: 'a limit beside those of V8 and the container' },
  basis: { default: 'effective', ...oneOf('effective', 'heapLimit', 'heapTotal'), meaning: 'what percentages are of' },
  leakDetection: { default: null, ...optional(BOOLEAN), meaning: 'tell of leaks and answer them' },
  proactiveGc: { default: null, ...optional(BOOLEAN), meaning: 'collect garbage before memory is an emergency' },
  cooldownMs: { default: 30000, ...DURATION_MS, meaning: 'milliseconds between two runs of one cleanup' },
  maxGcPauseMs: { default: 500, ...DURATION_MS, meaning: 'no full collection whose predicted pause is longer' },
  cleanupTimeoutMs: { default: 5000, ...DELAY_MS, meaning: 'milliseconds that a single cleanup may take' },
  logger: { default: console, ...LOGGER, meaning: 'where the details of a leak are logged' },
};

/** Those of them that decide about levels; other faces that tell of levels take them, too. */
const LEVEL_OPTIONS = Object.fromEntries(
  ['profile', ...LEVELS, 'intervalMs', 'limitMB', 'basis'].map((name) => [name, MANAGER_OPTIONS[name]]),
);

const isRising = (settings) => LEVELS.every((name, at) => at === 0 || settings[LEVELS[at - 1]] < settings[name]);

/** The profile with what the environment says instead; levels that do not grow are refused together. */
function surroundings(profile, env) {
  const found = environment(env);
  const settings = { leakDetection: true, proactiveGc: true, ...profile, ...found };
  if (isRising(settings)) return settings;
  warnOfEnvironment('Expected growing percentages for the environment variables MEMORY_WARNING_THRESHOLD, MEMORY_CRITICAL_THRESHOLD and '
    + `MEMORY_EMERGENCY_THRESHOLD but found ${LEVELS.map((name) => settings[name]).join(', ')}; the defaults hold`);
  for (const name of LEVELS) settings[name] = profile[name];
  return settings;
}

/**
 * The complete settings: options first, then the environment's variables, then the profile.
 *
 * @param {object} [given]
 * @param {Function} [from] the stack of an error begins with the caller of this function
 * @param {Record<string, string | undefined>} [env]
 * @param {object} [table] the options that there are: `LEVEL_OPTIONS` and others
 */
function readSettings(given = {}, from = readSettings, env = process.env, table = MANAGER_OPTIONS) {
  const options = readOptions(given, from, table);
  const platform = options.profile ?? profileOf(env);
  const around = surroundings(PROFILES[platform], env);
  const settings = Object.fromEntries(Object.keys(table).map((name) => [name, options[name] ?? around[name] ?? null]));
  checkRising(settings, LEVELS, options, from);
  // The profile's limit is a guess, which a container's own limit replaces.
  return { ...settings, platform, limitMB: options.limitMB, assumedLimitMB: PROFILES[platform].limitMB };
}

/**
 * What percentages are of under these settings, as the engine takes it. A container's own limit is known; what the profile
 * assumes is for where it is not.
 *
 * @param {object} settings those of readSettings()
 * @param {object | null} container as samples have it
 */
function limitsOf({ basis, limitMB, assumedLimitMB }, container) {
  const limit = limitMB ?? (container === null ? assumedLimitMB : null);
  return { basis, ...(limit === null ? {} : { limitBytes: Math.round(limit * MB) }) };
}

/** The options of a watch with these settings and limits. */
function watchOptions({ intervalMs, warningPercent: warning, criticalPercent: critical, emergencyPercent: emergency, leakDetection: leaks }, limits) {
  return { intervalMs, thresholds: { warning, critical, emergency }, leaks, ...limits };
}

module.exports = { LEVEL_OPTIONS, MANAGER_OPTIONS, limitsOf, readSettings, watchOptions };
