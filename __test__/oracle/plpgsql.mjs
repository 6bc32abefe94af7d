// Bodies in PL/pgSQL are counted in two ways that know nothing of each other:
//  1. by tokens: `name (` outside strings and comments. This gives lines, and is what is reported;
//  2. by PostgreSQL's PL/pgSQL parser, whose expressions are parsed as SQL. This gives no lines (the parser
//     returns the text of an expression but not its place), so it serves to check the first.
import { parsePlPgSQLSync, parseSync } from 'libpg-query';
import { PGTAP_SCHEMAS } from './catalog.mjs';
import { callsInTree } from './ast.mjs';
import { identifierOf, tokenize } from './tokens.mjs';

// A name between one of these and `(` is being defined or named, not called.
const NOT_A_CALL = new Set([
  'function', 'procedure', 'routine', 'aggregate', 'table', 'into', 'references', 'index', 'view',
  'type', 'trigger', 'with', 'recursive', 'as', 'cursor',
]);

const OPEN = { '(': ')', '[': ']' };

/** Index of the bracket that closes the one at token `open`, or the number of tokens. */
function closingIndex(tokens, open) {
  const stack = [];
  for (let i = open; i < tokens.length; i += 1) {
    if (tokens[i].kind !== 'symbol') continue;
    const { text } = tokens[i];
    if (OPEN[text]) stack.push(OPEN[text]);
    else if (text === stack.at(-1)) stack.pop();
    if (stack.length === 0) return i;
  }
  return tokens.length;
}

/** Token ranges `[from, to)` of the arguments between `open` and `close`. */
function argumentRanges(tokens, open, close) {
  if (close <= open + 1) return [];
  const ranges = [];
  let from = open + 1;
  for (let i = from; i < close; i += 1) {
    const { kind, text } = tokens[i];
    if (kind === 'symbol' && OPEN[text]) i = closingIndex(tokens, i);
    else if (kind === 'symbol' && text === ',') { ranges.push([from, i]); from = i + 1; }
  }
  ranges.push([from, close]);
  return ranges;
}

/** The first token of a possibly qualified name that ends at token `i`, or -1 for a foreign qualifier. */
function qualifiedStart(tokens, i) {
  if (tokens[i - 1]?.text !== '.') return i;
  const foreign = !PGTAP_SCHEMAS.has(identifierOf(tokens[i - 2])) || tokens[i - 3]?.text === '.';
  return foreign ? -1 : i - 2;
}

/** The call whose name is token `i`, or null. */
function callAt(tokens, i, { assertions, controls }) {
  if (tokens[i + 1]?.text !== '(') return null;
  const name = identifierOf(tokens[i]);
  if (!assertions.has(name) && !controls.has(name)) return null;
  const first = qualifiedStart(tokens, i);
  if (first < 0 || NOT_A_CALL.has(identifierOf(tokens[first - 1]))) return null;
  const close = closingIndex(tokens, i + 1);
  return { name, nameAt: i, first, last: close, ranges: argumentRanges(tokens, i + 1, close) };
}

/** The argument without a leading `name =>` or `name :=` and without parentheses around all of it. */
function bareArgument(tokens, [from, to]) {
  if (/^(=>|:=)$/.test(tokens[from + 1]?.text ?? '')) return bareArgument(tokens, [from + 2, to]);
  const wrapped = tokens[from]?.text === '(' && closingIndex(tokens, from) === to - 1;
  return wrapped ? bareArgument(tokens, [from + 1, to - 1]) : [from, to];
}

/** Applies the nesting rule: an assertion that holds another as an argument lends it its name. */
function dropOuter(tokens, calls, { assertions }) {
  const byStart = new Map(calls.filter((call) => assertions.has(call.name)).map((call) => [call.first, call]));
  const outer = new Set();
  for (const call of calls) {
    for (const range of call.ranges) {
      const [from, to] = bareArgument(tokens, range);
      const inner = byStart.get(from);
      if (!inner || inner.last !== to - 1) continue;
      inner.wrapper = call.name;
      outer.add(call);
    }
  }
  return calls.filter((call) => assertions.has(call.name) && !outer.has(call));
}

/** Calls by tokens: `[{ name, at, argCount, wrapper }]`; `at` is the offset of the name in `bytes`. */
export function callsByTokens(bytes, names) {
  const tokens = tokenize(bytes);
  const calls = [];
  tokens.forEach((_, i) => { const call = callAt(tokens, i, names); if (call) calls.push(call); });
  return dropOuter(tokens, calls, names).map((call) => ({
    name: call.name,
    at: tokens[call.nameAt].start,
    argCount: call.ranges.length,
    wrapper: call.wrapper ?? null,
  }));
}

/** String tokens in `bytes` that are bodies of a nested DO or CREATE FUNCTION. */
export function nestedBodies(bytes) {
  const tokens = tokenize(bytes);
  const isBody = (token, i) => token.kind === 'string'
    && (/^do$/i.test(tokens[i - 1]?.text ?? '') || (/^as$/i.test(tokens[i - 1]?.text ?? '') && definesFunction(tokens, i)));
  return tokens.filter(isBody);
}

function definesFunction(tokens, i) {
  for (let k = i; k >= 0 && tokens[k].text !== ';'; k -= 1) {
    if (/^(function|procedure)$/i.test(tokens[k].text)) return true;
  }
  return false;
}

function expressionsOf(node, out = []) {
  if (node === null || typeof node !== 'object') return out;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'PLpgSQL_expr') out.push(value);
    else expressionsOf(value, out);
  }
  return out;
}

/** The SQL statement that stands for a PL/pgSQL expression, or null when it holds none (a type name). */
function statementOf({ query, parseMode = 0 }) {
  if (parseMode === 0) return query;
  if (parseMode === 1) return null;
  // Above 2 the text is an assignment; only what stands right of the sign can hold a call.
  return `SELECT ${parseMode === 2 ? query : query.replace(/^[^=]*?:?=/, '')}`;
}

/**
 * Calls by PostgreSQL's own parsers, without places: `[{ name, argCount }]`, or null when the PL/pgSQL parser
 * refuses the statement. `statement` is the whole CREATE FUNCTION or DO.
 */
export function callsByParser(statement, names) {
  let functions;
  try { functions = parsePlPgSQLSync(statement); } catch { return null; }
  const calls = [];
  for (const expression of expressionsOf(functions)) {
    const sql = statementOf(expression);
    if (sql === null) continue;
    let tree;
    try { tree = parseSync(sql); } catch { return null; }
    calls.push(...callsInTree(tree, names).calls);
  }
  return calls;
}
