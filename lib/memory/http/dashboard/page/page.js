// The page: what it knows, when that is drawn, and how it stands with the server.

const MOST_SPIKES = 100;

/** What is known, by the view that shows it. */
const facts = {};
const VIEWS = {
  process: ({ pid, node, platform, upMs, at }) => setText(byId('process'), `process ${pid} \u00b7 Node.js ${visible(node)} \u00b7 ${visible(platform)} \u00b7 up ${longTime(upMs + Date.now() - at)}`),
  thresholds: showThresholds,
  sample: (sample) => {
    showLevel(sample);
    showSample(sample);
    chart.draw();
  },
  collections: showCollections,
  spikes: showSpikes,
  leak: showLeak,
  consumers: showConsumers,
  operations: showOperations,
};

const stale = new Set();
let paused = false;
let asked = false;

/** Draws what changed, before the next picture of the screen: never for a page that nobody sees. */
function draw() {
  asked = false;
  if (paused) return;
  const now = [...stale];
  stale.clear();
  for (const view of now) VIEWS[view](facts[view]);
}

function learn(view, fact) {
  facts[view] = fact;
  stale.add(view);
  if (asked || paused) return;
  asked = true;
  requestAnimationFrame(draw);
}

const chart = new Chart(byId('chart'), (point) => setText(byId('chart-read'), readingOf(point)));

function readingOf(point) {
  if (point === null) return READING;
  const parts = SERIES.map(({ key, title }) => `${title.toLowerCase()} ${bytes(point[key])}`);
  return `${clock(point.at)}: ${parts.join(', ')}; ${percent(point.percent)} in use`;
}
const READING = 'Point at the lines, or use the arrow keys, to read single samples.';

const lastOf = (records) => records.at(-1) ?? facts.collections?.last ?? null;

/** What each event changes. */
const EVENTS = {
  start({ history, process, totals, ...rest }) {
    chart.timeline.merge(history);
    learn('process', { ...process, at: Date.now() });
    for (const [view, fact] of Object.entries(rest)) learn(view, fact);
    learn('collections', { totals, last: lastOf([]) });
    if (rest.sample.level !== 'healthy') tellLevel(rest.sample);
  },
  sample(sample) {
    chart.timeline.add(sample);
    learn('sample', sample);
    learn('process', facts.process);
  },
  level: ({ to, percent: share }) => tellLevel({ level: to, percent: share }),
  gc: ({ records, totals }) => learn('collections', { totals, last: lastOf(records) }),
  spike(spike) {
    learn('spikes', [...facts.spikes, spike].slice(-MOST_SPIKES));
    say(`Spike of ${bytes(spike.memoryIncrease)}, ${spike.severity}`);
  },
  leak: (report) => learn('leak', report),
  consumers: (rows) => learn('consumers', rows),
  operations: (operations) => learn('operations', operations),
  cleanup: (action) => tellOutcome('Cleanup', cleanupText(action), action.success),
  snapshot: ({ failed, ...snapshot }) => (failed ? tellOutcome('Snapshot', `failed (${snapshot.code ?? 'no code'})`, false) : tellSnapshot(snapshot)),
};

const tellLevel = ({ level, percent: share }) => say(`Memory is ${LEVELS[level].word.toLowerCase()}: ${percent(share)}`);

let showConnection = () => {};
let ticking;

/** What is said of the connection. */
const STATES = {
  connecting: () => 'Connecting\u2026',
  live: () => 'Live',
  waiting({ status, untilMs }) {
    const why = status === null ? 'The server is gone' : status === 503 ? 'The server has no stream left' : `The server answered ${status}`;
    return `${why}; asked again in ${Math.max(0, Math.ceil((untilMs - Date.now()) / 1000))}${SPACE}s`;
  },
  refused: () => 'Not allowed',
};

const connection = new Connection({
  onEvent: ({ type, data }) => EVENTS[type]?.(data),
  onState(state) {
    clearInterval(ticking);
    document.body.dataset.connection = state.state;
    showConnection = () => setText(byId('connection'), `${STATES[state.state](state)}${paused ? ' \u00b7 paused' : ''}`);
    showConnection();
    // A screen reader that heard each second would say nothing else.
    byId('connection').setAttribute('aria-live', state.state === 'waiting' ? 'off' : 'polite');
    if (state.state === 'waiting') {
      ticking = setInterval(showConnection, 1000);
      say(STATES.waiting(state).split(';')[0]);
    }
    if (state.state === 'refused') askForToken(`The server refused the figures (${state.status}).`);
    if (state.state === 'live') byId('authorisation').hidden = true;
  },
});

function pause() {
  paused = !paused;
  byId('pause').setAttribute('aria-pressed', String(paused));
  document.body.dataset.paused = String(paused);
  showConnection();
  if (!paused) draw();
}

function chooseRange() {
  for (const [title, minutes] of RANGES) {
    const input = el('input', { type: 'radio', name: 'range', value: minutes });
    input.checked = minutes === chart.minutes;
    input.addEventListener('change', () => {
      chart.minutes = minutes;
      chart.draw();
    });
    byId('range').append(el('label', {}, input, el('span', {}, title)));
  }
  byId('whole').addEventListener('change', () => {
    chart.whole = byId('whole').checked;
    chart.draw();
  });
}

byId('pause').addEventListener('click', pause);
byId('authorisation').addEventListener('submit', (event) => {
  event.preventDefault();
  token = byId('token').value;
  byId('token').value = '';
  byId('authorisation').hidden = true;
  connection.open();
});
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('main').focus();
});
setText(byId('chart-read'), READING);
chooseRange();
listenToActions();
connection.open();
