'use strict';

const { invalid } = require('../../errors.js');
const { callSafely } = require('../listeners.js');
const { tellShed } = require('../shed-events.js');
const { exemption, targetOf } = require('./exempt-paths.js');
const { Relief } = require('./relief.js');

const LEVELS = ['healthy', 'warning', 'critical', 'emergency'];
const RANK = Object.fromEntries(LEVELS.map((level, rank) => [level, rank]));

/** Refuses requests while memory is short; documented in index.d.ts. */
class Shedding {
  /** Requests that were refused. */
  count = 0;
  #gauge;
  #mode;
  /** Below this level everybody is let in. */
  #from;
  #exempt;
  #onShed;
  /** What part of the requests is refused now. */
  #share;
  #random;
  #relief;
  /** The answer to a refused request, the same for all. */
  headers;
  body;

  /** @param {object} options those of PRESSURE_OPTIONS, complete; @param {object} on `parts` and `random` */
  constructor(gauge, { at, retryAfter, exempt, mode, onShed }, { parts, random = Math.random }) {
    const ramps = mode === 'probabilistic';
    this.#gauge = gauge;
    this.#mode = mode;
    this.#from = RANK[at] - (ramps ? 1 : 0);
    this.#share = ramps ? rampTo(at, gauge) : () => 1;
    this.#exempt = exemption(exempt);
    this.#onShed = onShed;
    this.#random = random;
    this.#relief = new Relief(parts, () => RANK[gauge.level] >= this.#from);
    this.body = JSON.stringify({ statusCode: 503, error: 'Service Unavailable', message: `Try again in ${retryAfter} seconds` });
    this.headers = {
      'Retry-After': String(retryAfter),
      'Cache-Control': 'no-store',
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(this.body)),
    };
  }

  /** Whether the request is to be refused, which is counted and told. */
  refuses(request, level = this.#gauge.level) {
    if (RANK[level] < this.#from) {
      if (RANK[level] === this.#from - 1 && level !== 'healthy') this.#relief.ahead();
      return false;
    }
    if (this.#random() >= this.#share() || this.#exempt(targetOf(request))) return false;
    this.count += 1;
    this.#relief.begin();
    tellShed(this.#mode);
    if (this.#onShed !== null) callSafely(this.#onShed, 'onShed', { level, percent: this.#gauge.percent }, request);
    return true;
  }

  /** Answers a refused request. The connection stays open: to make another costs more than to refuse. */
  answer(response) {
    response.statusCode = 503;
    for (const name of Object.keys(this.headers)) response.setHeader(name, this.headers[name]);
    response.end(this.body);
  }

  close() {
    this.#relief.close();
  }
}

/** The part of requests that is refused: none at the threshold before that of `at`, all at that. */
function rampTo(at, gauge) {
  const start = gauge.thresholds[LEVELS[RANK[at] - 1]];
  const width = gauge.thresholds[at] - start;
  return () => (gauge.percent - start) / width;
}

/** A ramp needs a level to begin at. */
function checkRamp({ at, mode }, from) {
  if (mode !== 'probabilistic' || at !== 'warning') return;
  throw invalid("'critical' or 'emergency' in the mode 'probabilistic'", 'option "at"', at, { code: 'ERR_PGTAP_INVALID_OPTION', range: true, from });
}

module.exports = { Shedding, checkRamp };
