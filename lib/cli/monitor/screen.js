'use strict';

const { stripVTControlCharacters } = require('node:util');

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
const OTHER_SCREEN = '\x1b[?1049h';
const FIRST_SCREEN = '\x1b[?1049l';
const HOME = '\x1b[H';
const REST_OF_LINE = '\x1b[K';
const REST_OF_SCREEN = '\x1b[J';

/** Each line is cleared first: behind a line that fills the width, its last character would go. */
const rows = (lines) => lines.map((line) => `${REST_OF_LINE}${line}`).join('\r\n');

/** The whole terminal, on its second screen: what was there before is there afterwards. */
class FullScreen {
  #out;

  constructor(out) {
    this.#out = out;
  }

  get height() {
    return this.#out.rows;
  }

  enter() {
    this.#out.write(`${OTHER_SCREEN}${HIDE_CURSOR}${NO_WRAP}`);
  }

  draw(lines) {
    this.#out.write(`${HOME}${rows(lines)}${lines.length < this.#out.rows ? `\r\n${REST_OF_SCREEN}` : ''}`);
  }

  leave() {
    this.#out.write(`${WRAP}${SHOW_CURSOR}${FIRST_SCREEN}`);
  }
}

/** The lines below what a command prints: they make room for it, and stand below it again. */
class Panel {
  #out;
  #lines = [];
  #entered = false;
  /** What the command wrote behind its last line break, by where it is meant for. */
  #open = new Map();

  constructor(out) {
    this.#out = out;
  }

  /** A third of the terminal, so that the command's own text is seen. */
  get height() {
    return Math.max(4, Math.floor(this.#out.rows / 3));
  }

  enter() {
    this.#entered = true;
    this.#out.write(`${HIDE_CURSOR}${NO_WRAP}`);
  }

  /** Goes to where the panel begins. A terminal that became narrower has broken its lines. */
  #erase() {
    if (this.#lines.length === 0) return '';
    const up = this.#lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / this.#out.columns)), 0) - 1;
    return `\r${up > 0 ? `\x1b[${up}A` : ''}${REST_OF_SCREEN}`;
  }

  draw(lines) {
    const erased = this.#erase();
    this.#lines = lines;
    this.#out.write(`${erased}${rows(lines)}`);
  }

  /** Writes the whole lines of what the command wrote to where they are meant for. */
  write(text, to) {
    if (!this.#entered) {
      to.write(text);
      return;
    }
    const whole = `${this.#open.get(to) ?? ''}${text}`;
    const end = whole.lastIndexOf('\n') + 1;
    this.#open.set(to, whole.slice(end));
    if (end === 0) return;
    const lines = this.#lines;
    this.#out.write(`${this.#erase()}${WRAP}`);
    this.#lines = [];
    to.write(whole.slice(0, end));
    this.#out.write(NO_WRAP);
    this.draw(lines);
  }

  leave() {
    this.#entered = false;
    this.#out.write(`${this.#erase()}${WRAP}${SHOW_CURSOR}`);
    this.#lines = [];
    for (const [to, text] of this.#open) if (text !== '') to.write(`${text}\n`);
    this.#open.clear();
  }
}

module.exports = { FullScreen, Panel };
