// Says what the turns of the benchmark `load` amount to, beside what is promised.

/** What is promised: parts of the throughput without the middleware, and milliseconds. */
export const TARGETS = { throughput: 0.98, addedP99Ms: 1 };

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

/** Figures of one framework; `than` is how a server's figure compares with that of "off" in the same turn. */
export function summarize(turns) {
  const figures = (client, than) => {
    const of = turns.filter((turn) => turn.client === client);
    return { on: spread(of.map(({ on, off }) => than(on, off))), again: spread(of.map(({ again, off }) => than(again, off))) };
  };
  const off = (client, name) => spread(turns.filter((turn) => turn.client === client).map((turn) => turn.off[name]));
  const added = (name) => (server, without) => server[name] - without[name];
  return {
    off: {
      perSecond: off('full', 'perSecond'), busy: off('full', 'busy'), cpuUs: off('full', 'cpuUs'),
      p50Ms: off('paced', 'p50Ms'), p99Ms: off('paced', 'p99Ms'), fullP50Ms: off('full', 'p50Ms'), fullP99Ms: off('full', 'p99Ms'),
    },
    throughput: figures('full', (server, without) => server.perSecond / without.perSecond),
    addedCpuUs: figures('full', added('cpuUs')),
    addedP50Ms: figures('paced', added('p50Ms')),
    addedP99Ms: figures('paced', added('p99Ms')),
    fullAddedP50Ms: figures('full', added('p50Ms')),
    fullAddedP99Ms: figures('full', added('p99Ms')),
  };
}

const shown = ({ median, low, high }, digits) => `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
const verdict = (met) => (met ? 'met' : 'NOT met');

/** The tables: what the server does without, and what the middleware and another server without it add. */
export function printLoad(summary, rate) {
  const rows = (row) => Object.fromEntries(Object.entries(summary).map(([name, found]) => [name, row(found)]));
  console.log('Full load. Medians, with the middle half of all turns in brackets; "again" is a second server without the middleware');
  console.table(rows(({ off, throughput, addedCpuUs }) => ({
    'off, per s': off.perSecond.median.toFixed(0),
    'loop busy': `${(off.busy.median * 100).toFixed(0)} %`,
    'on/off': shown(throughput.on, 3),
    'again/off': shown(throughput.again, 3),
    'off, cpu us': off.cpuUs.median.toFixed(1),
    'on adds': shown(addedCpuUs.on, 1),
    'again adds': shown(addedCpuUs.again, 1),
    [`at least ${TARGETS.throughput}`]: verdict(throughput.on.median >= TARGETS.throughput),
  })));
  console.log('Latency at full load, ms');
  console.table(rows(({ off, fullAddedP50Ms, fullAddedP99Ms }) => ({
    'off p50': off.fullP50Ms.median.toFixed(2), 'on adds to p50': shown(fullAddedP50Ms.on, 2), 'again adds to p50': shown(fullAddedP50Ms.again, 2),
    'off p99': off.fullP99Ms.median.toFixed(2), 'on adds to p99': shown(fullAddedP99Ms.on, 2), 'again adds to p99': shown(fullAddedP99Ms.again, 2),
    [`p99 below +${TARGETS.addedP99Ms} ms`]: verdict(fullAddedP99Ms.on.median < TARGETS.addedP99Ms),
  })));
  console.log(`Latency at ${rate} requests per second, ms`);
  console.table(rows(({ off, addedP50Ms, addedP99Ms }) => ({
    'off p50': off.p50Ms.median.toFixed(2), 'on adds to p50': shown(addedP50Ms.on, 2), 'again adds to p50': shown(addedP50Ms.again, 2),
    'off p99': off.p99Ms.median.toFixed(2), 'on adds to p99': shown(addedP99Ms.on, 2), 'again adds to p99': shown(addedP99Ms.again, 2),
    [`p99 below +${TARGETS.addedP99Ms} ms`]: verdict(addedP99Ms.on.median < TARGETS.addedP99Ms),
  })));
}
