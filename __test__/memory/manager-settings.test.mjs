// Where a manager's settings come from: its options, the environment, the profile.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { warningsOf } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { MANAGER_OPTIONS, readSettings } = require('../../lib/memory/manager/settings.js');
const { PROFILES } = require('../../lib/memory/profiles.js');

const read = (options, env = {}) => readSettings(options, undefined, env);
const levels = ({ warningPercent, criticalPercent, emergencyPercent }) => [warningPercent, criticalPercent, emergencyPercent];

test('the profiles', () => {
  const cases = [[{ RENDER: 'true' }, 'render', [60, 75, 90], 15000], [{}, 'local', [80, 90, 95], 30000], [{ NODE_ENV: 'production' }, 'default', [70, 85, 95], 30000]];
  for (const [env, platform, percents, intervalMs] of cases) {
    const settings = read({}, env);
    assert.deepEqual([settings.platform, levels(settings), settings.intervalMs], [platform, percents, intervalMs]);
    assert.deepEqual([settings.leakDetection, settings.proactiveGc, settings.cooldownMs], [true, true, 30000]);
    assert.deepEqual(levels(read({ profile: platform })), percents, 'asked for by name');
  }
});

test("Render's smallest instances: 307, 384 and 461 MB", () => {
  const { assumedLimitMB, ...settings } = read({ profile: 'render' });
  assert.deepEqual(levels(settings).map((percent) => Math.round((assumedLimitMB * percent) / 100)), [307, 384, 461]);
  assert.equal(read({ profile: 'local' }).assumedLimitMB, null);
});

test('options before the environment before the profile', () => {
  const env = { MEMORY_WARNING_THRESHOLD: '50', MEMORY_CRITICAL_THRESHOLD: '88%', MEMORY_MONITORING_INTERVAL: '1000', MEMORY_LEAK_DETECTION: 'false', PROACTIVE_GC_ENABLED: '0' };
  const settings = read({ warningPercent: 40, proactiveGc: true, intervalMs: null }, env);
  assert.deepEqual(levels(settings), [40, 88, 95]);
  assert.deepEqual([settings.intervalMs, settings.leakDetection, settings.proactiveGc], [1000, false, true]);
});

test('levels of the environment that do not grow are refused together', async () => {
  const env = { MEMORY_WARNING_THRESHOLD: '90', MEMORY_EMERGENCY_THRESHOLD: '97', MEMORY_CHECK_INTERVAL: '50' };
  const warnings = await warningsOf(() => {
    const settings = read({}, env);
    assert.deepEqual([levels(settings), settings.intervalMs], [[80, 90, 95], 50]);
  });
  assert.match(warnings[0].message, /MEMORY_WARNING_THRESHOLD.*found 90, 90, 97; the defaults hold$/);
  assert.equal(warnings.length, 1);
});

test('options that clash with the levels around them', () => {
  const cases = [
    [{ warningPercent: 91 }, 'Expected a number below criticalPercent (90) for option "warningPercent" but received 91'],
    [{ criticalPercent: 80 }, 'Expected a number above warningPercent (80) for option "criticalPercent" but received 80'],
    [{ emergencyPercent: 5 }, 'Expected a number above criticalPercent (90) for option "emergencyPercent" but received 5'],
    [{ warningPercent: 96, criticalPercent: 97 }, 'Expected a number below emergencyPercent (95) for option "criticalPercent" but received 97'],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => read(options), (error) => error instanceof RangeError && error.code === 'ERR_PGTAP_INVALID_OPTION' && error.message.startsWith(message), message);
  }
});

/** Kinds of values, by what they are. */
const KINDS = {
  number: 92, zero: 0, negative: -1, fraction: 92.5, nan: NaN, infinity: Infinity, huge: 2 ** 40, string: '50', boolean: true, null: null,
  bigint: 5n, symbol: Symbol('s'), array: [], object: {}, function: () => {}, logger: { log() {} }, word: 'effective', profile: 'local',
};
const TAKEN = {
  profile: ['profile', 'null'],
  warningPercent: ['null'],
  criticalPercent: ['number', 'fraction', 'null'],
  emergencyPercent: ['number', 'fraction', 'null'],
  intervalMs: ['number', 'null'],
  limitMB: ['number', 'fraction', 'null'],
  basis: ['word'],
  leakDetection: ['boolean', 'null'],
  proactiveGc: ['boolean', 'null'],
  cooldownMs: ['number', 'zero', 'fraction'],
  maxGcPauseMs: ['number', 'zero', 'fraction'],
  cleanupTimeoutMs: ['number'],
  logger: ['logger'],
};

test('every option is told from a wrong kind of value', () => {
  assert.deepEqual(Object.keys(TAKEN), Object.keys(MANAGER_OPTIONS), 'all of them');
  let tried = 0;
  for (const [option, taken] of Object.entries(TAKEN)) {
    for (const [kind, value] of Object.entries(KINDS)) {
      tried += 1;
      if (taken.includes(kind)) assert.doesNotThrow(() => read({ [option]: value }), `${option}: ${kind}`);
      else assert.throws(() => read({ [option]: value }), (error) => error.code === 'ERR_PGTAP_INVALID_OPTION' && error.message.includes(`"${option}"`), `${option}: ${kind}`);
    }
  }
  assert.equal(tried, 13 * 18);
  assert.deepEqual(Object.keys(PROFILES), ['render', 'local', 'default']);
});
