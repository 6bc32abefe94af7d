'use strict';

const { performance } = require('node:perf_hooks');

const { PgTapError, invalid } = require('../../errors.js');
const { readOptions } = require('../../options.js');
const { report } = require('../listeners.js');
const { currentUsage } = require('../manager/health.js');
const { LEVEL_OPTIONS, limitsOf, readSettings, watchOptions } = require('../manager/settings.js');
const { PARTS } = require('../parts.js');
const { DELAY_MS, DURATION_MS, FUNCTION, NAME, checkArgument, oneOf, optional } = require('../rules.js');
const { answer } = require('./answers.js');
const { Check } = require('./checks.js');

const OPTIONS = {
  ...LEVEL_OPTIONS,
  unreadyAt: { default: 'critical', ...oneOf('critical', 'emergency'), meaning: 'the level at which the program is not ready' },
  restartAfterMs: { default: 60_000, ...optional(DURATION_MS), meaning: 'milliseconds of emergency after which the program is not live' },
  authorize: { default: null, ...optional(FUNCTION), meaning: 'who may see figures and reasons' },
};
const CHECK_OPTIONS = { timeoutMs: { default: 2000, ...DELAY_MS, meaning: 'milliseconds that the check may take' } };

/** What a level of memory means for the whole. */
const STATUS = { healthy: 'healthy', warning: 'degraded', critical: 'unhealthy', emergency: 'unhealthy' };
const ORDER = ['healthy', 'degraded', 'unhealthy'];
const worst = (statuses) => ORDER[Math.max(...statuses.map((status) => ORDER.indexOf(status)))];

/** The health of a program: memory, and what else it checks; documented in index.d.ts. */
class HealthCheck {
  #settings;
  /** Answers with another engine after a failure inside of one. */
  #engine;
  #limits;
  #watch;
  #now;
  /** Since when memory has been an emergency; `null` when it is none. */
  #emergencyAt = null;
  #checks = new Map();
  #closed = false;

  constructor(settings, parts, now) {
    this.#settings = settings;
    this.#now = now;
    this.#engine = parts.engine;
    this.#limits = limitsOf(settings, this.#engine().read().container);
    this.#watch = this.#engine().watch(watchOptions(settings, this.#limits));
    this.#watch.on('level', ({ to }) => { this.#emergencyAt = to === 'emergency' ? this.#now() : null; });
    this.handler = (request, response, next) => answer(this, settings.authorize, request, response, next);
  }

  registerCheck(name, fn, options = {}) {
    const from = this.registerCheck;
    this.#checkOpen(from);
    checkArgument(NAME, name, 'name', from);
    checkArgument(FUNCTION, fn, 'fn', from);
    const { timeoutMs } = readOptions(options, from, CHECK_OPTIONS);
    if (name === 'memory' || this.#checks.has(name)) throw invalid('a name that no check has yet', 'name', name, { range: true, from });
    const check = new Check(name, fn, timeoutMs);
    this.#checks.set(name, check);
    return () => {
      if (this.#checks.get(name) === check) this.#checks.delete(name);
    };
  }

  async performEnhancedHealthCheck() {
    this.#checkOpen(this.performEnhancedHealthCheck);
    const checks = await this.#runChecks();
    const memoryUsage = this.#memoryUsage();
    const status = worst([STATUS[memoryUsage.status], ...Object.values(checks).map((each) => each.status)]);
    return { status, timestamp: new Date().toISOString(), checks, metrics: { memoryUsage } };
  }

  live() {
    this.#checkOpen(this.live);
    const { restartAfterMs } = this.#settings;
    const level = this.#level;
    // The event may be late, and does not come when the engine failed.
    const emergencyMs = level !== 'emergency' ? null : this.#now() - (this.#emergencyAt ?? this.#now());
    const ok = restartAfterMs === null || emergencyMs === null || emergencyMs < restartAfterMs;
    return { ok, level, emergencyMs };
  }

  async ready() {
    this.#checkOpen(this.ready);
    const checks = await this.#runChecks();
    const level = this.#level;
    const memoryOk = level !== 'emergency' && (level !== 'critical' || this.#settings.unreadyAt === 'emergency');
    const failed = Object.keys(checks).filter((name) => checks[name].status !== 'healthy');
    if (!memoryOk) failed.unshift('memory');
    return { ok: failed.length === 0, level, failed, checks };
  }

  close() {
    this.#closed = true;
    this.#watch.stop();
    this.#checks.clear();
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** A program must not be restarted because the engine failed: then memory counts as healthy. */
  get #level() {
    try {
      return this.#watch.level;
    } catch (error) {
      report(createHealthCheck, 'The level of memory', error);
      return 'healthy';
    }
  }

  #checkOpen(from) {
    if (!this.#closed) return;
    const error = new PgTapError('ERR_PGTAP_CLOSED', 'The health check is closed');
    Error.captureStackTrace(error, from);
    throw error;
  }

  #memoryUsage() {
    return { status: this.#level, ...currentUsage(this.#engine().read(this.#limits), this.#settings.platform) };
  }

  async #runChecks() {
    const checks = [...this.#checks.values()];
    const results = await Promise.all(checks.map((check) => check.run()));
    // It may have been closed meanwhile, and then knows no level any more.
    this.#checkOpen(this.#runChecks);
    return Object.fromEntries(checks.map(({ name }, at) => [name, results[at]]));
  }
}

/** Begins to watch the health of memory; documented in index.d.ts. */
function createHealthCheck(options = {}, parts = PARTS, now = () => performance.now()) {
  return new HealthCheck(readSettings(options, createHealthCheck, process.env, OPTIONS), parts, now);
}

module.exports = { createHealthCheck };
