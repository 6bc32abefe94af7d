// A treemap: areas by size, squarified (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000).

/** The worst ratio of sides in a row of areas along a side. */
function worst(row, side) {
  const sum = row.reduce((all, { area }) => all + area, 0);
  const areas = row.map(({ area }) => area);
  const square = side * side;
  return Math.max((square * Math.max(...areas)) / (sum * sum), (sum * sum) / (square * Math.min(...areas)));
}

/** Puts a row at the short side of what is free, and answers what is free then. */
function place(row, free, placed) {
  const sum = row.reduce((all, { area }) => all + area, 0);
  const upright = free.width >= free.height;
  const depth = sum / (upright ? free.height : free.width);
  let at = upright ? free.y : free.x;
  for (const { item, area } of row) {
    const length = area / depth;
    placed.push(upright
      ? { item, x: free.x, y: at, width: depth, height: length }
      : { item, x: at, y: free.y, width: length, height: depth });
    at += length;
  }
  return upright
    ? { ...free, x: free.x + depth, width: free.width - depth }
    : { ...free, y: free.y + depth, height: free.height - depth };
}

/** `[{ item, x, y, width, height }]`; items with a size of 0 have no place. */
function squarified(items, width, height) {
  const sum = items.reduce((all, { size }) => all + size, 0);
  const scaled = items.filter(({ size }) => size > 0)
    .map((item) => ({ item, area: (item.size * width * height) / sum }))
    .sort((a, b) => b.area - a.area);
  const placed = [];
  let free = { x: 0, y: 0, width, height };
  let row = [];
  for (const next of scaled) {
    const side = Math.min(free.width, free.height);
    if (row.length > 0 && worst([...row, next], side) > worst(row, side)) {
      free = place(row, free, placed);
      row = [];
    }
    row.push(next);
  }
  if (row.length > 0) place(row, free, placed);
  return placed;
}

/** Tiles of a treemap beyond which there is nothing to be seen; the table lists all. */
const MOST_TILES = 60;

/** Five steps from orange to blue, which nearly all eyes tell apart. */
const step = (share) => (share >= 100 ? 5 : Math.floor(share / 20));

function tile({ item, x, y, width, height }, whole) {
  const { label, title, counts, href } = item;
  const text = `${title}: ${percent(counts.percent)}, ${number(counts.asserted)} of ${counted(counts.total, 'object')} asserted`;
  const element = el(href ? 'a' : 'div', { class: `tile step-${step(counts.percent)}`, href, 'aria-label': text, title: text },
    el('span', { class: 'tile-name' }, label),
    el('span', { class: 'tile-percent' }, percent(counts.percent)),
    el('span', { class: 'tile-count' }, `${number(counts.asserted)} of ${number(counts.total)}`),
    el('span', { class: 'tile-fill' }));
  element.lastChild.style.width = `${counts.percent}%`;
  const css = { left: x / whole.width, top: y / whole.height, width: width / whole.width, height: height / whole.height };
  const outer = el('li', {}, element);
  for (const [side, share] of Object.entries(css)) outer.style[side] = `${share * 100}%`;
  return outer;
}

function withRest(items) {
  if (items.length <= MOST_TILES) return items;
  const sorted = [...items].sort((a, b) => b.size - a.size);
  const rest = sorted.splice(MOST_TILES - 1);
  const counts = count(rest.flatMap(({ objects }) => objects));
  const title = counted(rest.length, 'smaller one');
  return [...sorted, { label: title, title, size: counts.total, counts }];
}

/** The treemap of `[{ label, title, size, counts, objects, href }]`; it is laid out again when its shape changes. */
function treemap(items, title) {
  const shown = withRest(items);
  const list = el('ul', { class: 'treemap', 'aria-label': title });
  let shape = '';
  const layOut = () => {
    const whole = { width: list.clientWidth || 1000, height: list.clientHeight || 360 };
    // The tiles are placed in parts of the whole: only another shape needs another layout.
    const now = (whole.width / whole.height).toFixed(1);
    if (now === shape) return;
    shape = now;
    const focused = [...list.children].findIndex((child) => child.contains(document.activeElement));
    list.replaceChildren(...squarified(shown, whole.width, whole.height).map((placed) => tile(placed, whole)));
    if (focused >= 0) list.children[focused].firstChild.focus();
  };
  layOut();
  new ResizeObserver(layOut).observe(list);
  return list;
}

function legend() {
  const ranges = ['below 20\u00a0%', '20 to 40', '40 to 60', '60 to 80', '80 to 100', 'all'];
  const items = ranges.map((text, at) => el('li', {}, el('span', { class: `swatch step-${at}`, 'aria-hidden': 'true' }), text));
  return el('ul', { class: 'legend', 'aria-label': 'Colours: asserted objects' }, items);
}
