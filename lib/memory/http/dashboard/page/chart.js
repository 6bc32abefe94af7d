// Lines over time, drawn as SVG.

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 270;
const EDGE = { left: 62, right: 10, top: 12, bottom: 24 };
/** Samples that lie further apart are not joined. */
const GAP_MS = 45_000;
const RANGES = [['5 min', 5], ['30 min', 30], ['3 h', 180]];
const LONGEST_MS = 180 * 60_000;

/** What is drawn; `limit` ones do not stretch the scale by themselves. */
const SERIES = [
  { key: 'rssBytes', title: 'Resident' },
  { key: 'heapUsedBytes', title: 'Heap used' },
  { key: 'externalBytes', title: 'External' },
  { key: 'heapLimitBytes', title: 'Heap limit', limit: true },
  { key: 'effectiveLimitBytes', title: 'Effective limit', limit: true },
];

function svg(tag, attributes = {}, text = '') {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

/** The least of 1, 2, 2.5 and 5 times a power of ten that is not below. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].find((step) => step * power >= value) * power;
}

/** Steps of the time axis in minutes. */
const TIME_STEPS = [1, 5, 10, 15, 30, 60];

/** The samples of three hours. */
class Timeline {
  #points = [];

  /** Samples as rows; what was there from the first one's time on is replaced. */
  merge({ fields, rows }) {
    const points = rows.map((row) => Object.fromEntries(fields.map((field, at) => [field, row[at]])));
    const before = points.length > 0 ? this.#points.filter(({ at }) => at < points[0].at) : this.#points;
    this.#points = [...before, ...points];
  }

  add(sample) {
    if (sample.at <= (this.last?.at ?? 0)) return;
    this.#points.push(sample);
    // In large steps: moving all at each sample would be in vain.
    if (this.#points[0].at < sample.at - 1.1 * LONGEST_MS) this.#points = this.since(sample.at - LONGEST_MS);
  }

  get last() {
    return this.#points.at(-1) ?? null;
  }

  since(from) {
    return this.#points.filter(({ at }) => at >= from);
  }
}

class Chart {
  timeline = new Timeline();
  minutes = RANGES[0][1];
  /** The scale reaches up to the limit. */
  whole = false;
  #element;
  #picture = svg('svg', { 'aria-hidden': 'true', height: HEIGHT });
  #cursor = svg('line', { class: 'cursor', y1: EDGE.top, y2: HEIGHT - EDGE.bottom });
  #points = [];
  /** The time of the sample that is read; `null` for the last one. */
  #at = null;
  #onRead;

  constructor(element, onRead) {
    this.#element = element;
    this.#onRead = onRead;
    element.append(this.#picture);
    element.addEventListener('pointermove', ({ clientX }) => this.#readAt(clientX - element.getBoundingClientRect().left));
    element.addEventListener('pointerleave', () => this.#read(null));
    element.addEventListener('keydown', (event) => this.#key(event));
    element.addEventListener('blur', () => this.#read(null));
    new ResizeObserver(() => this.draw()).observe(element);
  }

  get #width() {
    return Math.max(200, this.#element.clientWidth);
  }

  #x = (at) => EDGE.left + ((at - this.from) / (this.minutes * 60_000)) * (this.#width - EDGE.left - EDGE.right);
  #y = (value) => HEIGHT - EDGE.bottom - (value / this.top) * (HEIGHT - EDGE.top - EDGE.bottom);

  draw() {
    const { last } = this.timeline;
    if (last === null) return;
    this.from = last.at - this.minutes * 60_000;
    this.#points = this.timeline.since(this.from);
    this.top = this.#highest();
    this.#picture.setAttribute('width', this.#width);
    this.#picture.setAttribute('viewBox', `0 0 ${this.#width} ${HEIGHT}`);
    this.#picture.replaceChildren(...this.#grid(), ...this.#times(), ...SERIES.map((series) => this.#line(series)), this.#cursor);
    this.#showCursor();
  }

  #highest() {
    const counted = SERIES.filter(({ limit }) => this.whole || !limit);
    let highest = MB;
    for (const point of this.#points) for (const { key } of counted) highest = Math.max(highest, point[key] ?? 0);
    return highest * 1.06;
  }

  #grid() {
    const unit = this.top >= 1024 * MB ? 1024 * MB : MB;
    const step = roundUp(this.top / unit / 5) * unit;
    const marks = [];
    for (let value = 0; value <= this.top; value += step) {
      const y = this.#y(value).toFixed(1);
      marks.push(svg('line', { class: value === 0 ? 'axis' : 'grid', x1: EDGE.left, x2: this.#width - EDGE.right, y1: y, y2: y }));
      const text = `${Number((value / unit).toFixed(2))}${SPACE}${unit === MB ? 'MB' : 'GB'}`;
      marks.push(svg('text', { x: EDGE.left - 8, y, 'text-anchor': 'end', 'dominant-baseline': 'middle' }, text));
    }
    return marks;
  }

  #times() {
    const most = Math.max(2, this.#width / 110);
    const step = (TIME_STEPS.find((minutes) => this.minutes / minutes <= most) ?? 60) * 60_000;
    const marks = [];
    for (let at = Math.ceil(this.from / step) * step; at <= this.from + this.minutes * 60_000; at += step) {
      const x = this.#x(at);
      // A label that would be cut off is left out.
      if (x < EDGE.left + 16 || x > this.#width - 20) continue;
      marks.push(svg('text', { x, y: HEIGHT - 6, 'text-anchor': 'middle' }, clock(at).slice(0, 5)));
    }
    return marks;
  }

  /** One point for each column of pixels, the highest: peaks stay. */
  #line({ key }) {
    let path = '';
    let column = null;
    let before = -Infinity;
    const flush = () => {
      if (column === null) return;
      path += `${column.at - before > GAP_MS ? 'M' : 'L'}${column.x} ${this.#y(column.value).toFixed(1)}`;
      before = column.last;
      column = null;
    };
    for (const point of this.#points) {
      const value = point[key];
      if (value === null || value > this.top) continue;
      const x = Math.round(this.#x(point.at));
      if (column?.x !== x) flush();
      column ??= { x, value, at: point.at };
      column.value = Math.max(column.value, value);
      column.last = point.at;
    }
    flush();
    return svg('path', { class: `line ${key}`, d: path });
  }

  #readAt(x) {
    if (this.#points.length === 0) return;
    const at = this.from + ((x - EDGE.left) / (this.#width - EDGE.left - EDGE.right)) * this.minutes * 60_000;
    const nearest = this.#points.reduce((best, point) => (Math.abs(point.at - at) < Math.abs(best.at - at) ? point : best));
    this.#read(nearest);
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === 'Escape') this.#read(null);
    if (step === undefined || this.#points.length === 0) return;
    event.preventDefault();
    const last = this.#points.length - 1;
    const now = this.#at === null ? last : this.#points.findIndex(({ at }) => at >= this.#at);
    this.#read(this.#points[Math.min(last, Math.max(0, now + step))]);
  }

  #read(point) {
    this.#at = point?.at ?? null;
    this.#showCursor();
    this.#onRead(point);
  }

  #showCursor() {
    const shown = this.#at !== null && this.#at >= this.from;
    this.#cursor.setAttribute('visibility', shown ? 'visible' : 'hidden');
    if (!shown) return;
    for (const side of ['x1', 'x2']) this.#cursor.setAttribute(side, this.#x(this.#at).toFixed(1));
  }
}
