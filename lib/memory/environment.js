'use strict';

const { LONGEST_DELAY_MS, SHORTEST_INTERVAL_MS } = require('./rules.js');

const CODE = 'PGTAP_MEMORY_ENVIRONMENT';
/** Spikes from these sizes on are medium, high and critical. */
const SPIKES_MB = { mediumSpikeMB: 25, highSpikeMB: 50, criticalSpikeMB: 100 };

const written = (unit) => new RegExp(`^(\\d{1,12}(?:\\.\\d{1,6})?)\\s*(?:${unit})?$`, 'i');
const PERCENT = written('%');
const MEGABYTES = written('MB');

function numberIn(pattern, holds) {
  return (text) => {
    const value = Number(pattern.exec(text)?.[1] ?? NaN);
    return holds(value) ? value : undefined;
  };
}

// A kind of value: what is allowed, and a reader that answers undefined for anything else.
const percent = { allowed: 'a percentage above 0 and up to 100', read: numberIn(PERCENT, (value) => value > 0 && value <= 100) };
const megabytes = { allowed: 'a number of MB above 0', read: numberIn(MEGABYTES, (value) => value > 0) };
const delay = {
  allowed: `whole milliseconds from ${SHORTEST_INTERVAL_MS} to ${LONGEST_DELAY_MS}`,
  read: numberIn(/^(\d{1,10})$/, (value) => value >= SHORTEST_INTERVAL_MS && value <= LONGEST_DELAY_MS),
};
const FLAGS = { true: true, 1: true, false: false, 0: false };
const flag = {
  allowed: 'true, false, 1 or 0',
  read: (text) => (Object.hasOwn(FLAGS, text.toLowerCase()) ? FLAGS[text.toLowerCase()] : undefined),
};

/** The variables, save MEMORY_CRITICAL_THRESHOLD, which has two meanings. Of several names the first that is set holds. */
const VARIABLES = [
  { setting: 'warningPercent', names: ['MEMORY_WARNING_THRESHOLD'], ...percent },
  { setting: 'emergencyPercent', names: ['MEMORY_EMERGENCY_THRESHOLD'], ...percent },
  { setting: 'intervalMs', names: ['MEMORY_MONITORING_INTERVAL', 'MEMORY_CHECK_INTERVAL'], ...delay },
  { setting: 'leakDetection', names: ['MEMORY_LEAK_DETECTION'], ...flag },
  { setting: 'proactiveGc', names: ['PROACTIVE_GC_ENABLED'], ...flag },
  { setting: 'mediumSpikeMB', names: ['MEMORY_MEDIUM_THRESHOLD'], ...megabytes },
  { setting: 'highSpikeMB', names: ['MEMORY_HIGH_THRESHOLD'], ...megabytes },
  { setting: 'criticalSpikeMB', names: ['MEMORY_SPIKE_CRITICAL_MB'], ...megabytes },
  { setting: 'snapshots', names: ['MEMORY_ENABLE_SNAPSHOTS'], ...flag },
];

// An empty value, as .env files have it, counts as none.
const isSet = (env, name) => env[name] !== undefined && env[name].trim() !== '';

function refusal(name, text, allowed) {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return `Expected ${allowed} for the environment variable ${name} but found '${shown}'; the default holds`;
}

/**
 * What MEMORY_CRITICAL_THRESHOLD means: a percentage of memory, or the MB of a critical spike. A unit decides; else the
 * neighbours that are set; with both of them, or none, it is a percentage, and `doubtful`.
 */
function meaningOfCritical(text, env) {
  if (/%\s*$/.test(text)) return { setting: 'criticalPercent', ...percent };
  if (/mb\s*$/i.test(text)) return { setting: 'criticalSpikeMB', ...megabytes };
  const ofSpikes = ['MEMORY_MEDIUM_THRESHOLD', 'MEMORY_HIGH_THRESHOLD'].some((name) => isSet(env, name));
  const ofLevels = ['MEMORY_WARNING_THRESHOLD', 'MEMORY_EMERGENCY_THRESHOLD'].some((name) => isSet(env, name));
  if (ofSpikes && !ofLevels) return { setting: 'criticalSpikeMB', ...megabytes };
  return { setting: 'criticalPercent', ...percent, doubtful: ofSpikes === ofLevels };
}

function readCritical(env, settings, warnings) {
  const name = 'MEMORY_CRITICAL_THRESHOLD';
  if (!isSet(env, name)) return;
  const text = env[name].trim();
  const { setting, allowed, read, doubtful } = meaningOfCritical(text, env);
  const value = read(text);
  if (value === undefined) {
    warnings.push(refusal(name, text, `${allowed} (${allowed === percent.allowed ? 'or MB, written as in 100MB' : 'or a percentage, written as in 85%'})`));
    return;
  }
  // MEMORY_SPIKE_CRITICAL_MB has one meaning only, so it wins.
  settings[setting] ??= value;
  if (doubtful) warnings.push(`The environment variable ${name} is '${text}', which may be a percentage or MB; it is taken for ${text} %. Write ${text}% or ${text}MB`);
}

/** Spikes whose sizes do not grow are refused together: none of them says which is wrong. */
function checkSpikes(settings, warnings) {
  const names = Object.keys(SPIKES_MB);
  const [medium, high, critical] = names.map((name) => settings[name] ?? SPIKES_MB[name]);
  if (medium < high && high < critical) return;
  warnings.push('Expected growing numbers of MB for the environment variables MEMORY_MEDIUM_THRESHOLD, MEMORY_HIGH_THRESHOLD and '
    + `MEMORY_SPIKE_CRITICAL_MB or MEMORY_CRITICAL_THRESHOLD but found ${medium}, ${high} and ${critical}; the defaults hold`);
  for (const name of names) delete settings[name];
}

/**
 * What the environment variables say: the settings that are set and right, and a warning for each that is wrong.
 *
 * @param {Record<string, string | undefined>} env
 */
function readEnvironment(env) {
  const settings = {};
  const warnings = [];
  for (const { setting, names, allowed, read } of VARIABLES) {
    const name = names.find((each) => isSet(env, each));
    if (name === undefined) continue;
    const value = read(env[name].trim());
    if (value === undefined) warnings.push(refusal(name, env[name], allowed));
    else settings[setting] = value;
  }
  readCritical(env, settings, warnings);
  checkSpikes(settings, warnings);
  return { settings, warnings };
}

const warned = new Set();

/** A process warning about the environment, once for each text. */
function warnOfEnvironment(text) {
  if (warned.has(text)) return;
  warned.add(text);
  process.emitWarning(text, { code: CODE });
}

/** The settings of the environment, this process's unless another is given; what is wrong in it is warned of, once. */
function environment(env = process.env) {
  const { settings, warnings } = readEnvironment(env);
  warnings.forEach(warnOfEnvironment);
  return settings;
}

module.exports = { SPIKES_MB, VARIABLES, environment, readEnvironment, warnOfEnvironment };
