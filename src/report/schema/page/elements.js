// Elements, texts and numbers. Text from the data only ever becomes text nodes.

/** Characters that hide, break a line or turn the direction of text, as the text report shows them. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const SHORT = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const visible = (text) => text.replace(HIDDEN, (c) => SHORT[c] ?? `\\u{${c.charCodeAt(0).toString(16)}}`);

/** An element; `options` are attributes, functions among them listeners. Children that are `null` are left out. */
function el(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A name: isolated, so that its direction stays its own. */
const name = (text, options) => el('bdi', { class: 'name', ...options }, visible(text));
const link = (hash, options, ...children) => el('a', { href: hash, ...options }, ...children);

const number = (n) => n.toLocaleString('en-US');
const percent = (p) => `${p.toFixed(1)}\u00a0%`;
const counted = (n, one, several = `${one}s`) => `${number(n)} ${n === 1 ? one : several}`;
const button = (text, click, options) => el('button', { type: 'button', click, ...options }, text);

/** Tells it to those who do not see it. */
function say(text) {
  document.getElementById('said').textContent = text;
}

/** What a state looks like beside its colour. */
const STATES = {
  asserted: { mark: '\u25cf', text: 'an assertion is about it' },
  exercised: { mark: '\u25d0', text: 'tests use it, no assertion is about it' },
  untested: { mark: '\u25cb', text: 'no test is about it' },
};

const badge = (state) => el('span', { class: `state ${state}` }, el('span', { 'aria-hidden': 'true' }, STATES[state].mark), ` ${state}`);

/** Asserted, exercised and untested as parts of one bar. */
function bar({ total, asserted, exercised, untested }, options) {
  const part = (state, count) => {
    const element = el('span', { class: state });
    element.style.flexGrow = String(count);
    return count > 0 ? element : null;
  };
  const label = `${number(asserted)} asserted, ${number(exercised)} exercised, ${number(untested)} untested`;
  const parts = [part('asserted', asserted), part('exercised', exercised), part('untested', untested)];
  return el('span', { class: 'bar', role: 'img', 'aria-label': label, title: label, ...options }, total > 0 ? parts : null);
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without the permission, as in some frames, the old way still works.
    const area = el('textarea', { class: 'unseen' });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  say(`${what} copied`);
}

/** A button that copies, and says so where it is looked at. */
function copyButton(text, title, what) {
  const element = button(title, async () => {
    await copy(text(), what);
    element.textContent = 'Copied';
    setTimeout(() => { element.textContent = title; }, 1500);
  }, { class: 'copy' });
  return element;
}

const suggestion = (sql) => el('div', { class: 'sql' }, el('pre', { tabindex: '0' }, el('code', {}, sql)), copyButton(() => sql, 'Copy', 'Suggested test'));
