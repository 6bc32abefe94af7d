// Says what the turns of the benchmark `load` amount to, beside what is promised.

/** What is promised: parts of the throughput without the middleware, milliseconds, and microseconds. */
export const TARGETS = { throughput: 0.98, addedP99Ms: 1, decisionUs: 1 };

/** The median, and where the middle half of the figures lies. */
export function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (part) => {
    const place = part * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return below + (above - below) * (place % 1);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

const ratio = (server, without) => server / without;
const difference = (server, without) => server - without;
const PACED = { cpuUs: difference, p50Ms: difference, p99Ms: difference };
const FULL = { perSecond: ratio, ...PACED };
/** What is compared, and how, by each client: under full load and at a rate, of a handler that only answers and of one that works. */
const FIGURES = { full: FULL, paced: PACED, fullWork: FULL, pacedWork: PACED };

/** Of one client: the figures of "off", and how those of the others compare in the same turns. */
function summarizeClient(turns, client) {
  const of = turns.filter((turn) => turn.client === client);
  const off = (name) => spread(of.map((turn) => turn.off[name]));
  const compared = (way, name) => spread(of.map((turn) => FIGURES[client][name](turn[way][name], turn.off[name])));
  const names = Object.keys(FIGURES[client]);
  const ways = Object.keys(of[0]).filter((name) => name !== 'client' && name !== 'off');
  const each = (list, fn) => Object.fromEntries(list.map((name) => [name, fn(name)]));
  return { off: each([...names, 'perSecond', 'busy'], off), ...each(ways, (way) => each(names, (name) => compared(way, name))) };
}

/** The figures of one framework by each client. */
export const summarize = (turns) => Object.fromEntries(Object.keys(FIGURES).map((client) => [client, summarizeClient(turns, client)]));

const shown = ({ median, low, high }, digits) => `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
/** A difference, with its sign. */
const signed = (found, digits) => `${found.median < 0 ? '' : '+'}${shown(found, digits)}`;
/** Where another server without the middleware misses the target, too, this run says nothing about it. */
const verdict = (meets, on, again) => (!meets(again.median) ? 'cannot be told' : meets(on.median) ? 'met' : 'NOT met');
const enough = (part) => part >= TARGETS.throughput;
const soon = (ms) => ms < TARGETS.addedP99Ms;

/** A row for each framework and server. */
function rows(summary, client, row) {
  return Object.fromEntries(Object.entries(summary).flatMap(([name, { [client]: { off, ...found } }]) => [
    [`${name}, off`, row.off(off)],
    ...Object.keys(found).map((way) => [`${name}, ${way}`, row.compared(found[way], found.again, way)]),
  ]));
}

const LATENCIES = {
  off: ({ p50Ms, p99Ms, cpuUs }) => ({ 'p50 ms': shown(p50Ms, 2), 'p99 ms': shown(p99Ms, 2), 'cpu us': shown(cpuUs, 1) }),
  compared: ({ p50Ms, p99Ms, cpuUs }, again, way) => ({
    'p50 ms': signed(p50Ms, 2), 'p99 ms': signed(p99Ms, 2), 'cpu us': signed(cpuUs, 1),
    [`p99 below + ${TARGETS.addedP99Ms} ms`]: way === 'again' ? '' : verdict(soon, p99Ms, again.p99Ms),
  }),
};
const THROUGHPUT = {
  off: ({ perSecond, busy }) => ({ 'per second': shown(perSecond, 0), 'loop busy': `${(busy.median * 100).toFixed(0)} %` }),
  compared: ({ perSecond }, again, way) => ({
    'per second': `x ${shown(perSecond, 3)}`,
    [`at least x ${TARGETS.throughput}`]: way === 'again' ? '' : verdict(enough, perSecond, again.perSecond),
  }),
};

/** The tables: what the server does without, and what each other server does beside it. */
export function printLoad(summary, { rate, workRate }) {
  console.log('Medians, with the middle half of all turns in brackets; "again" is a second server without the middleware.');
  for (const [handler, full, paced, perSecond] of [['only answers', 'full', 'paced', rate], ['works for 0.6 ms', 'fullWork', 'pacedWork', workRate]]) {
    console.log(`\nA handler that ${handler}. Full load: throughput`);
    console.table(rows(summary, full, THROUGHPUT));
    console.log('Full load: latency, processor time of a request');
    console.table(rows(summary, full, LATENCIES));
    console.log(`${perSecond} requests per second: latency, processor time of a request`);
    console.table(rows(summary, paced, LATENCIES));
  }
}

/** Microseconds that each hook adds to a request without a network. */
export function summarizeHooks(runs) {
  const names = Object.keys(runs[0].hooks).filter((name) => name !== 'none');
  const added = (name, figure) => spread(runs.map(({ hooks }) => hooks[name][figure] - hooks.none[figure]));
  const rows = names.map((name) => [name, { meanUs: added(name, 'meanUs'), p50Us: added(name, 'p50Us'), p99Us: added(name, 'p99Us') }]);
  return { hooks: Object.fromEntries(rows), decisionUs: spread(runs.map(({ decisionUs }) => decisionUs)) };
}

export function printHooks({ hooks, decisionUs }) {
  console.log('The hooks by themselves, microseconds that they add to a request without a network');
  console.table(Object.fromEntries(Object.entries(hooks).map(([name, { meanUs, p50Us, p99Us }]) => [name, {
    mean: shown(meanUs, 2), p50: shown(p50Us, 2), p99: shown(p99Us, 2),
  }])));
  const met = decisionUs.median <= TARGETS.decisionUs ? 'met' : 'NOT met';
  console.log(`Whether a request is refused: ${shown(decisionUs, 3)} us; at most ${TARGETS.decisionUs}: ${met}`);
}
