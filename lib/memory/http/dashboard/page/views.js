// What is shown of the figures: level, tiles, tables, leak report.

/** A level beside its colour. */
const LEVELS = {
  healthy: { mark: '\u25cf', word: 'Healthy' },
  warning: { mark: '\u25b2', word: 'Warning' },
  critical: { mark: '\u25c6', word: 'Critical' },
  emergency: { mark: '\u25a0', word: 'Emergency' },
};

/** Whose limit a percentage is of. */
const LIMITS = {
  heap: 'V8\u2019s heap limit', oldGeneration: 'V8\u2019s old generation', container: 'the container\u2019s limit',
  configured: 'the configured limit', heapTotal: 'the committed heap',
};

const useText = ({ percent: share, of, limitBytes }) => (share === null ? 'The program is busy: V8 was not asked'
  : `${percent(share)} of ${LIMITS[of] ?? 'the limit'}, ${bytes(limitBytes)}`);

function showLevel({ level, ...sample }) {
  const { mark, word } = LEVELS[level];
  document.body.dataset.level = level;
  setText(document.querySelector('.level-mark'), mark);
  setText(byId('level-word'), word);
  setText(byId('use'), useText(sample));
  document.title = `${word}${sample.percent === null ? '' : ` ${Math.round(sample.percent)} %`} \u2013 Memory`;
  const share = Math.min(100, sample.percent ?? 0);
  byId('meter').setAttribute('aria-valuenow', share.toFixed(1));
  byId('meter').setAttribute('aria-valuetext', `${word}, ${useText(sample)}`);
  document.querySelector('.meter-fill').style.width = `${share}%`;
}

/** Where levels begin, on the meter and in words. */
function showThresholds(thresholds) {
  const ticks = Object.values(thresholds).map((at) => {
    const tick = el('span', { class: 'tick' });
    tick.style.left = `${at}%`;
    return tick;
  });
  byId('meter').replaceChildren(document.querySelector('.meter-fill'), ...ticks);
  setText(byId('thresholds'), Object.entries(thresholds).map(([level, at]) => `${level} from ${at}${SPACE}%`).join(' \u00b7 '));
}

/** Tiles: a title, a value, a line below it. */
const figures = new Map();

function figure(key, title, value, hint) {
  if (!figures.has(key)) {
    const parts = { value: el('span', { class: 'figure-value' }), hint: el('span', { class: 'figure-hint' }) };
    figures.set(key, parts);
    const swatch = el('span', { class: `swatch ${key}`, 'aria-hidden': 'true' });
    byId('figures').append(el('div', { class: 'figure' }, el('dt', {}, SERIES.some((series) => series.key === key) ? swatch : null, title), el('dd', {}, parts.value, parts.hint)));
  }
  setText(figures.get(key).value, value);
  setText(figures.get(key).hint, hint);
}

const shareOf = (part, whole, of) => (part === null || !whole ? '' : `${percent((part / whole) * 100)} of ${of}`);

/** The tiles of a sample. */
function showSample({ effectiveLimitBytes: effective, ...sample }) {
  const of = 'the effective limit';
  figure('heapUsedBytes', 'Heap used', bytes(sample.heapUsedBytes), shareOf(sample.heapUsedBytes, effective, of));
  figure('externalBytes', 'External', bytes(sample.externalBytes), `${bytes(sample.arrayBuffersBytes)} in ArrayBuffers`);
  // Resident memory does not count against V8's limit.
  const whole = effective === sample.heapLimitBytes ? 'the whole process' : shareOf(sample.rssBytes, effective, of);
  figure('rssBytes', 'Resident', bytes(sample.rssBytes), whole);
  figure('heapLimitBytes', 'Heap limit', bytes(sample.heapLimitBytes), `${bytes(sample.heapTotalBytes)} committed`);
  const whose = effective === sample.container?.limitBytes ? 'the container\u2019s' : effective === sample.heapLimitBytes ? 'V8\u2019s' : 'the configured one';
  figure('effectiveLimitBytes', 'Effective limit', bytes(effective), effective === null ? '' : whose);
}

/** The tiles of collections. */
function showCollections({ totals, last }) {
  figure('collections', 'Collections', number(totals.collections), `${number(totals.major)} major, ${number(totals.minor)} minor`);
  const freed = last?.freedBytes === null || last === null ? '' : `, freed ${bytes(last.freedBytes)}`;
  figure('last', 'Last pause', known(last, ({ pauseMs }) => duration(pauseMs)), last === null ? 'none was seen' : `${last.kind}, ${clock(last.at)}${freed}`);
  figure('pauses', 'All pauses', duration(totals.pauseMs), `longest ${duration(totals.longestPauseMs)}`);
}

/** A table: columns are `{ title, cell, number, minor }`; the first one heads the row. */
function table(holder, columns, rows, empty) {
  const classOf = ({ number: isNumber, minor }) => [isNumber && 'number', minor && 'minor'].filter(Boolean).join(' ') || null;
  if (rows.length === 0) {
    holder.replaceChildren(el('p', { class: 'empty' }, empty));
    return;
  }
  const head = el('tr', {}, columns.map((column) => el('th', { scope: 'col', class: classOf(column) }, column.title)));
  const body = rows.map((row) => el('tr', {}, columns.map((column, at) =>
    el(at === 0 ? 'th' : 'td', { scope: at === 0 ? 'row' : null, class: classOf(column) }, column.cell(row)))));
  const region = holder.querySelector('.scroll') ?? el('div', { class: 'scroll', role: 'region', tabindex: '0' });
  // The region stays: it may have the focus, and is scrolled.
  region.setAttribute('aria-labelledby', `${holder.id}-title`);
  region.replaceChildren(el('table', {}, el('thead', {}, head), el('tbody', {}, body)));
  if (region.parentElement !== holder) holder.replaceChildren(region);
}

const CONSUMERS = [
  { title: 'Operation', cell: ({ operation }) => name(operation) },
  { title: 'Calls', number: true, cell: ({ callCount }) => number(callCount) },
  { title: 'In all', number: true, cell: ({ totalBytes, shared }) => (totalBytes === null ? el('span', { title: 'never ran alone' }, `\u2264${SPACE}${bytes(shared.totalBytes)}`) : bytes(totalBytes)) },
  { title: 'On average', number: true, minor: true, cell: ({ averageBytes }) => bytes(averageBytes) },
  { title: 'Longest', number: true, minor: true, cell: ({ longestMs }) => duration(longestMs) },
  { title: 'Alone', number: true, minor: true, cell: ({ coverage }) => `${Math.round(coverage * 100)}${SPACE}%` },
];

const SPIKES = [
  { title: 'When', cell: ({ timestamp }) => clock(Date.parse(timestamp)) },
  { title: 'Rise', number: true, cell: ({ memoryIncrease }) => bytes(memoryIncrease) },
  { title: 'Severity', cell: ({ severity, consecutive }) => el('span', { class: `severity ${severity}` }, `${severity}${consecutive ? ', repeated' : ''}`) },
  { title: 'Of', cell: ({ operation }) => (operation === null ? el('span', { class: 'hint' }, 'the process') : name(operation)) },
];

const OPERATIONS = [
  { title: 'Operation', cell: (operation) => name(operation.name) },
  { title: 'Began', number: true, minor: true, cell: ({ at }) => clock(at) },
  { title: 'Took', number: true, cell: ({ durationMs }) => duration(durationMs) },
  { title: 'Allocated', number: true, cell: ({ adjustedBytes }) => bytes(adjustedBytes) },
  { title: 'Outside', number: true, minor: true, cell: ({ externalDeltaBytes }) => bytes(externalDeltaBytes) },
  { title: 'Figures', cell: ({ confidence, overlapped }) => (confidence === 'exclusive' ? 'its own' : `shared with ${number(overlapped)}`) },
];

const showConsumers = (rows) => table(byId('consumers'), CONSUMERS, rows, 'No operation was tracked.');
const showSpikes = (rows) => table(byId('spikes'), SPIKES, [...rows].reverse(), 'No spike was found.');

function showOperations({ running, names, last }) {
  setText(byId('operations-now'), `${number(running)} running, ${counted(names.kept, 'name')} known`);
  table(byId('operations'), OPERATIONS, [...last].reverse(), 'No operation ended while somebody looked.');
}

/** The parts of the score, and what each can be at most. */
const PARTS = [
  ['growth', 'Growth of floors', 40], ['consistency', 'Consistency', 20], ['peak', 'High peak', 20],
  ['efficiency', 'Little collected', 15], ['additional', 'Other signs', 5],
];

function scorePart([key, title, most], parts) {
  const value = parts[key];
  const text = `${value.toFixed(value % 1 === 0 ? 0 : 1)} of ${most}`;
  const bar = el('span', { class: 'bar', 'aria-hidden': 'true' }, el('span'));
  bar.firstChild.style.width = `${(value / most) * 100}%`;
  return el('li', {}, el('span', {}, title), bar, el('span', { class: 'number' }, text));
}

const SERIES_NAMES = { heap: 'the heap', external: 'external memory', native: 'native memory' };

/** What speaks against a leak where a condition beside the score does not hold. */
const DOUBTS = {
  grown: 'it grew too little', fitted: 'it grew unevenly', aboveLast: 'it fell below what the window before had',
  lastRose: 'the window before did not grow', collected: 'there were too few major collections',
};

function leakFacts(report) {
  const facts = [
    ['Growth', `${report.growthMBPerHour.toFixed(1)}${SPACE}MB per hour in ${SERIES_NAMES[report.series]}`],
    ['Pattern', report.pattern === null ? 'none' : report.pattern.replaceAll('_', ' ')],
    ['Window', `${longTime(report.windowMs)} until ${clock(report.atMs)}, ${counted(report.majors, 'major collection')}`],
  ];
  const doubts = Object.keys(DOUBTS).filter((condition) => !report.gate[condition]).map((condition) => DOUBTS[condition]);
  if (!report.suspected && doubts.length > 0) facts.push(['Against it', doubts.join('; ')]);
  if (report.sinceMs !== null) facts.unshift(['Suspected', `since ${clock(report.sinceMs)}`]);
  return el('dl', { class: 'facts' }, facts.flatMap(([term, text]) => [el('dt', {}, term), el('dd', {}, text)]));
}

function showLeak(report) {
  const judged = report.atMs !== null;
  const verdict = !judged ? 'No window is full yet: that takes some five minutes' : report.suspected ? 'A leak is suspected' : 'No leak is suspected';
  byId('leak').replaceChildren(
    el('p', { class: `score ${report.suspected ? 'suspected' : ''}` }, el('strong', {}, String(Math.round(report.score))), el('span', {}, ` of 100 \u00b7 ${verdict}`)),
    el('ul', { class: 'parts', 'aria-label': 'Parts of the score' }, PARTS.map((part) => scorePart(part, report.parts))),
    ...(judged ? [leakFacts(report)] : []),
    ...(report.recommendations.length > 0 ? [el('ul', { class: 'advice' }, report.recommendations.map((text) => el('li', {}, visible(text))))] : []),
  );
}
