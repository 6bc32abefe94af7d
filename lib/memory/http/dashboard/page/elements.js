// Elements, texts and numbers. What the server sends only ever becomes text nodes.

const byId = (id) => document.getElementById(id);

/** Characters that hide, break a line or turn the direction of text. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const visible = (text) => String(text).replace(HIDDEN, (found) => `\\u{${found.charCodeAt(0).toString(16)}}`);

/** An element with attributes; those that are `null` are left out, and children that are. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(key, value);
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

/** A name of the program's: isolated, so that its direction stays its own. */
const name = (text) => el('bdi', { class: 'name', title: visible(text) }, visible(text));

/** Changes a text only if it is another: what was selected stays so. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Tells it to those who do not see it. */
const say = (text) => setText(byId('said'), text);

const MB = 1024 * 1024;
const NONE = '\u2013';
const SPACE = '\u00a0';
const known = (value, show) => (value === null || value === undefined ? NONE : show(value));
const number = (value) => value.toLocaleString('en-US');

const bytes = (value) => known(value, (count) => {
  const size = Math.abs(count);
  if (size >= 1024 * MB) return `${(count / 1024 / MB).toFixed(2)}${SPACE}GB`;
  if (size >= MB) return `${(count / MB).toFixed(1)}${SPACE}MB`;
  return size >= 1024 ? `${Math.round(count / 1024)}${SPACE}KB` : `${Math.round(count)}${SPACE}B`;
});
const percent = (value) => known(value, (share) => `${share.toFixed(1)}${SPACE}%`);
const duration = (value) => known(value, (ms) => {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)}${SPACE}s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)}${SPACE}s`;
  return `${ms.toFixed(ms < 10 ? 1 : 0)}${SPACE}ms`;
});
const clock = (at) => known(at, (time) => new Date(time).toLocaleTimeString('en-GB'));
const counted = (count, one) => `${number(count)} ${one}${count === 1 ? '' : 's'}`;

/** `2 h 14 min`. */
function longTime(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1000)}${SPACE}s`;
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return `${days}${SPACE}d ${hours}${SPACE}h`;
  return hours > 0 ? `${hours}${SPACE}h ${minutes % 60}${SPACE}min` : `${minutes}${SPACE}min`;
}
