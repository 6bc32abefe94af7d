// The names the oracle looks for. They come from the repository's own catalogue, so that a function
// added there is checked at once.
import { readFileSync } from 'node:fs';

const CATALOG = new URL('../../src/pgtap/catalog.tsv', import.meta.url);

// Not pgTAP's own, but suites and helper libraries use them (see the contract's section on targets).
// The catalogue may or may not list them yet; the oracle must not depend on that.
const NOT_PGTAP_OWN = [
  'policy_exists', 'is_rls_enabled', 'index_is_on', 'is_trigger_on',
  'trigger_fires_on', 'trigger_is_for', 'hasnt_unique',
];

/** Schemas in which people install pgTAP. A call with any other qualifier is somebody else's function. */
export const PGTAP_SCHEMAS = new Set(['public', 'extensions', 'tap', 'pgtap']);

/** Rows of the catalogue as `{ name, group }`, read by column title so that added columns do no harm. */
function catalogRows(text) {
  const [head, ...lines] = text.split(/\r?\n/).filter((line) => line && !line.startsWith('#'));
  const titles = head.split('\t');
  const name = titles.indexOf('function');
  const group = titles.indexOf('group');
  if (name < 0 || group < 0) throw new Error('catalog.tsv: columns "function" and "group" are needed');
  return lines.map((line) => line.split('\t')).map((cells) => ({ name: cells[name], group: cells[group] }));
}

/** `{ assertions, controls }`: two disjoint sets of function names. */
export function loadNames(path = CATALOG) {
  const rows = catalogRows(readFileSync(path, 'utf8'));
  const assertions = new Set(NOT_PGTAP_OWN);
  for (const row of rows) if (row.group === 'object' || row.group === 'value') assertions.add(row.name);
  const controls = new Set(rows.map((row) => row.name).filter((name) => !assertions.has(name)));
  return { assertions, controls };
}
