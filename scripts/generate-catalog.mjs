#!/usr/bin/env node
// Writes src/pgtap/catalog_table.rs from the two catalogue files beside it.
//   node scripts/generate-catalog.mjs           write the table
//   node scripts/generate-catalog.mjs --check   exit 1 when the table is out of date
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('../src/pgtap/', import.meta.url)
const output = new URL('catalog_table.rs', folder)

const TYPES = {
  name: 'Name', text: 'Text', varchar: 'Varchar', bpchar: 'Bpchar', 'name[]': 'NameArray', 'text[]': 'TextArray',
  'varchar[]': 'VarcharArray', 'int4[]': 'Int4Array', int4: 'Int4', numeric: 'Numeric', oid: 'Oid', regtype: 'Regtype',
  bool: 'Bool', refcursor: 'Refcursor', anyelement: 'AnyElement', anyarray: 'AnyArray', record: 'Record',
}
const VERSIONS = { '-': 'V1_2', '1.2 or earlier': 'V1_2', '1.3.0': 'V1_3_0', '1.3.1': 'V1_3_1', '1.3.4': 'V1_3_4' }
const POLARITIES = { '-': 'None', positive: 'Positive', absence: 'Absence', negative_property: 'NegativeProperty' }
const GROUPS = { object: 'Object', value: 'Value', control: 'Control' }
const NOTES = { '': '', 'runtime-dispatch': '.runtime_dispatch()', 'not-pgtap': '.not_pgtap()', 'label-only': '.label_only()' }

// The few functions whose parameters have names, as [role, name]. pgTAP leaves the others nameless.
const COLUMN_NAMES = [['schema', 'schema_name'], ['table', 'table_name'], ['column', 'column_name'], ['desc', 'description']]
const PARAMETER_NAMES = {
  col_not_null: COLUMN_NAMES,
  col_is_null: COLUMN_NAMES,
  finish: [['exception_on_failure', 'exception_on_failure']],
  diag: [['msg', 'msg']],
  todo: [['why', 'why'], ['how_many', 'how_many']],
  skip: [['why', 'why'], ['how_many', 'how_many']],
}

/** skip() has names in one of its signatures only; VARIADIC parameters have none. */
function isNamed(row, variadic) {
  return row.function in PARAMETER_NAMES && !variadic && (row.function !== 'skip' || row.types === 'text|int4')
}

function fail(message) {
  console.error(`generate-catalog: ${message}`)
  process.exit(1)
}

function known(table, key, what, row) {
  if (!Object.hasOwn(table, key)) fail(`${row.function}: unknown ${what} ${JSON.stringify(key)}`)
  return table[key]
}

function readRows(file) {
  const [header, ...lines] = readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n').map((line) => line.split('\t'))
  return lines.map((cells) => Object.fromEntries(header.map((column, i) => [column, cells[i] ?? ''])))
}

const list = (cell) => (cell === '' ? [] : cell.split('|'))

function camel(spelling) {
  const words = spelling.replace('[]', '').replace('/', '_or_').split('_')
  return words.map((word) => word[0].toUpperCase() + word.slice(1)).join('')
}

/** Spelling -> Rust variant. `msg` and `msg[]` would share one, so the array of such a pair gets a suffix. */
function variants(spellings) {
  const names = new Map()
  const taken = new Set()
  for (const spelling of [...new Set(spellings)].sort()) {
    const name = taken.has(camel(spelling)) ? `${camel(spelling)}List` : camel(spelling)
    if (taken.has(name)) fail(`two spellings become ${name}`)
    taken.add(name)
    names.set(spelling, name)
  }
  return names
}

/** One function per name. What belongs to the function must be the same in all its rows. */
function groupRows(rows) {
  const functions = new Map()
  for (const row of rows) {
    const same = functions.get(row.function) ?? []
    for (const column of ['group', 'object_kind', 'polarity', 'aspect']) {
      if (same.length > 0 && same[0][column] !== row[column]) fail(`${row.function}: rows differ in ${column}`)
    }
    functions.set(row.function, [...same, row])
  }
  return functions
}

/** Bit i stands for argument i. The catalogue must list the roles in the order of the arguments. */
function positions(row, column) {
  const roles = list(row.roles)
  const wanted = list(row[column])
  const bits = roles.map((role) => wanted.includes(role))
  if (roles.filter((_, i) => bits[i]).join() !== wanted.join()) fail(`${row.function}: ${column} is not in argument order`)
  return bits.reduce((mask, bit, i) => (bit ? mask | (1 << i) : mask), 0)
}

function checkArity(row, types) {
  const optional = types.filter((type) => type.endsWith('?')).length
  const variadic = types.some((type) => type.startsWith('*'))
  const most = variadic ? 'n' : types.length
  if (`${types.length - optional}..${most}` !== row.nargs) fail(`${row.function}: ${row.types} does not take ${row.nargs}`)
  if (types.slice(0, types.length - optional).some((type) => type.endsWith('?'))) fail(`${row.function}: optional before required`)
  if (types.slice(0, -1).some((type) => type.startsWith('*'))) fail(`${row.function}: VARIADIC is not last`)
  if (types.length > 8) fail(`${row.function}: more than 8 arguments do not fit into Positions`)
  return { optional, variadic }
}

function overload(row, roleNames) {
  const types = list(row.types)
  const roles = list(row.roles)
  if (types.length !== roles.length) fail(`${row.function}: ${roles.length} roles for ${types.length} types`)
  const { optional, variadic } = checkArity(row, types)
  const roleList = roles.map((role) => `R::${roleNames.get(role)}`).join(', ')
  const typeList = types.map((type) => `T::${known(TYPES, type.replace(/^\*|\?$/g, ''), 'type', row)}`).join(', ')
  const masks = ['target_roles', 'secondary_target_roles', 'expected_value_roles'].map((column) => positions(row, column))
  const since = known(VERSIONS, row.since, 'version', row)
  return [
    `o(&[${roleList}], &[${typeList}])`,
    masks.some(Boolean) ? `.covers(${masks.join(', ')})` : '',
    optional ? `.optional(${optional})` : '',
    variadic ? '.variadic()' : '',
    isNamed(row, variadic) ? '.named()' : '',
    since === 'V1_2' ? '' : `.since(Since::${since})`,
    known(NOTES, row.note, 'note', row),
  ].join('')
}

function functionText([name, rows], roleNames, kinds, aspects) {
  if (rows.length > 32) fail(`${name}: more than 32 overloads do not fit into a candidate set`)
  const [row] = rows
  const own = rows.every((r) => r.note === 'not-pgtap' || r.note === 'label-only') ? 'Extra' : 'PgTap'
  const named = (PARAMETER_NAMES[name] ?? []).map(([role, parameter]) => `(R::${roleNames.get(role)}, "${parameter}")`)
  return [
    `    Function { name: "${name}", group: Group::${known(GROUPS, row.group, 'group', row)}, kind: ObjectKind::${kinds.get(row.object_kind)},`,
    `        polarity: Polarity::${known(POLARITIES, row.polarity, 'polarity', row)}, aspect: Aspect::${aspects.get(row.aspect)},`,
    `        own: Origin::${own}, parameter_names: &[${named.join(', ')}], overloads: &[`,
    ...rows.map((r) => `        ${overload(r, roleNames)},`),
    '    ] },',
  ].join('\n')
}

// The hash of catalog.rs: the two ends of the name, lower-cased by setting bit 5, folded to 32 bits.
// Reading the ends costs two loads whatever the length; the perfect hash proves that they tell all names apart.
const M64 = (1n << 64n) - 1n
const CASE = 0x2020202020202020n
const FOLD = 0x9e3779b97f4a7c15n

function chunk(name, from, length) {
  return [...name.slice(from, from + length)].reduce((word, c, i) => word | (BigInt(c.charCodeAt(0)) << BigInt(8 * i)), 0n)
}

function fold(name) {
  const length = name.length >= 8 ? 8 : name.length >= 4 ? 4 : 2
  const head = chunk(name, 0, length) | CASE
  const tail = chunk(name, name.length - length, length) | CASE
  const turn = BigInt(name.length % 32)
  const turned = ((tail << turn) | (tail >> (64n - turn))) & M64
  return Number(((((head * FOLD) & M64) ^ turned) * FOLD & M64) >> 32n)
}

function perfectHash(names) {
  const folded = names.map(fold)
  for (const bits of [11, 12, 13]) {
    for (let seed = 1; seed < 8_000_000; seed += 2) {
      const multiplier = Math.imul(seed, 0x9e3779b1) >>> 0
      const slots = new Uint8Array(1 << bits).fill(255)
      if (folded.every((key, id) => place(slots, Math.imul(key, multiplier) >>> (32 - bits), id))) return { bits, multiplier, slots }
    }
  }
  return fail('no perfect hash found')
}

function place(slots, slot, id) {
  if (slots[slot] !== 255) return false
  slots[slot] = id
  return true
}

function hashText(names) {
  if (names.length > 254) fail('more than 254 functions do not fit into one byte')
  const longest = Math.max(...names.map((name) => name.length))
  if (longest > 31 || names.some((name) => !/^[a-z][a-z0-9_]+$/.test(name))) fail('a name does not fit the length table')
  const { bits, multiplier, slots } = perfectHash(names)
  const lengths = new Array(26).fill(0)
  for (const name of names) lengths[name.charCodeAt(0) - 97] |= 1 << name.length
  const rows = []
  for (let i = 0; i < slots.length; i += 32) rows.push(`    ${[...slots.slice(i, i + 32)].join(', ')},`)
  return `pub(super) const FOLD: u64 = 0x${FOLD.toString(16)};
pub(super) const MULTIPLIER: u32 = 0x${multiplier.toString(16)};
pub(super) const SHIFT: u32 = ${32 - bits};

/// For each first letter the lengths that occur: bit n stands for length n.
pub(super) static LENGTHS: [u32; 26] = [
${Array.from({ length: 3 }, (_, i) => `    ${lengths.slice(i * 9, i * 9 + 9).map((mask) => `0x${(mask >>> 0).toString(16)}`).join(', ')},`).join('\n')}
];

/// Slot of the hash -> index into FUNCTIONS; 255 is an empty slot.
pub(super) static SLOTS: [u8; ${slots.length}] = [
${rows.join('\n')}
];`
}

function enumText(name, doc, names) {
  return `spelled! {
    /// ${doc}
    ${name} {
${[...names].map(([spelling, variant]) => `        ${variant} = "${spelling}",`).join('\n')}
    }
}`
}

function generate() {
  const rows = [...readRows('catalog.tsv'), ...readRows('catalog_extra.tsv')]
  const functions = [...groupRows(rows)]
  const roleNames = variants(rows.flatMap((row) => list(row.roles)))
  const kinds = variants(rows.map((row) => row.object_kind))
  const aspects = variants(rows.map((row) => row.aspect))
  return `// Generated by scripts/generate-catalog.mjs from catalog.tsv and catalog_extra.tsv; do not edit.
// pgTAP 1.3.5: ${functions.length} functions, ${rows.length} overloads. An overload without .since() came with 1.2 or earlier.

use super::catalog::{Function, Group, Origin, Overload, Polarity, Since, SqlType as T, spelled};
use Role as R;

${enumText('Role', 'What one argument of an assertion is. `desc` is the description.', roleNames)}

${enumText('ObjectKind', 'What kind of thing a function tests or, for the other groups, does.', kinds)}

${enumText('Aspect', 'Which side of the object a function tests.', aspects)}

${hashText(functions.map(([name]) => name))}

const fn o(roles: &'static [R], types: &'static [T]) -> Overload {
    Overload::new(roles, types)
}

pub(super) static FUNCTIONS: [Function; ${functions.length}] = [
${functions.map((entry) => functionText(entry, roleNames, kinds, aspects)).join('\n')}
];
`
}

const text = generate()
if (!process.argv.includes('--check')) writeFileSync(output, text)
else if (readFileSync(output, 'utf8') !== text) fail(`${fileURLToPath(output)} is out of date; run node scripts/generate-catalog.mjs`)
