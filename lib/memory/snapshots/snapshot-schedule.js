'use strict';

const { EventEmitter } = require('node:events');

const { filePath, invalid } = require('../../errors.js');
const { BOOLEAN, LONGEST_DELAY_MS, OBJECT, checkArgument, integer } = require('../rules.js');
const { emitSafely } = require('../listeners.js');
const { DEFAULT_FOLDER } = require('./files.js');
const { startAllocationSampling } = require('./sampling.js');
const { saveSummary } = require('./summary.js');

const MINUTE = 60 * 1000;
const PRODUCTION_MS = 30 * MINUTE;
const DEVELOPMENT_MS = 10 * MINUTE;
// No spike is answered so soon after a save: a snapshot's own memory looks like one, and a program under pressure has one
// after the other.
const SPIKE_COOLDOWN_MS = 5 * MINUTE;

/** Heap snapshots: as the environment says, else everywhere but in production. */
function snapshotsEnabled(production) {
  const { MEMORY_ENABLE_SNAPSHOTS: said } = process.env;
  return said === undefined || said === '' ? !production : said === 'true';
}

function optionsOf(options, from) {
  checkArgument(OBJECT, options, 'options', from);
  const { dir = DEFAULT_FOLDER, spikes, production = process.env.NODE_ENV === 'production', intervalMs, take = {} } = options;
  checkArgument(BOOLEAN, production, 'option "production"', from);
  if (spikes !== undefined && typeof spikes?.onSpike !== 'function' && typeof spikes?.on !== 'function') {
    throw invalid("an object with onSpike(), or an emitter of 'spike'", 'option "spikes"', spikes, { from });
  }
  return {
    dir: filePath(dir, 'option "dir"', from),
    spikes,
    snapshots: snapshotsEnabled(production),
    intervalMs: checkArgument(integer(1000, LONGEST_DELAY_MS), intervalMs ?? (production ? PRODUCTION_MS : DEVELOPMENT_MS), 'option "intervalMs"', from),
    take: checkArgument(OBJECT, take, 'option "take"', from),
  };
}

/** Calls back on each spike until what it answers is called. */
function onSpike(spikes, callback) {
  if (typeof spikes.onSpike === 'function') return spikes.onSpike(callback);
  spikes.on('spike', callback);
  return () => spikes.off('spike', callback);
}

class SnapshotSchedule extends EventEmitter {
  #how;
  #take;
  #timer;
  #sampling;
  #leave;
  #savedAt = -Infinity;
  #working = false;

  constructor(how, take) {
    super();
    this.#how = how;
    this.#take = take;
    this.#sampling = startAllocationSampling();
    this.#timer = setInterval(() => this.#work('scheduled'), how.intervalMs);
    this.#timer.unref();
    if (how.spikes) this.#leave = onSpike(how.spikes, (spike) => this.#spike(spike));
  }

  get intervalMs() {
    return this.#how.intervalMs;
  }

  get snapshots() {
    return this.#how.snapshots;
  }

  stop() {
    if (!this.#sampling) return;
    clearInterval(this.#timer);
    this.#leave?.();
    this.#sampling.stop();
    this.#sampling = undefined;
  }

  [Symbol.dispose]() {
    this.stop();
  }

  #spike(spike) {
    if (spike?.severity !== 'critical' || Date.now() - this.#savedAt < SPIKE_COOLDOWN_MS) return;
    this.#work('critical spike');
  }

  /** One at a time: a trigger during the work of another adds nothing. Never rejects. */
  async #work(reason) {
    if (this.#working) return;
    this.#working = true;
    try {
      await this.#save(reason);
    } catch (error) {
      this.#fail(reason, error);
      if (error.code === 'ERR_PGTAP_SAMPLING') this.#resumeSampling(reason);
    } finally {
      this.#working = false;
      this.#savedAt = Date.now();
    }
  }

  #fail(reason, error) {
    if (emitSafely(this, 'failure', error)) return;
    process.emitWarning(`No ${reason} snapshot: ${error.message}`, { code: error.code ?? 'PGTAP_MEMORY_SNAPSHOT' });
  }

  /** Starts again, for the next summary, what another debugger ended. */
  #resumeSampling(reason) {
    if (!this.#sampling) return;
    try {
      startAllocationSampling({ intervalBytes: this.#sampling.intervalBytes }).stop();
    } catch (error) {
      this.#fail(reason, error);
    }
  }

  async #save(reason) {
    const { dir, snapshots, take } = this.#how;
    let why = 'disabled';
    if (snapshots) {
      const info = await this.#take({ ...take, dir, reason });
      if (!info.refused) return emitSafely(this, 'snapshot', info);
      emitSafely(this, 'refused', info);
      why = info.why;
    }
    // stop() may have come while the snapshot was considered.
    if (!this.#sampling) return false;
    return emitSafely(this, 'summary', await saveSummary(this.#sampling, { dir, reason, why }));
  }
}

/** As scheduleSnapshots, with a taker of the caller's. */
const scheduleWith = (options, take, from) => new SnapshotSchedule(optionsOf(options, from), take);

module.exports = { snapshotsEnabled, scheduleWith };
