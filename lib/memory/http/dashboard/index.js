'use strict';

const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const read = (name) => readFileSync(join(__dirname, 'page', name), 'utf8');
const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** In the order in which they need each other. */
const PROGRAM_FILES = ['elements.js', 'connection.js', 'chart.js', 'views.js', 'actions.js', 'page.js'];

/** Only this program and these styles, by their hashes, and no server but this one. */
function policy(style, program) {
  return [
    "default-src 'none'", `script-src ${hash(program)}`, `style-src ${hash(style)}`, "connect-src 'self'", 'img-src data:',
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ].join('; ');
}

function build() {
  const style = read('page.css');
  const program = `'use strict';\n(() => {\n${PROGRAM_FILES.map(read).join('')}})();\n`;
  const parts = { style, program };
  const body = read('page.html').replace(/<!--\{(\w+)\}-->/g, (_, name) => parts[name]);
  return Object.freeze({
    headers: Object.freeze({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy(style, program),
      'Referrer-Policy': 'no-referrer',
    }),
    body,
  });
}

let page;

/** The page: headers and body of the answer. It is the same for every server, and put together once. */
const dashboardPage = () => (page ??= build());

module.exports = { dashboardPage };
