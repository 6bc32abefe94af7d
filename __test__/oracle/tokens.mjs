// A small tokenizer for SQL and PL/pgSQL, written for the oracle alone. It shares nothing with the
// scanner: a mistake in one should not be able to hide behind the same mistake in the other.
//
// It reads "binary" strings, in which every character is one byte of the UTF-8 text. libpg-query reports
// byte offsets, so with this representation a string index is such an offset.

/** The UTF-8 bytes of `text`, one character each. */
export const toBytes = (text) => Buffer.from(text, 'utf8').toString('latin1');
/** The text that `toBytes` was made from. */
export const fromBytes = (bytes) => Buffer.from(bytes, 'latin1').toString('utf8');

const SPACE = /[ \t\r\n\f\v]+/y;
const WORD = /[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*/y;
const NUMBER = /\d[\w.]*|\.\d\w*/y;
const LINE_COMMENT = /--[^\r\n]*/y;
const PLAIN_STRING = /'(?:[^']|'')*'/y;
const ESCAPE_STRING = /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y;
const PREFIX_STRING = /(?:[bBxXnN]|[uU]&)'(?:[^']|'')*'/y;
const QUOTED_NAME = /(?:[uU]&)?"(?:[^"]|"")*"/y;
const DOLLAR_OPEN = /\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$/y;
const PARAM = /\$\d+/y;
const SYMBOL = /::|:=|=>|\.\.|[\s\S]/y;

function matchAt(pattern, bytes, at) {
  pattern.lastIndex = at;
  const found = pattern.exec(bytes);
  return found ? found[0] : null;
}

/** End of the block comment that opens at `at`; comments nest. */
function blockCommentEnd(bytes, at) {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = at;
  let depth = 0;
  for (let found; (found = edge.exec(bytes));) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return bytes.length;
}

/** The dollar-quoted string at `at`, or null. */
function dollarString(bytes, at) {
  const tag = matchAt(DOLLAR_OPEN, bytes, at);
  if (!tag) return null;
  const close = bytes.indexOf(tag, at + tag.length);
  const end = close < 0 ? bytes.length : close + tag.length;
  return { kind: 'string', style: 'dollar', tag, start: at, end };
}

const LITERALS = [
  [ESCAPE_STRING, 'string', 'escape'], [PREFIX_STRING, 'string', 'prefix'], [PLAIN_STRING, 'string', 'plain'],
  [QUOTED_NAME, 'quoted', ''], [WORD, 'word', ''], [NUMBER, 'number', ''], [PARAM, 'param', ''],
];

function tokenAt(bytes, at) {
  for (const [pattern, kind, style] of LITERALS) {
    const text = matchAt(pattern, bytes, at);
    if (text) return { kind, style, start: at, end: at + text.length };
  }
  const dollar = bytes[at] === '$' ? dollarString(bytes, at) : null;
  if (dollar) return dollar;
  return { kind: 'symbol', style: '', start: at, end: at + matchAt(SYMBOL, bytes, at).length };
}

/** Length of white space or a comment at `at`, 0 when there is none. */
function skipLength(bytes, at) {
  const blank = matchAt(SPACE, bytes, at) ?? matchAt(LINE_COMMENT, bytes, at);
  if (blank) return blank.length;
  return bytes.startsWith('/*', at) ? blockCommentEnd(bytes, at) - at : 0;
}

/** All tokens, without white space and comments: `{ kind, style, start, end, text }`. */
export function tokenize(bytes) {
  const tokens = [];
  for (let at = 0; at < bytes.length;) {
    const skip = skipLength(bytes, at);
    if (skip) { at += skip; continue; }
    const token = tokenAt(bytes, at);
    token.text = bytes.slice(token.start, token.end);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

/** The identifier a token stands for (folded when unquoted), or null when it is no identifier. */
export function identifierOf(token) {
  if (token?.kind === 'word') return token.text.toLowerCase();
  if (token?.kind === 'quoted' && token.text[0] === '"') return token.text.slice(1, -1).replaceAll('""', '"');
  return null;
}

const SIMPLE_ESCAPES = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** Decodes one element of a quoted string: `[decoded, length in the source]`. */
function decodeOne(bytes, at, escapes) {
  if (bytes.startsWith("''", at)) return ["'", 2];
  if (!escapes || bytes[at] !== '\\') return [bytes[at], 1];
  const next = bytes[at + 1];
  return [SIMPLE_ESCAPES[next] ?? next, 2];
}

/**
 * What a string token says, with a way back to the source: `{ bytes, positions }`, where `positions(i)` is
 * the source offset of the i-th decoded byte. Null for the forms that are never used for a function body.
 */
export function decodeString(token) {
  if (token.style === 'dollar') {
    const shift = token.tag.length;
    return { bytes: token.text.slice(shift, -shift), positions: (i) => token.start + shift + i };
  }
  if (token.style === 'prefix') return null;
  const escapes = token.style === 'escape';
  const where = [];
  let bytes = '';
  for (let at = escapes ? 2 : 1; at < token.text.length - 1;) {
    const [piece, length] = decodeOne(token.text, at, escapes);
    where.push(token.start + at);
    bytes += piece;
    at += length;
  }
  return { bytes, positions: (i) => where[i] ?? token.end };
}

const OPEN = new Set(['(', '[']);
const CLOSE = new Set([')', ']']);

/** How `BEGIN ATOMIC ... END` and the CASEs inside it change the nesting depth at token `i`. */
function atomicStep(tokens, i, depth) {
  const word = tokens[i].kind === 'word' ? tokens[i].text.toLowerCase() : '';
  if (word === 'begin') return tokens[i + 1]?.text.toLowerCase() === 'atomic' ? 1 : 0;
  if (depth === 0) return 0;
  return word === 'case' ? 1 : word === 'end' ? -1 : 0;
}

/** Byte ranges of the statements: cut at semicolons outside parentheses and BEGIN ATOMIC bodies. */
export function splitStatements(bytes, tokens = tokenize(bytes)) {
  const pieces = [];
  let start = 0;
  let parens = 0;
  let atomic = 0;
  for (let i = 0; i < tokens.length; i += 1) {
    const { text, kind, end } = tokens[i];
    atomic += atomicStep(tokens, i, atomic);
    if (kind !== 'symbol') continue;
    if (OPEN.has(text)) parens += 1;
    if (CLOSE.has(text)) parens = Math.max(0, parens - 1);
    if (text !== ';' || parens || atomic) continue;
    pieces.push({ start, end });
    start = end;
  }
  if (tokens.length && tokens.at(-1).end > start) pieces.push({ start, end: bytes.length });
  return pieces;
}
