// Finds calls in the parse tree that libpg-query returns. No source text is needed here: positions are
// those of the tree, and the caller turns them into lines.
import { PGTAP_SCHEMAS } from './catalog.mjs';

const stringOf = (node) => node?.String?.sval ?? null;

/** The name of a called function when it may be one of pgTAP's, else null. */
function pgtapName(call) {
  const parts = (call.funcname ?? []).map(stringOf);
  const name = parts.at(-1);
  if (parts.length === 1) return name;
  return parts.length === 2 && PGTAP_SCHEMAS.has(parts[0]) ? name : null;
}

/** The call that an argument directly is (`f(x)` or `a => f(x)`), or null. */
function directCall(argument) {
  return argument.FuncCall ?? argument.NamedArgExpr?.arg?.FuncCall ?? null;
}

/** Notes one call. An assertion around another assertion only lends its name to the inner one. */
function visitCall(call, context) {
  const name = pgtapName(call);
  const { assertions, controls } = context.names;
  if (!assertions.has(name) && !controls.has(name)) return;
  let wraps = false;
  for (const argument of call.args ?? []) {
    const inner = directCall(argument);
    if (!inner || !assertions.has(pgtapName(inner))) continue;
    context.wrapperOf.set(inner, name);
    wraps = true;
  }
  if (wraps || !assertions.has(name)) return;
  context.found.push({
    name,
    at: (call.location ?? 0) + context.base,
    parts: call.funcname.length,
    argCount: (call.args ?? []).length,
    wrapper: context.wrapperOf.get(call) ?? null,
    inFunction: context.inFunction,
  });
}

const optionsOf = (list) => Object.fromEntries((list ?? []).map(({ DefElem }) => [DefElem.defname, DefElem]));

/** The body of CREATE FUNCTION / PROCEDURE given as a string, or null (C functions, BEGIN ATOMIC). */
function functionBody(statement, context) {
  const { as, language } = optionsOf(statement.options);
  const items = as?.arg?.List?.items ?? [];
  if (items.length !== 1) return null;
  return {
    text: stringOf(items[0]),
    from: (as.location ?? 0) + context.base,
    language: stringOf(language?.arg)?.toLowerCase() ?? 'sql',
    inFunction: statement.funcname.map(stringOf).join('.'),
  };
}

function doBody(statement, context) {
  const { as, language } = optionsOf(statement.args);
  return {
    text: stringOf(as?.arg),
    from: (as?.location ?? 0) + context.base,
    language: stringOf(language?.arg)?.toLowerCase() ?? 'plpgsql',
    inFunction: 'DO',
  };
}

function visitFunction(statement, context) {
  const body = functionBody(statement, context);
  if (body) context.bodies.push(body);
  const { sql_body: sqlBody, ...rest } = statement;
  walk(rest, context);
  const outer = context.inFunction;
  context.inFunction = statement.funcname.map(stringOf).join('.');
  walk(sqlBody, context);
  context.inFunction = outer;
}

function walk(node, context) {
  if (node === null || typeof node !== 'object') return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'CreateFunctionStmt') { visitFunction(value, context); continue; }
    if (key === 'DoStmt') context.bodies.push(doBody(value, context));
    if (key === 'FuncCall') visitCall(value, context);
    walk(value, context);
  }
}

/**
 * Calls and function bodies of one parse result. `base` is added to every position.
 * `{ calls: [{ name, at, parts, argCount, wrapper, inFunction }], bodies: [{ text, from, language, inFunction }] }`
 */
export function callsInTree(tree, names, base = 0, inFunction = null) {
  const context = { names, base, inFunction, found: [], bodies: [], wrapperOf: new Map() };
  walk(tree.stmts ?? [], context);
  return { calls: context.found, bodies: context.bodies };
}
