// The variables of the environment: what each means, and what is said of a wrong one.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { warningsOf } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { VARIABLES, environment, readEnvironment } = require('../../lib/memory/environment.js');
const { profileOf } = require('../../lib/memory/profiles.js');

const CRITICAL = 'MEMORY_CRITICAL_THRESHOLD';
const settings = (env) => readEnvironment(env).settings;

/** Each variable with a right value and what it stands for, and with values that are wrong. */
const TABLE = [
  ['MEMORY_WARNING_THRESHOLD', '70', { warningPercent: 70 }, ['0', '101', '-1', 'seventy', '70MB', '7e1', 'NaN', 'Infinity']],
  ['MEMORY_WARNING_THRESHOLD', ' 62.5 % ', { warningPercent: 62.5 }, []],
  ['MEMORY_EMERGENCY_THRESHOLD', '95%', { emergencyPercent: 95 }, ['100.1', '0x5f']],
  ['MEMORY_MONITORING_INTERVAL', '30000', { intervalMs: 30000 }, ['30s', '0', '9', '1.5', '2147483648']],
  ['MEMORY_CHECK_INTERVAL', '30000', { intervalMs: 30000 }, ['-5']],
  ['MEMORY_LEAK_DETECTION', 'true', { leakDetection: true }, ['yes', '2', 'on']],
  ['MEMORY_LEAK_DETECTION', 'False', { leakDetection: false }, []],
  ['PROACTIVE_GC_ENABLED', '1', { proactiveGc: true }, ['enabled', 'constructor']],
  ['PROACTIVE_GC_ENABLED', '0', { proactiveGc: false }, []],
  ['MEMORY_MEDIUM_THRESHOLD', '20', { mediumSpikeMB: 20 }, ['20%', '0']],
  ['MEMORY_HIGH_THRESHOLD', '40MB', { highSpikeMB: 40 }, ['forty']],
  ['MEMORY_SPIKE_CRITICAL_MB', '80', { criticalSpikeMB: 80 }, ['80%']],
  ['MEMORY_ENABLE_SNAPSHOTS', 'true', { snapshots: true }, ['maybe']],
];

test('each variable has a right value and is told from a wrong one', () => {
  let wrong = 0;
  for (const [name, text, expected, refused] of TABLE) {
    assert.deepEqual(readEnvironment({ [name]: text }), { settings: expected, warnings: [] }, `${name}=${text}`);
    for (const value of refused) {
      const { settings: kept, warnings } = readEnvironment({ [name]: value });
      assert.deepEqual(kept, {}, `${name}=${value}`);
      assert.equal(warnings.length, 1, `${name}=${value}`);
      assert.ok(warnings[0].includes(`${name} but found '${value}'`) && warnings[0].endsWith('the default holds'), warnings[0]);
      wrong += 1;
    }
  }
  assert.equal(wrong, 26);
  const tried = new Set(TABLE.map(([name]) => name));
  assert.ok(VARIABLES.flatMap(({ names }) => names).every((name) => tried.has(name)), 'every variable is in the table');
});

test('an empty value is none', () => {
  for (const name of [...VARIABLES.flatMap(({ names }) => names), CRITICAL]) {
    assert.deepEqual(readEnvironment({ [name]: ' ' }), { settings: {}, warnings: [] }, name);
  }
});

test('of two names for the interval the first that is set holds', () => {
  const both = { MEMORY_CHECK_INTERVAL: '100', MEMORY_MONITORING_INTERVAL: '200' };
  assert.deepEqual(settings(both), { intervalMs: 200 });
  assert.deepEqual(settings({ ...both, MEMORY_MONITORING_INTERVAL: '' }), { intervalMs: 100 });
});

test('the two meanings of MEMORY_CRITICAL_THRESHOLD', () => {
  const levels = { MEMORY_WARNING_THRESHOLD: '70' };
  const spikes = { MEMORY_MEDIUM_THRESHOLD: '25' };
  const [byLevel, bySpike] = [{ warningPercent: 70 }, { mediumSpikeMB: 25 }];
  const cases = [
    ['85%', {}, { criticalPercent: 85 }, 0],
    ['100MB', {}, { criticalSpikeMB: 100 }, 0],
    ['85%', spikes, { ...bySpike, criticalPercent: 85 }, 0],
    ['100mb', levels, { ...byLevel, criticalSpikeMB: 100 }, 0],
    ['85', levels, { ...byLevel, criticalPercent: 85 }, 0],
    ['85', { MEMORY_EMERGENCY_THRESHOLD: '95' }, { emergencyPercent: 95, criticalPercent: 85 }, 0],
    ['100', spikes, { ...bySpike, criticalSpikeMB: 100 }, 0],
    ['100', { MEMORY_HIGH_THRESHOLD: '50' }, { highSpikeMB: 50, criticalSpikeMB: 100 }, 0],
    ['85', { ...levels, ...spikes }, { ...byLevel, ...bySpike, criticalPercent: 85 }, 1],
    ['85', {}, { criticalPercent: 85 }, 1],
    ['150', {}, {}, 1],
    ['150', levels, byLevel, 1],
    ['150', spikes, { ...bySpike, criticalSpikeMB: 150 }, 0],
    ['high', levels, byLevel, 1],
    ['0MB', levels, byLevel, 1],
    ['90', { ...spikes, MEMORY_SPIKE_CRITICAL_MB: '80' }, { ...bySpike, criticalSpikeMB: 80 }, 0],
    ['85%', { MEMORY_SPIKE_CRITICAL_MB: '80' }, { criticalPercent: 85, criticalSpikeMB: 80 }, 0],
  ];
  for (const [text, others, expected, warnings] of cases) {
    const read = readEnvironment({ ...others, [CRITICAL]: text });
    assert.deepEqual(read.settings, expected, `${text} beside ${JSON.stringify(others)}`);
    assert.equal(read.warnings.length, warnings, `${text}: ${read.warnings}`);
    assert.ok(read.warnings.every((warning) => warning.includes(CRITICAL)));
  }
});

test('spikes whose sizes do not grow are refused together', () => {
  const { settings: kept, warnings } = readEnvironment({ MEMORY_MEDIUM_THRESHOLD: '60', MEMORY_ENABLE_SNAPSHOTS: '1' });
  assert.deepEqual(kept, { snapshots: true });
  assert.match(warnings[0], /MEMORY_MEDIUM_THRESHOLD.*found 60, 50 and 100; the defaults hold$/);
});

test('a wrong value is warned of once', async () => {
  const env = { MEMORY_WARNING_THRESHOLD: 'once' };
  const warnings = await warningsOf(() => {
    assert.deepEqual(environment(env), {});
    environment(env);
  });
  assert.equal(warnings.length, 1);
  assert.equal(warnings[0].code, 'PGTAP_MEMORY_ENVIRONMENT');
  assert.match(warnings[0].message, /MEMORY_WARNING_THRESHOLD but found 'once'/);
});

test('where the program runs decides the profile', () => {
  const cases = [
    [{}, 'local'], [{ NODE_ENV: 'development' }, 'local'], [{ NODE_ENV: 'test' }, 'local'], [{ NODE_ENV: 'production' }, 'default'],
    [{ RENDER: 'true' }, 'render'], [{ RENDER: 'false' }, 'local'], [{ RENDER: '' }, 'local'], [{ RENDER: 'true', NODE_ENV: 'development' }, 'render'],
    [{ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, 'default'], [{ KUBERNETES_SERVICE_HOST: '10.0.0.1', RENDER: 'true' }, 'render'],
  ];
  for (const [env, expected] of cases) assert.equal(profileOf(env), expected, JSON.stringify(env));
});
