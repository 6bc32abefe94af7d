'use strict';

const { EventEmitter } = require('node:events');
const { performance } = require('node:perf_hooks');

const { invalid } = require('../../errors.js');
const { levelAt } = require('../figures.js');
const { callSafely, emitSafely } = require('../listeners.js');
const { PARTS } = require('../parts.js');
const { FUNCTION, MINUTES, NAME, PRIORITY, SHARE, checkArgument } = require('../rules.js');
const { Alerts } = require('./alerts.js');
const { Cleanups } = require('./cleanups.js');
const { healthMetrics } = require('./health.js');
const { COLLECTION_RESPONSES, SNAPSHOT_RESPONSES, WATCH_RESPONSES, respondToSpike } = require('./responses.js');
const { limitsOf, readSettings, watchOptions } = require('./settings.js');
const { strategies } = require('./strategies.js');

/** The window of the trend in health metrics, in minutes. */
const WINDOW_MINUTES = 30;
/** Operations that advice names. */
const MOST_NAMED = 3;

/** Watches memory and acts before it runs out; documented in service.d.ts. */
class MemoryManagerService extends EventEmitter {
  static #instance;

  static getInstance() {
    MemoryManagerService.#instance ??= new MemoryManagerService();
    return MemoryManagerService.#instance;
  }

  #parts;
  #now;
  /** `null` until they are first needed: only then is the environment read. */
  #settings = null;
  #limits;
  #watch = null;
  /** Those of the garbage collector, while it watches. */
  #statistics;
  #write;
  #undo = [];
  #stopping = new AbortController();
  #cleanups = new Cleanups();
  /** The shutdown that runs. */
  #ending = null;
  /** The cleanup that runs. */
  #cleaning = null;
  /** The emergency cleanup that somebody called for and that runs, or waits for that. */
  #emergency = null;
  #emergencyAt = -Infinity;
  #alerts = new Alerts((alert) => emitSafely(this, 'alert', alert));

  /** @param {object} [parts] those of parts.js, or others like them; @param {() => number} [now] */
  constructor(parts = PARTS, now = () => performance.now()) {
    super();
    this.#parts = parts;
    this.#now = now;
    const collect = ({ reason, byHand }) => this.#collect(reason, { atOnce: byHand });
    strategies({ collect, trim: parts.trimNativeMemory }).forEach((cleanup) => this.#cleanups.add(cleanup));
  }

  async initialize(options = {}) {
    const settings = readSettings(options, this.initialize);
    await this.#ending;
    if (this.#watch === null) this.#begin(settings);
  }

  async shutdown() {
    this.#ending ??= this.#end().finally(() => {
      this.#ending = null;
    });
    return this.#ending;
  }

  async #end() {
    this.#stopping.abort(new Error('the memory manager was shut down'));
    await (this.#emergency ?? this.#cleaning);
    for (const undo of this.#undo.splice(0)) undo();
    this.#watch = null;
    this.#settings = null;
    this.#stopping = new AbortController();
    this.#alerts.clear();
  }

  async forceGarbageCollection(reason) {
    checkArgument(NAME, reason, 'reason', this.forceGarbageCollection);
    return this.#collect(reason);
  }

  async performEmergencyCleanup() {
    this.#emergency ??= this.#cleanUpByHand().finally(() => {
      this.#emergency = null;
    });
    return this.#emergency;
  }

  async checkMemoryPressure() {
    const settings = this.#settled();
    const sample = this.#watch ? this.#watch.check() : this.#read();
    const actions = this.#watch ? await this.#respond(sample) : [];
    const { percent, of, limitBytes, pressure } = sample;
    const level = this.#watch?.level ?? levelAt(percent, settings);
    return { level, isUnderPressure: level !== 'healthy', percent, of, limitBytes, pressure, sample, actions };
  }

  registerCleanup(name, priority, atPercent, fn) {
    const from = this.registerCleanup;
    checkArgument(NAME, name, 'name', from);
    checkArgument(PRIORITY, priority, 'priority', from);
    checkArgument(SHARE, atPercent, 'atPercent', from);
    checkArgument(FUNCTION, fn, 'fn', from);
    if (this.#cleanups.names().includes(name)) throw invalid('a name that no cleanup has yet', 'name', name, { range: true, from });
    const run = async ({ reason, signal }) => {
      const freed = await fn({ reason, signal });
      return { freedBytes: Number.isFinite(freed) && freed >= 0 ? freed : null };
    };
    return this.#cleanups.add({ name, priority, atPercent, letsGo: true, run, own: fn });
  }

  getHealthMetrics() {
    const { platform } = this.#settled();
    const sample = this.#read();
    return healthMetrics({
      level: this.#watch?.level ?? levelAt(sample.percent, this.#settings),
      sample,
      platform,
      trend: this.getTrend(),
      leak: this.getLeakReport(),
      gc: this.#gcTotals(),
      alerts: this.#alerts.active(),
      consumers: this.#parts.topConsumers(MOST_NAMED),
    });
  }

  getLeakReport() {
    return this.#parts.engine().leakReport();
  }

  getTrend(minutes = WINDOW_MINUTES) {
    checkArgument(MINUTES, minutes, 'minutes', this.getTrend);
    this.#settled();
    return this.#parts.engine().trend(minutes, this.#limits);
  }

  getHistory() {
    this.#settled();
    return this.#parts.engine().history(this.#limits);
  }

  /** The settings in force: those of initialize(), else those of the environment. */
  #settled() {
    if (this.#settings === null) this.#settle(readSettings());
    return this.#settings;
  }

  #settle(settings) {
    this.#settings = settings;
    this.#limits = limitsOf(settings, this.#parts.engine().read().container);
    this.#write = settings.logger.log.bind(settings.logger);
  }

  #begin(settings) {
    this.#settle(settings);
    const collections = this.#parts.collections();
    this.#statistics = this.#parts.openGcStatistics((record) => collections.learn(record));
    const watch = this.#parts.engine().watch(watchOptions(settings, this.#limits));
    this.#watch = watch;
    this.#listen(watch, WATCH_RESPONSES);
    this.#listen(collections, COLLECTION_RESPONSES);
    this.#listen(this.#parts.snapshotEvents, SNAPSHOT_RESPONSES);
    const responder = this.#responder();
    this.#undo.push(this.#parts.onSpike((spike) => respondToSpike(responder, spike)));
    this.#undo.push(() => watch.stop(), () => this.#statistics.close());
  }

  #listen(emitter, responses) {
    const responder = this.#responder();
    for (const [event, respond] of Object.entries(responses)) {
      const listener = (payload) => respond(responder, payload);
      emitter.on(event, listener);
      this.#undo.push(() => emitter.off(event, listener));
    }
  }

  /** What V8 collected since somebody counts. */
  #gcTotals() {
    if (this.#watch) return this.#statistics.totals();
    const statistics = this.#parts.openGcStatistics();
    try {
      return statistics.totals();
    } finally {
      statistics.close();
    }
  }

  /** What the responses to events may use. */
  #responder() {
    return {
      settings: this.#settings,
      alerts: this.#alerts,
      emit: (event, payload) => emitSafely(this, event, payload),
      log: (text) => callSafely(this.#write, 'log() of the logger', text),
      collect: (reason) => this.#collect(reason),
      respond: (sample) => void this.#respond(sample),
      recommendations: () => this.getHealthMetrics().recommendations,
    };
  }

  #collect(reason, { atOnce = false } = {}) {
    const { cooldownMs, maxGcPauseMs: maxPauseMs, warningPercent } = this.#settled();
    const { percent, limitBytes } = this.#read();
    const needBytes = Math.max(0, ((percent - warningPercent) / 100) * limitBytes);
    return this.#parts.collections().request({ reason, cooldownMs, maxPauseMs, needBytes, atOnce });
  }

  #read() {
    return this.#parts.engine().read(this.#limits);
  }

  /** Cleans up if that is due; the actions. */
  #respond({ percent, blocked }) {
    const running = this.#emergency ?? this.#cleaning;
    if (running || blocked) return running ?? [];
    const { cooldownMs, proactiveGc } = this.#settings;
    if (this.#watch?.level === 'emergency' && this.#now() - this.#emergencyAt >= cooldownMs) {
      return this.#cleanUpAll({ reason: 'emergency', byHand: false });
    }
    const due = this.#cleanups.due(percent, this.#now(), cooldownMs).filter(({ name }) => proactiveGc || name !== 'force_gc');
    if (due.length === 0) return [];
    const goesOn = (now, { atPercent }) => now > atPercent;
    return this.#exclusively(() => this.#clean(due, { reason: `usage of ${Math.round(percent)} %`, byHand: false, goesOn }));
  }

  async #cleanUpByHand() {
    await this.#cleaning;
    return this.#cleanUpAll({ reason: 'performEmergencyCleanup', byHand: true });
  }

  /** Every cleanup. When memory was not healthy they end as soon as it is. */
  #cleanUpAll(how) {
    this.#emergencyAt = this.#now();
    const { warningPercent } = this.#settled();
    const wasHigh = this.#read().percent >= warningPercent;
    const goesOn = (now) => !wasHigh || now >= warningPercent;
    return this.#exclusively(() => this.#clean(this.#cleanups.all(), { ...how, goesOn }));
  }

  /** One cleanup at a time; it begins when the event that asked for it was handed round. */
  #exclusively(clean) {
    this.#cleaning = Promise.resolve().then(clean).finally(() => {
      this.#cleaning = null;
    });
    return this.#cleaning;
  }

  #clean(list, { goesOn, ...how }) {
    let percent;
    return this.#cleanups.run(list, {
      ...how,
      limitMs: this.#settings.cleanupTimeoutMs,
      signal: this.#stopping.signal,
      now: this.#now,
      goesOn: (cleanup) => {
        ({ percent } = this.#read());
        return goesOn(percent, cleanup);
      },
      onDone: (action, { letsGo }) => {
        if (letsGo && action.success) this.#parts.collections().reconsider();
        Object.assign(action, { percentBefore: percent, percentAfter: this.#read().percent });
        emitSafely(this, 'cleanup', action);
      },
    });
  }
}

module.exports = { MemoryManagerService };
