'use strict';

const { existsSync, readFileSync, readdirSync, realpathSync, statSync } = require('node:fs');
const { basename, isAbsolute, join, relative, resolve, sep } = require('node:path');

const { PgTapError, invalid } = require('../../errors.js');

const isFolder = (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
const packageOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Whether `path` is `folder` or in it, by their names. */
function isInside(folder, path) {
  const from = relative(folder, path);
  return from === '' || (!isAbsolute(from) && from !== '..' && !from.startsWith(`..${sep}`));
}

/** The folders that the patterns of `workspaces` in package.json stand for: `packages/core` and `packages/*`. */
function workspaceFolders(root) {
  const { workspaces = [] } = existsSync(join(root, 'package.json')) ? packageOf(root) : {};
  const patterns = Array.isArray(workspaces) ? workspaces : (workspaces.packages ?? []);
  return patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [join(root, pattern)];
    const folder = join(root, pattern.slice(0, -2));
    return isFolder(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  }).filter((folder) => existsSync(join(folder, 'package.json')));
}

/** Folders of workspaces that are called `name`: their package with or without its scope, or the folder itself. */
function called(root, name) {
  return workspaceFolders(root).filter((folder) => [packageOf(folder).name, packageOf(folder).name?.replace(/^@[^/]*\//, ''), basename(folder)].includes(name));
}

function refuse(root, workspace, why) {
  const error = new PgTapError('ERR_PGTAP_BUILD_WORKSPACE', `There is no workspace ${JSON.stringify(workspace)} in ${root}: ${why}`);
  return Object.assign(error, { workspace, root });
}

/**
 * The real path of a workspace of the project in `root`, named by its path in it or by the name of its package.
 *
 * @throws what is outside, is not there, has no package.json, or is meant by a name that several have
 */
function findWorkspace(root, workspace) {
  if (typeof workspace !== 'string' || workspace === '') throw invalid('a string that is not empty', 'data.workspace', workspace);
  const path = resolve(root, workspace);
  if (!isInside(root, path)) throw refuse(root, workspace, 'it is outside');
  const found = isFolder(path) ? [path] : called(root, workspace);
  if (found.length > 1) throw refuse(root, workspace, `several have this name: ${found.map((folder) => relative(root, folder)).join(', ')}`);
  if (found.length === 0) throw refuse(root, workspace, 'neither a folder nor a workspace of package.json has this name');
  const real = realpathSync(found[0]);
  if (!isInside(realpathSync(root), real)) throw refuse(root, workspace, 'a link leads outside');
  if (!existsSync(join(real, 'package.json'))) throw refuse(root, workspace, 'it has no package.json');
  return real;
}

/** A path in a workspace, as an argument of a program: relative, and never an option. */
function pathInside(folder, path) {
  if (typeof path !== 'string' || path === '') throw invalid('a string that is not empty', 'data.testPath', path);
  if (!isInside(folder, resolve(folder, path)) || path.startsWith('-')) {
    throw invalid('a path inside the workspace that does not begin with "-"', 'data.testPath', path, { range: true });
  }
  return path;
}

module.exports = { findWorkspace, packageOf, pathInside };
