// Compares what the scanner lists with what the oracle lists.

const keyOf = (name, line, argCount) => `${name}:${line}:${argCount}`;

/** Is `line` in one of the ranges that the oracle could not judge? */
const isUnjudged = (ranges, line) => ranges.some(({ from, to }) => line >= from && line <= to);

/** Scanner assertions that stand for a call in the text: no expansions of helpers, nothing from comments. */
function comparable(assertions, ranges) {
  const own = assertions.filter((assertion) => !assertion.helper && !assertion.commented);
  const kept = own.filter((assertion) => !isUnjudged(ranges, assertion.lineNumber));
  return { kept, leftOut: own.length - kept.length };
}

/**
 * Multiset comparison on (name, line, number of arguments).
 * `missing`: the oracle has them and the scanner not; `extra`: the other way round; `leftOut`: how many of the
 * scanner's were not compared because the oracle could not parse those lines.
 */
export function compareFile(scannerAssertions, oracleCalls) {
  const { kept, leftOut } = comparable(scannerAssertions, oracleCalls.unparsed ?? []);
  const waiting = new Map();
  for (const call of oracleCalls.filter(({ line }) => !isUnjudged(oracleCalls.unparsed ?? [], line))) {
    const key = keyOf(call.name, call.line, call.argCount);
    waiting.set(key, [...(waiting.get(key) ?? []), call]);
  }
  const extra = [];
  let matched = 0;
  for (const { type, lineNumber, parameters } of kept) {
    const key = keyOf(type, lineNumber, parameters.length);
    if (waiting.get(key)?.pop()) matched += 1;
    else extra.push({ name: type, line: lineNumber, argCount: parameters.length });
  }
  return { matched, missing: [...waiting.values()].flat(), extra, leftOut };
}
