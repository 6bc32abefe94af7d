'use strict';

const { execFile } = require('node:child_process');
const { promisify } = require('node:util');

const { PgTapError, filePath } = require('../../errors.js');
const { readOptions } = require('../../options.js');
const { NAME } = require('../rules.js');

const WINDOWS = process.platform === 'win32';
const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
const LARGEST_ANSWER = 64 * 1024 * 1024;

const WORKSPACE_OPTIONS = {
  folder: { default: '.', ...NAME, meaning: 'the folder of the root package.json' },
  script: { default: 'build', ...NAME, meaning: 'the script of each workspace' },
};

/** npm, as it is called here: the one that runs this program, else the one that is found. */
function npm(...args) {
  const { npm_execpath: program } = process.env;
  if (program?.endsWith('.js')) return { command: process.execPath, args: [program, ...args], shell: false };
  // npm is a batch file there, which only a shell runs.
  return { command: 'npm', args, shell: WINDOWS };
}

/** What npm knows of the workspaces of a folder, by their names. */
async function readWorkspaces(folder) {
  const { command, args, shell } = npm('pkg', 'get', 'name', 'scripts', ...DEPENDENCIES, '--workspaces', '--json');
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd: folder, shell, maxBuffer: LARGEST_ANSWER });
    return JSON.parse(stdout);
  } catch (error) {
    const said = error.stderr?.trim().split('\n').filter((line) => line.includes('error')).join('\n');
    throw new PgTapError('ERR_PGTAP_WORKSPACES', `npm cannot tell the workspaces of ${folder}: ${said || error.message}`, { cause: error });
  }
}

/** Their names, each behind those that it depends on, else in npm's order. */
function inOrder(workspaces) {
  const order = [];
  const visit = (name, path) => {
    if (order.includes(name)) return;
    if (path.includes(name)) {
      const cycle = [...path.slice(path.indexOf(name)), name].join(' -> ');
      throw new PgTapError('ERR_PGTAP_WORKSPACES', `The workspaces depend on each other in a circle: ${cycle}. None of them can be built first.`);
    }
    const needed = DEPENDENCIES.flatMap((kind) => Object.keys(workspaces[name][kind] ?? {}));
    for (const other of needed) if (Object.hasOwn(workspaces, other)) visit(other, [...path, name]);
    order.push(name);
  };
  Object.keys(workspaces).forEach((name) => visit(name, []));
  return order;
}

/** The steps that build the workspaces of a folder; documented in index.d.ts. */
async function workspaceSteps(given = {}) {
  const { folder, script } = readOptions(given, workspaceSteps, WORKSPACE_OPTIONS);
  const cwd = filePath(folder, 'option "folder"', workspaceSteps);
  const workspaces = await readWorkspaces(cwd);
  const names = inOrder(workspaces).filter((name) => workspaces[name].scripts?.[script] !== undefined);
  if (names.length === 0) throw new PgTapError('ERR_PGTAP_WORKSPACES', `No workspace of ${cwd} has a script "${script}".`);
  return names.map((name) => ({ name, cwd, ...npm('run', script, `--workspace=${name}`) }));
}

module.exports = { npm, workspaceSteps };
