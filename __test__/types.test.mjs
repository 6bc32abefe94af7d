// The hand-written declarations: they compile for both module systems, refuse what is wrong, and name what is exported.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TYPES = join(ROOT, '__test__', 'types');
/** The newest TypeScript, and the one before it. */
const COMPILERS = ['typescript', 'typescript5'];
const PROJECTS = readdirSync(TYPES).filter((name) => name.startsWith('tsconfig.'));

test('there is a project for each way to resolve modules', () => {
  assert.deepEqual(PROJECTS, ['tsconfig.bundler.json', 'tsconfig.node16.json', 'tsconfig.nodenext.json']);
});

test('there are two versions of TypeScript', () => {
  const versions = COMPILERS.map((name) => require(`${name}/package.json`).version.split('.')[0]);
  assert.deepEqual(versions, ['6', '5']);
});

for (const compiler of COMPILERS) {
  for (const project of PROJECTS) {
    test(`declarations compile: ${compiler}, ${project}`, async () => {
      const tsc = join(ROOT, 'node_modules', compiler, 'bin', 'tsc');
      const compiling = run(process.execPath, [tsc, '-p', join(TYPES, project), '--listFiles'], { maxBuffer: 1 << 24 });
      const { stdout } = await compiling.catch(({ stdout }) => assert.fail(stdout.split('\n').filter((line) => /error TS/.test(line)).join('\n')));
      assert.match(stdout, /wrong\.mts/);
      assert.match(stdout, /scanner\.d\.ts/);
    });
  }
}

test('wrong programs are tried', () => {
  const wrong = readFileSync(join(TYPES, 'wrong.mts'), 'utf8');
  assert.equal(wrong.match(/^\/\/ @ts-expect-error \w+/gm).length, 30);
});

/** The names of the values that a declaration file exports. */
function declaredValues(path) {
  const program = ts.createProgram([path], { module: ts.ModuleKind.Node16, types: ['node'] });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(path));
  const target = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const isValue = (symbol) => target(symbol).flags & ts.SymbolFlags.Value;
  return checker.getExportsOfModule(module).filter(isValue).map((symbol) => symbol.name).sort();
}

test('what is declared is what is exported', async () => {
  const declared = declaredValues(join(ROOT, 'index.d.ts'));
  assert.ok(declared.includes('PgTapScanner') && declared.includes('pgTAPTestScanner'), `${declared}`);
  const exported = require('../lib/index.js');
  assert.deepEqual(Object.keys(exported).sort(), declared);
  const asModule = await import('../lib/index.js');
  const named = Object.keys(asModule).filter((name) => name !== 'default' && name !== 'module.exports');
  assert.deepEqual(named.sort(), declared, 'an ES module can import each by name');
});

test("the memory toolkit's names: what is declared is exported", async () => {
  const declared = declaredValues(join(ROOT, 'lib', 'memory', 'index.d.ts'));
  assert.ok(declared.includes('MemoryManagerService') && declared.includes('startMemoryMonitor'), `${declared}`);
  const asModule = await import('pgtap-scanner/memory');
  for (const name of declared) {
    assert.ok(name in require('pgtap-scanner/memory'), name);
    assert.ok(name in asModule, `an ES module can import ${name}`);
  }
  const faces = readFileSync(join(TYPES, 'memory-faces.mts'), 'utf8');
  assert.equal(faces.match(/^\/\/ @ts-expect-error \w+/gm).length, 8, 'wrong programs are tried');
});

test("the names of pgtap-scanner/schema: what is declared is exported", async () => {
  const declared = declaredValues(join(ROOT, 'lib', 'schema', 'index.d.ts'));
  assert.equal(declared.length, 7);
  assert.deepEqual(Object.keys(require('pgtap-scanner/schema')).sort(), declared);
  const asModule = await import('pgtap-scanner/schema');
  for (const name of declared) assert.ok(name in asModule, `an ES module can import ${name}`);
  const programs = readFileSync(join(TYPES, 'schema.mts'), 'utf8');
  assert.equal(programs.match(/^\/\/ @ts-expect-error \w+/gm).length, 4, 'wrong programs are tried');
});

test('the names of the middleware and of the plugin for Fastify: what is declared is exported', async () => {
  for (const [name, count] of [['middleware', 2], ['fastify', 1]]) {
    const declared = declaredValues(join(ROOT, 'lib', 'memory', name, 'index.d.ts'));
    assert.equal(declared.length, count);
    assert.deepEqual(Object.keys(require(`pgtap-scanner/memory/${name}`)).sort(), declared);
    const asModule = await import(`pgtap-scanner/memory/${name}`);
    for (const each of declared) assert.ok(each in asModule, `an ES module can import ${each}`);
  }
  const programs = readFileSync(join(TYPES, 'middleware.mts'), 'utf8');
  assert.equal(programs.match(/^\/\/ @ts-expect-error \w+/gm).length, 8, 'wrong programs are tried');
});

for (const [path, names, wrong] of [['metrics', ['registerOpenTelemetry', 'registerPrometheus'], 4], ['health', ['createHealthCheck'], 4]]) {
  test(`the names of pgtap-scanner/memory/${path}: what is declared is exported`, async () => {
    const declared = declaredValues(join(ROOT, 'lib', 'memory', path, 'index.d.ts'));
    assert.deepEqual(declared, names);
    assert.deepEqual(Object.keys(require(`pgtap-scanner/memory/${path}`)).sort(), declared);
    const asModule = await import(`pgtap-scanner/memory/${path}`);
    for (const name of declared) assert.ok(name in asModule, `an ES module can import ${name}`);
    const programs = readFileSync(join(TYPES, 'metrics-health.mts'), 'utf8');
    assert.equal(programs.match(new RegExp(`^// @ts-expect-error ${path}`, 'gm')).length, wrong, 'wrong programs are tried');
  });
}

test('the names of pgtap-scanner/memory/build: what is declared is exported', async () => {
  const declared = declaredValues(join(ROOT, 'lib', 'memory', 'build', 'index.d.ts'));
  assert.deepEqual(declared, ['memoryMonitorPlugin', 'runManagedBuild', 'workspaceSteps']);
  assert.deepEqual(Object.keys(require('pgtap-scanner/memory/build')).sort(), declared);
  const asModule = await import('pgtap-scanner/memory/build');
  for (const name of declared) assert.ok(name in asModule, `an ES module can import ${name}`);
  const programs = readFileSync(join(TYPES, 'managed-build.mts'), 'utf8');
  assert.equal(programs.match(/^\/\/ @ts-expect-error \w+/gm).length, 3, 'wrong programs are tried');
});

for (const [name, file, values] of [['workers', join('workers', 'index.d.ts'), 2], ['build-worker', 'build-worker.d.ts', 5]]) {
  test(`the names of pgtap-scanner/memory/${name}: what is declared is exported`, async () => {
    const declared = declaredValues(join(ROOT, 'lib', 'memory', file));
    assert.equal(declared.length, values);
    assert.deepEqual(Object.keys(require(`pgtap-scanner/memory/${name}`)).sort(), declared);
    const asModule = await import(`pgtap-scanner/memory/${name}`);
    for (const each of declared) assert.ok(each in asModule, `an ES module can import ${each}`);
    const programs = readFileSync(join(TYPES, 'workers.mts'), 'utf8');
    assert.equal(programs.match(/^\/\/ @ts-expect-error \w+/gm).length, 5, 'wrong programs are tried');
  });
}

test('the methods that are declared exist', () => {
  const exported = require('../lib/index.js');
  const source = readFileSync(join(ROOT, 'index.d.ts'), 'utf8');
  const classes = [...source.matchAll(/^export class (\w+)[^]*?^}$/gm)];
  assert.deepEqual(classes.map(([, name]) => name), ['PgTapScanner', 'StreamingCoverageDatabase', 'CoverageDatabase', 'MemoryMonitor', 'BatchProcessor']);
  let checked = 0;
  for (const [body, name] of classes) {
    const methods = [...body.matchAll(/^ {2}(\w+)(?:<.*>)?\(/gm)].map((match) => match[1]);
    for (const method of methods) assert.equal(typeof exported[name].prototype[method], 'function', `${name}.${method}`);
    checked += methods.length;
  }
  assert.ok(checked > 40, `${checked} methods`);
});

test('the subpath exports the class itself', async () => {
  const { PgTapScanner, pgTAPTestScanner } = require('../lib/index.js');
  const direct = require('pgtap-scanner/scanner');
  const asModule = await import('pgtap-scanner/scanner');
  assert.equal(direct, PgTapScanner);
  assert.equal(pgTAPTestScanner, PgTapScanner);
  assert.equal(asModule.default, PgTapScanner);
});
