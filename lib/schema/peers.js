'use strict';

const { createRequire } = require('node:module');
const { join } = require('node:path');
const { schemaError } = require('./schema-error.js');

/** The package that `path` begins with: '@scope/name/part' gives '@scope/name'. */
const packageOf = (path) => path.split('/', path.startsWith('@') ? 2 : 1).join('/');

const isMissing = (error, path) =>
  ['MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'].includes(error.code) && error.message.includes(packageOf(path));

/** The optional peer at `path`, from beside this package or from the user's folder; `undefined` when it is not there. */
function findPeer(path) {
  for (const find of [require, createRequire(join(process.cwd(), 'package.json'))]) {
    try {
      return find(path);
    } catch (error) {
      if (!isMissing(error, path)) throw error;
    }
  }
  return undefined;
}

/** The optional peer at `path`, or the error that says what needs it and how it is installed. */
function loadPeer(path, purpose, command = `npm install ${packageOf(path)}`) {
  const found = findPeer(path);
  if (found !== undefined) return found;
  throw schemaError('ERR_PGTAP_SCHEMA_PEER', `${purpose} needs the package ${packageOf(path)}, which is not installed: ${command}`);
}

module.exports = { findPeer, loadPeer };
