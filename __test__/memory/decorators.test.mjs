// ProfileMemory in TypeScript: both dialects of decorators compile, and what comes out works.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';

import { suiteFolder } from '../suite-folder.mjs';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = join(ROOT, '__test__', 'types', 'decorators');
/** The newest TypeScript for what most programs run on and what decorators are compiled furthest down for; the one before it. */
const COMPILERS = [['typescript', 'es2022'], ['typescript', 'es2017'], ['typescript5', 'es2022']];

/** Compiles a program of the folder, runs it with the package installed beside it, and answers what it prints. */
async function compiled(t, compiler, target, dialect) {
  const root = suiteFolder(t);
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(ROOT, join(root, 'node_modules', 'pgtap-scanner'), 'junction');
  const project = join(SOURCES, `tsconfig.${dialect}.json`);
  const tsc = join(ROOT, 'node_modules', compiler, 'bin', 'tsc');
  await run(process.execPath, [tsc, '-p', project, '--outDir', root, '--target', target]).catch(({ stdout }) => assert.fail(stdout));
  const { stdout } = await run(process.execPath, [join(root, `${dialect}.mjs`)]);
  return { ...JSON.parse(stdout), source: readFileSync(join(root, 'members.mjs'), 'utf8') };
}

const DID = [
  true, '8ab', 10, true, true, true, { value: 0, done: false }, { value: 2, done: false }, { value: 'xy', done: true }, { done: true },
  '[object Generator]', [0, 2], 0, 1, 7, '2', 'double', 1,
];
const NAMES = [
  'Service.make', 'Service.double', 'Service.later', 'custom', 'Service.raise', 'Service.reject', 'Service.count', 'Service.count',
  'Service.stream', 'Service.get value', 'Service.double',
];

const NO_TARGET = 'ERR_PGTAP_BUDGET_TARGET';

for (const [compiler, target] of COMPILERS) {
  test(`decorators of TypeScript's experimentalDecorators, ${compiler}, ${target}`, async (t) => {
    const { did, names, budgets, source } = await compiled(t, compiler, target, 'legacy');
    assert.match(source, /__decorate\(/);
    assert.deepEqual(did, DID);
    // This dialect decorates getter and setter together.
    assert.deepEqual(names.filter((name) => name !== 'Service.set value'), NAMES);
    assert.equal(names.length, NAMES.length + 1);
    // An object of one's own only after a call.
    assert.deepEqual(budgets, ['Stock', 'new 5', NO_TARGET, 'new 5', NO_TARGET, 'mine 5', 'given']);
  });

  test(`decorators of the standard, ${compiler}, ${target}`, async (t) => {
    const { did, names, budgets, source } = await compiled(t, compiler, target, 'standard');
    assert.match(source, /__esDecorate\(/);
    assert.deepEqual(did, [...DID, 15, 4, 1]);
    assert.deepEqual(budgets, ['Stock', NO_TARGET, NO_TARGET, 'mine 5', 'given', 'mine 5', 'given']);
    assert.deepEqual(names, [
      ...NAMES, 'Hidden.set only', 'Hidden.get level', 'Hidden.set level', 'Hidden.#secret', 'Hidden.get level', 'Hidden.#count',
      'Hidden.Symbol(named by a symbol)',
    ]);
  });
}

test('wrong programs are tried', () => {
  assert.equal(readFileSync(join(SOURCES, 'wrong.mts'), 'utf8').match(/^\/\/ @ts-expect-error \w+/gm).length, 10);
});

test('what the memory toolkit declares is what it exports', async () => {
  const path = join(ROOT, 'lib', 'memory', 'index.d.ts');
  const program = ts.createProgram([path], { module: ts.ModuleKind.Node16, types: ['node'], lib: ['lib.es2023.d.ts'] });
  const checker = program.getTypeChecker();
  const target = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const declared = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path)))
    .filter((symbol) => target(symbol).flags & ts.SymbolFlags.Value).map(({ name }) => name).sort();
  assert.ok(declared.length >= 14, `${declared}`);
  assert.deepEqual(Object.keys(require('../../lib/memory/index.js')).sort(), declared);
  const named = Object.keys(await import('pgtap-scanner/memory')).filter((name) => name !== 'default' && name !== 'module.exports');
  assert.deepEqual(named.sort(), declared, 'an ES module can import each by name');
});
