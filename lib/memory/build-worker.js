'use strict';

const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');

const { PgTapError, invalid } = require('../errors.js');
const { cleanWorkspace } = require('./build-tasks/clean.js');
const { npm, runCommand } = require('./build-tasks/command.js');
const { findWorkspace, packageOf, pathInside } = require('./build-tasks/workspace.js');

// A worker of a pool: one function for each type of task; documented in build-worker.d.ts.

const root = () => process.cwd();
const hasScript = (folder, name) => Object.hasOwn(packageOf(folder).scripts ?? {}, name);

/** The script of a package, with arguments behind `--`. */
function runScript(folder, name, { signal }, ...args) {
  if (hasScript(folder, name)) return runCommand(npm('run', name, ...(args.length > 0 ? ['--', ...args] : [])), { cwd: folder, signal });
  throw Object.assign(new PgTapError('ERR_PGTAP_BUILD_SCRIPT', `${join(folder, 'package.json')} has no script "${name}"`), { folder, script: name });
}

/** The compiler of TypeScript that a workspace has installed. */
function compiler(folder) {
  try {
    return join(dirname(createRequire(join(folder, 'package.json')).resolve('typescript/package.json')), 'bin', 'tsc');
  } catch (cause) {
    if (cause.code !== 'MODULE_NOT_FOUND') throw cause;
    throw new PgTapError('ERR_PGTAP_BUILD_SCRIPT', `${folder} has neither a script "typecheck" nor typescript installed`, { cause });
  }
}

/** A task whose data is an object. */
const withData = (task) => async (data = {}, context) => {
  if (typeof data !== 'object' || data === null) throw invalid('an object', 'data', data);
  return task(data, context);
};

const buildPackage = withData(({ workspace }, context) => {
  return runScript(findWorkspace(root(), workspace), 'build', context);
});

const typecheck = withData(({ workspace = '.' }, context) => {
  const folder = findWorkspace(root(), workspace);
  if (hasScript(folder, 'typecheck')) return runScript(folder, 'typecheck', context);
  return runCommand({ file: process.execPath, args: [compiler(folder), '--noEmit'] }, { cwd: folder, signal: context.signal });
});

const test = withData(({ workspace, testPath }, context) => {
  const folder = findWorkspace(root(), workspace);
  return runScript(folder, 'test', context, ...(testPath === undefined ? [] : [pathInside(folder, testPath)]));
});

const lint = withData(({ fix = false }, context) => {
  if (typeof fix !== 'boolean') throw invalid('true or false', 'data.fix', fix);
  const folder = findWorkspace(root(), '.');
  if (fix && hasScript(folder, 'lint:fix')) return runScript(folder, 'lint:fix', context);
  return runScript(folder, 'lint', context, ...(fix ? ['--fix'] : []));
});

const clean = withData(({ workspace }, context) => {
  return cleanWorkspace(findWorkspace(root(), workspace), context);
});

module.exports = { buildPackage, typecheck, test, lint, clean };
