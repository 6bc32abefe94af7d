// Reads the text formats of Prometheus and OpenMetrics, and says what is against their rules.

const METRIC = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*';
const SAMPLE = new RegExp(`^(${METRIC})(?:\\{(.*)\\})? (\\S+)$`);
const PAIR = new RegExp(`(${LABEL})="((?:[^"\\\\\\n]|\\\\["\\\\n])*)"(?:,|$)`, 'y');
const TYPES = ['gauge', 'counter', 'histogram', 'summary', 'untyped'];
/** What the names of a family's samples end with. */
const SUFFIXES = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] };

function readLabels(text, fail) {
  const labels = {};
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const found = PAIR.exec(text);
    if (!found) {
      fail(`labels {${text}}`);
      return labels;
    }
    if (Object.hasOwn(labels, found[1])) fail(`label ${found[1]} twice`);
    labels[found[1]] = found[2];
  }
  return labels;
}

function readValue(text, fail) {
  if (text === '+Inf') return Infinity;
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text)) fail(`value ${text}`);
  return Number(text);
}

const sorted = (labels) => JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The buckets of each histogram rise, the last is +Inf and equals _count, and there is a _sum. */
function checkHistogram({ name, samples }, fail) {
  const groups = new Map();
  for (const { name: full, labels: { le, ...rest }, value } of samples) {
    const key = sorted(rest);
    if (!groups.has(key)) groups.set(key, { buckets: [] });
    if (full.endsWith('_bucket')) groups.get(key).buckets.push([le === '+Inf' ? Infinity : Number(le), value]);
    else groups.get(key)[full.slice(name.length)] = value;
  }
  for (const [key, { buckets, _count: count, _sum: sum }] of groups) {
    const rising = buckets.every(([le, value], at) => at === 0 || (le > buckets[at - 1][0] && value >= buckets[at - 1][1]));
    if (!rising) fail(`buckets of ${name} ${key} do not rise`);
    const [last, all] = buckets.at(-1) ?? [];
    if (last !== Infinity || all !== count) fail(`${name} ${key}: the last bucket is ${last} with ${all}, _count is ${count}`);
    if (!(sum >= 0)) fail(`${name} ${key} has no _sum`);
  }
}

function checkFamily(family, isOpen, fail) {
  const { name, type, help, samples } = family;
  if (!help) fail(`${name} has no HELP`);
  if (!TYPES.includes(type)) fail(`${name} has the type ${type}`);
  if (type === 'counter' && !isOpen && !name.endsWith('_total')) fail(`counter ${name} does not end with _total`);
  if (type !== 'counter' && name.endsWith('_total')) fail(`${type} ${name} ends with _total`);
  if (isOpen && type === 'counter' && name.endsWith('_total')) fail(`the name of the family ${name} ends with _total`);
  const suffixes = SUFFIXES[type] ?? [isOpen && type === 'counter' ? '_total' : ''];
  const seen = new Set();
  for (const { name: full, labels, value } of samples) {
    if (!suffixes.some((suffix) => full === name + suffix)) fail(`${full} is no sample of the ${type} ${name}`);
    const key = `${full}${sorted(labels)}`;
    if (seen.has(key)) fail(`series ${key} twice`);
    seen.add(key);
    if (type === 'counter' && !(value >= 0)) fail(`counter ${full} is ${value}`);
  }
  if (type === 'histogram') checkHistogram(family, fail);
}

/**
 * The families of an exposition by name, and everything in it that is against the rules.
 *
 * @param {string} text
 * @param {boolean} [isOpen] it is OpenMetrics
 * @returns {{ families: Record<string, { type: string, help: string, samples: object[] }>, faults: string[] }}
 */
export function readExposition(text, isOpen = false) {
  const faults = [];
  const fail = (fault) => faults.push(fault);
  const families = {};
  let family = null;
  if (!text.endsWith('\n')) fail('no line feed at the end');
  const lines = text.split('\n').slice(0, -1);
  if (isOpen && lines.pop() !== '# EOF') fail('no # EOF at the end');
  for (const line of lines) {
    const [, keyword, name, rest] = new RegExp(`^# (HELP|TYPE) (${METRIC}) (.+)$`).exec(line) ?? [];
    if (keyword === 'HELP') {
      if (families[name]) fail(`HELP of ${name} twice`);
      family = families[name] = { name, help: rest, type: undefined, samples: [] };
    } else if (keyword === 'TYPE') {
      if (family?.name !== name || family.type !== undefined || family.samples.length > 0) fail(`TYPE of ${name} in the wrong place`);
      else family.type = rest;
    } else if (line === '' && !isOpen) family = null;
    else {
      const [, full, labels = '', value] = SAMPLE.exec(line) ?? [];
      if (!full || !family) fail(`line "${line}"`);
      else family.samples.push({ name: full, labels: readLabels(labels, fail), value: readValue(value, fail) });
    }
  }
  for (const each of Object.values(families)) checkFamily(each, isOpen, fail);
  return { families, faults };
}
