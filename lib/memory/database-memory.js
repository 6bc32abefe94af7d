'use strict';

const { invalid } = require('../errors.js');
const { integer, readOptions, rule } = require('../options.js');
const { THRESHOLDS_MB, kindOfQuery } = require('./database-thresholds.js');
const { inMB } = require('./figures.js');
const { ListenerList } = require('./listener-list.js');
const { LOGGER, THRESHOLD } = require('./log-result.js');
const { memoryTracker } = require('./memory-tracker.js');
const { LONGEST_NAME, operations } = require('./operations.js');
const { checkFunction, settled } = require('./track-operation.js');

const MB = 1024 * 1024;
/** Operations that are counted apart; the tracker of all operations keeps as many. */
const MOST_NAMES = 1000;
const LONGEST_STATEMENT = 500;

const optional = (inner, none) => rule(`${inner.allowed}, or ${none}`, (value) => {
  if (value === (none === 'null' ? null : undefined)) return undefined;
  const fault = inner.check(value);
  return fault && (fault.range ? 'range' : 'type');
});
const EXPECTED = optional(integer(0, Number.MAX_SAFE_INTEGER), 'undefined');
const QUERY_OPTIONS = { expectedRecords: { default: undefined, ...EXPECTED, meaning: 'more records than this are reported' } };

const OPTIONS = {
  ...Object.fromEntries(Object.entries(THRESHOLDS_MB).map(([kind, MBs]) => [`${kind}ThresholdMB`, {
    default: MBs, ...THRESHOLD, meaning: `MB above which a ${kind} operation is reported`,
  }])),
  keepStatements: { default: 0, ...integer(0, 100), meaning: 'texts of SQL kept of reported queries, with all literals in them' },
  logger: { default: null, ...optional(LOGGER, 'null'), meaning: 'warned of each report; null for none' },
};

/** What pg answers to one statement; to several it answers with an array of these. */
const isResult = (value) => typeof value?.command === 'string' && Array.isArray(value.rows);

/** How many records an answer has or says it has; `null` where it does not tell. */
function recordsOf(answer) {
  if (Array.isArray(answer)) {
    const areResults = answer.length > 0 && answer.every(isResult);
    return areResults ? answer.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0) : answer.length;
  }
  if (typeof answer === 'number') return null;
  for (const field of ['rowCount', 'count']) if (Number.isInteger(answer?.[field])) return answer[field];
  return Array.isArray(answer?.rows) ? answer.rows.length : null;
}

const newCounts = () => ({ records: 0, counted: 0, exceeded: 0, sharedAbove: 0, moreThanExpected: 0 });

/** Runs queries as operations; documented in database-memory.d.ts. */
class DatabaseMemoryMonitor {
  #options = readOptions({}, undefined, OPTIONS);
  #listeners = new ListenerList('A listener of queries');
  #log = new ListenerList('The logger');
  #counts = new Map();
  #statements = [];

  constructor() {
    this.#log.add((report) => this.#options.logger?.warn(worded(report)));
  }

  configure(options) {
    this.#options = readOptions(options, this.configure, OPTIONS);
    this.#statements = this.#statements.slice(0, this.#options.keepStatements);
  }

  onExceeded(listener) {
    return this.#listeners.add(listener, this.onExceeded);
  }

  monitorQuery(queryType, sql, table, fn, options) {
    const from = this.monitorQuery;
    const { expectedRecords } = readOptions(options, from, QUERY_OPTIONS);
    for (const [name, value] of Object.entries({ queryType, sql, table })) {
      if (typeof value !== 'string') throw invalid('a string', name, value, { from });
    }
    checkFunction(fn, from);
    const query = { kind: kindOfQuery(queryType), sql, expectedRecords, records: null };
    const operation = operations.begin(`DB.${queryType}.${table}`.slice(0, LONGEST_NAME), undefined, from);
    operation.onResult = (result) => this.#judge(query, result);
    return settled(operation, async () => {
      const answer = await fn();
      query.records = recordsOf(answer);
      return answer;
    });
  }

  #judge(query, result) {
    operations.tell(result);
    const { kind, records, expectedRecords, sql } = query;
    const counts = this.#countsOf(result.name);
    const thresholdMB = this.#options[`${kind}ThresholdMB`];
    const above = result.adjustedBytes > thresholdMB * MB;
    const alone = result.confidence === 'exclusive';
    const many = records !== null && expectedRecords !== undefined && records > expectedRecords;
    if (records !== null) counts.counted += 1;
    counts.records += records ?? 0;
    if (above) counts[alone ? 'exceeded' : 'sharedAbove'] += 1;
    if (many) counts.moreThanExpected += 1;
    // What ran beside others may have taken nothing of what is measured.
    if (above && alone) this.#report({ reason: 'memory', result, thresholdMB, records, expectedRecords }, sql);
    if (many) this.#report({ reason: 'records', result, thresholdMB, records, expectedRecords }, sql);
  }

  #report({ reason, result, thresholdMB, records, expectedRecords }, sql) {
    const { name: operation, adjustedBytes: bytes, confidence, durationMs, at } = result;
    const report = { reason, operation, at, bytes, confidence, durationMs, thresholdMB, records, expectedRecords: expectedRecords ?? null };
    if (this.#options.keepStatements > 0) {
      this.#statements.unshift({ operation, at, sql: sql.slice(0, LONGEST_STATEMENT) });
      this.#statements.length = Math.min(this.#statements.length, this.#options.keepStatements);
    }
    this.#listeners.tell(report);
    this.#log.tell(report);
  }

  /** In order of use; the least recently used goes when there are too many. */
  #countsOf(name) {
    const counts = this.#counts.get(name) ?? newCounts();
    this.#counts.delete(name);
    this.#counts.set(name, counts);
    if (this.#counts.size > MOST_NAMES) this.#counts.delete(this.#counts.keys().next().value);
    return counts;
  }

  getStats() {
    operations.flush();
    return [...this.#counts].map(([name, { counted, records, ...counts }]) => {
      const stats = memoryTracker.getStats(name) ?? { operation: name };
      return { ...stats, ...counts, records: counted > 0 ? records : null };
    });
  }

  /** Texts of the last reported queries, the newest first, as `keepStatements` allows. */
  get statements() {
    return this.#statements.map((each) => ({ ...each }));
  }

  reset() {
    operations.flush();
    this.#counts.clear();
    this.#statements = [];
  }
}

function worded({ reason, operation, bytes, thresholdMB, records, expectedRecords, durationMs }) {
  if (reason === 'records') return `[memory] ${operation}: ${records} records, ${expectedRecords} were expected`;
  return `[memory] ${operation}: ${inMB(bytes)} allocated, more than ${thresholdMB} MB, in ${durationMs.toFixed(1)} ms`;
}

const dbMemoryMonitor = new DatabaseMemoryMonitor();

module.exports = { dbMemoryMonitor };
