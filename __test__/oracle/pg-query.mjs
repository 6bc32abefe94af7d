// The independent oracle: every call of a pgTAP assertion in a script, found through PostgreSQL's parser.
import { loadModule, parseSync } from 'libpg-query';
import { callsInTree } from './ast.mjs';
import { loadNames } from './catalog.mjs';
import { callsByParser, callsByTokens, nestedBodies } from './plpgsql.mjs';
import { plainSql } from './psql.mjs';
import { decodeString, fromBytes, splitStatements, toBytes, tokenize } from './tokens.mjs';

const DEFAULT_NAMES = loadNames();

/** Offset of the last part of the name at `at`: in `public . ok (`, the place of `ok`. */
function namePlace(source, at, parts) {
  if (parts === 1) return at;
  const names = [];
  for (let i = source.indexAt(at); names.length < parts; i += 1) {
    if (source.tokens[i].text !== '.') names.push(source.tokens[i].start);
  }
  return names.at(-1);
}

/** A piece of SQL with its tokens; `place` leads from an offset in it to one in the file. */
function sourceOf(bytes, place = (at) => at) {
  const tokens = tokenize(bytes);
  const starts = new Map(tokens.map((token, i) => [token.start, i]));
  return { bytes, tokens, place, indexAt: (at) => starts.get(at) };
}

/** Parses the whole; when that fails, each statement by itself, so that a bad one costs only itself. */
function parseAll(source, report) {
  const { bytes } = source;
  if (source.tokens.length === 0) return [];
  try { return [{ tree: parseSync(fromBytes(bytes)), base: 0 }]; } catch { /* statement by statement below */ }
  const trees = [];
  for (const { start, end } of splitStatements(bytes, source.tokens)) {
    const words = source.tokens.filter((token) => token.start >= start && token.end <= end && token.text !== ';');
    if (words.length === 0) continue;
    try {
      trees.push({ tree: parseSync(fromBytes(bytes.slice(start, end))), base: start });
    } catch (error) {
      const [from, to] = [words[0].start, words.at(-1).end - 1].map(source.place);
      report.unparsed.push({ from, to, reason: error.message });
    }
  }
  return trees;
}

/** The string token that is `body`, decoded; null when it is not the simple literal we can place. */
function locateBody(source, body) {
  const token = source.tokens.find(({ kind, start }) => kind === 'string' && start >= body.from);
  const decoded = token && decodeString(token);
  if (!decoded || decoded.bytes !== toBytes(body.text)) return null;
  return { token, bytes: decoded.bytes, place: (i) => source.place(decoded.positions(i)) };
}

const countKey = ({ name, argCount }) => `${name}/${argCount}`;
const multiset = (calls) => calls.map(countKey).sort().join(' ');

/** The text of the statement around offset `at`, which is what the PL/pgSQL parser wants. */
function statementAround(source, at) {
  const { start, end } = splitStatements(source.bytes, source.tokens).find((piece) => at < piece.end);
  return fromBytes(source.bytes.slice(start, end));
}

function scanPlpgsql(source, body, located, context) {
  const { names, report } = context;
  const calls = callsByTokens(located.bytes, names);
  const checked = callsByParser(statementAround(source, body.from), names);
  report.bodies.plpgsql += 1;
  if (checked === null) report.bodies.tokensOnly += 1;
  else if (multiset(checked) !== multiset(calls)) {
    const reason = `PL/pgSQL: tokens say [${multiset(calls)}], the parser says [${multiset(checked)}]`;
    report.unparsed.push({ from: located.place(0), to: located.place(located.bytes.length - 1), reason });
    return;
  }
  addTokenCalls(located, calls, body.inFunction, context);
}

/** Adds the calls of a PL/pgSQL body, and those of the bodies that stand as strings inside it. */
function addTokenCalls({ bytes, place }, calls, inFunction, context) {
  for (const call of calls) context.report.calls.push({ ...call, at: place(call.at), inFunction });
  for (const token of nestedBodies(bytes)) {
    const inner = decodeString(token);
    if (!inner) continue;
    const innerPlace = (i) => place(inner.positions(i));
    const innerCalls = callsByTokens(inner.bytes, context.names);
    addTokenCalls({ bytes: inner.bytes, place: innerPlace }, innerCalls, inFunction, context);
  }
}

function scanBody(source, body, context) {
  const { report } = context;
  if (body.language !== 'sql' && body.language !== 'plpgsql') { report.bodies.other += 1; return; }
  const located = locateBody(source, body);
  if (!located) {
    report.unparsed.push({ from: source.place(body.from), to: source.place(body.from), reason: 'body not located' });
  } else if (body.language === 'plpgsql') {
    scanPlpgsql(source, body, located, context);
  } else {
    report.bodies.sql += 1;
    scanSource(sourceOf(located.bytes, located.place), { ...context, inFunction: body.inFunction });
  }
}

function scanSource(source, context) {
  for (const { tree, base } of parseAll(source, context.report)) {
    const { calls, bodies } = callsInTree(tree, context.names, base, context.inFunction);
    for (const { parts, ...call } of calls) {
      context.report.calls.push({ ...call, at: source.place(namePlace(source, call.at, parts)) });
    }
    for (const body of bodies) scanBody(source, body, context);
  }
}

/** Offsets at which lines start, and a function from an offset to its 1-based line. */
function lineFinder(bytes) {
  const starts = [0];
  for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= offset) low = middle; else high = middle;
    }
    return low + 1;
  };
}

/**
 * Everything the oracle knows about a script (`names` is what `loadNames` returns):
 * - `calls`: `[{ name, line, argCount, wrapper, inFunction }]` in source order;
 * - `unparsed`: `[{ from, to, reason }]`, ranges of lines it cannot judge;
 * - `bodies`: how many function bodies were read, and how.
 */
export async function scanSql(sqlText, { names = DEFAULT_NAMES } = {}) {
  await loadModule();
  const bytes = toBytes(plainSql(sqlText));
  const report = { calls: [], unparsed: [], bodies: { sql: 0, plpgsql: 0, tokensOnly: 0, other: 0 } };
  try {
    scanSource(sourceOf(bytes), { names, report, inFunction: null });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // A tree too deep for this walk: nothing about the file can be judged.
    report.calls = [];
    report.unparsed = [{ from: 0, to: bytes.length, reason: error.message }];
  }
  const lineOf = lineFinder(bytes);
  const calls = report.calls.sort((a, b) => a.at - b.at)
    .map(({ name, at, argCount, wrapper, inFunction }) => ({ name, line: lineOf(at), argCount, wrapper, inFunction }));
  const unparsed = report.unparsed.map(({ from, to, reason }) => ({ from: lineOf(from), to: lineOf(to), reason }));
  return { calls, unparsed, bodies: report.bodies };
}

/** The calls alone, as an array that carries `unparsed` beside them. */
export async function callsOf(sqlText, options) {
  const { calls, unparsed, bodies } = await scanSql(sqlText, options);
  return Object.assign(calls, { unparsed, bodies });
}
