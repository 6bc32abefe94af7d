// Turns a psql script into plain SQL with the same line numbers. It knows just enough of psql's lexer to
// tell what is outside literals and comments, and it is written for the oracle alone.

const ENDS_STATEMENT = /^\\(?:g|gx|gset|gexec|gdesc|crosstabview|watch|sendpipeline)(?![A-Za-z_])/;
const COPY_STDIN = /^\s*copy\b[\s\S]*\bfrom\s+stdin\b/i;
const META_COPY_STDIN = /^\\copy\b.*\bfrom\s+p?stdin\b/i;

/** Ends (exclusive) of the things whose text must stay as it is. `at` points at their first character. */
const OPAQUE = [
  { open: /--/y, end: (sql, at) => upTo(sql, '\n', at, 0) },
  { open: /\/\*/y, end: blockEnd },
  { open: /[eE]'/y, end: (sql, at) => regexEnd(/[eE]'(?:[^'\\]|\\[\s\S]|'')*'?/y, sql, at), needsGap: true },
  { open: /'/y, end: (sql, at) => regexEnd(/'(?:[^']|'')*'?/y, sql, at) },
  { open: /"/y, end: (sql, at) => regexEnd(/"(?:[^"]|"")*"?/y, sql, at) },
  { open: /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y, end: dollarEnd, needsGap: true },
];

function upTo(sql, needle, at, extra) {
  const found = sql.indexOf(needle, at);
  return found < 0 ? sql.length : found + extra;
}

function regexEnd(pattern, sql, at) {
  pattern.lastIndex = at;
  return at + pattern.exec(sql)[0].length;
}

function dollarEnd(sql, at, tag) {
  return upTo(sql, tag, at + tag.length, tag.length);
}

function blockEnd(sql, at) {
  let depth = 0;
  for (let i = at; i < sql.length - 1; i += 1) {
    const pair = sql.slice(i, i + 2);
    if (pair !== '/*' && pair !== '*/') continue;
    depth += pair === '/*' ? 1 : -1;
    i += 1;
    if (depth === 0) return i + 1;
  }
  return sql.length;
}

/** End of a comment, string, quoted name or dollar quote at `at`, or -1. */
function opaqueEnd(sql, at) {
  const glued = at > 0 && /[\w$\u0080-\uffff]/.test(sql[at - 1]);
  for (const { open, end, needsGap } of OPAQUE) {
    if (needsGap && glued) continue;
    open.lastIndex = at;
    const found = open.exec(sql);
    if (found) return end(sql, at, found[0]);
  }
  return -1;
}

const newlinesOf = (text) => text.replace(/[^\n]+/g, '');

/** End of the COPY data that starts on the line after `at`: behind the line `\.`, or the end of the file. */
function copyDataEnd(sql, at) {
  const line = upTo(sql, '\n', at, 0);
  const stop = /\n\\\.[ \t\r]*(?=\n|$)/g;
  stop.lastIndex = line;
  const found = stop.exec(sql);
  return { from: line, to: found ? stop.lastIndex : sql.length };
}

/** A backslash outside literals: `{ end, out }`, what is consumed and what stands for it. */
function metaCommand(sql, at) {
  if (sql.startsWith('\\;', at)) return { end: at + 2, out: ';' };
  const line = sql.slice(at, upTo(sql, '\n', at, 0));
  const separator = line.indexOf('\\\\', 1);
  const end = at + (separator < 0 ? line.length : separator + 2);
  const text = sql.slice(at, end);
  if (META_COPY_STDIN.test(text)) {
    const data = copyDataEnd(sql, at);
    return { end: data.to, out: newlinesOf(sql.slice(at, data.to)) };
  }
  return { end, out: ENDS_STATEMENT.test(text) ? ' ;' : ' ' };
}

// In `a[1:n]` the colon belongs to the slice: it follows an operand directly.
const VARIABLE = /:(?:'(\w+)'|"(\w+)"|\{\?(\w+)\}|([A-Za-z_]\w*))/y;

/** A psql variable at `at`: `{ end, out }` or null. `::` and `:=` never match. */
function variable(sql, at, inBrackets) {
  if (sql[at - 1] === ':') return null;
  VARIABLE.lastIndex = at;
  const found = VARIABLE.exec(sql);
  if (!found) return null;
  const [text, literal, identifier, tested, bare] = found;
  if (bare && inBrackets && /[\w)\]"]/.test(sql[at - 1])) return null;
  const out = literal ? `'${literal}'` : identifier ? `"${identifier}"` : tested ? 'true' : bare;
  return { end: at + text.length, out };
}

/** Reads one element at `at`; `state` carries the text of the current statement and the bracket depth. */
function step(sql, at, state) {
  const opaque = opaqueEnd(sql, at);
  if (opaque >= 0) return { end: opaque, out: sql.slice(at, opaque), quiet: true };
  const char = sql[at];
  if (char === '\\') return metaCommand(sql, at);
  if (char === ':') return variable(sql, at, state.brackets > 0) ?? { end: at + 1, out: ':' };
  if (char === '[') state.brackets += 1;
  if (char === ']') state.brackets -= 1;
  return { end: at + 1, out: char };
}

/** Plain SQL for a psql script; every line keeps its number. */
export function plainSql(script) {
  // The parser takes a C string, so a NUL would end the file; a byte order mark is not SQL.
  const sql = script.replace(/^\uFEFF/, '').replaceAll('\0', ' ');
  const state = { brackets: 0, statement: '' };
  const out = [];
  for (let at = 0; at < sql.length;) {
    const piece = step(sql, at, state);
    out.push(piece.out);
    at = piece.end;
    if (!piece.quiet) state.statement += piece.out;
    if (piece.quiet || !piece.out.endsWith(';')) continue;
    if (COPY_STDIN.test(state.statement)) {
      const data = copyDataEnd(sql, at);
      out.push(sql.slice(at, data.from), newlinesOf(sql.slice(data.from, data.to)));
      at = data.to;
    }
    state.statement = '';
    state.brackets = 0;
  }
  return out.join('');
}
