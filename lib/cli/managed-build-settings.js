'use strict';

const { readFile } = require('node:fs/promises');
const { dirname, resolve } = require('node:path');

const { lilconfig } = require('lilconfig');

const { workspaceSteps } = require('../memory/build/index.js');
const { Failure, USAGE } = require('./failure.js');

const NAME = 'managed-build';
const PLACES = ['package.json', `${NAME}.config.json`];
/** What JSON can say of the options; the rest is for programs. */
const SETTINGS = ['steps', 'heapMB', 'sequential', 'concurrency', 'requiredMB', 'intervalMs', 'autoGC'];

const NO_STEPS = `There is nothing to build: give a command behind --, --workspaces or --steps, or put the steps below the key
"${NAME}" in package.json. See managed-build --help.`;

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A step whose folder is relative to that of the file, wherever the program runs. */
function placed(step, folder) {
  if (typeof step === 'string') return { name: step, command: step, shell: true, cwd: folder };
  return isObject(step) ? { ...step, cwd: resolve(folder, step.cwd ?? '.') } : step;
}

function checked(config, file) {
  if (!isObject(config)) throw new Failure(`${file} holds no object with "steps".`, USAGE);
  const unknown = Object.keys(config).find((key) => !SETTINGS.includes(key));
  if (unknown) throw new Failure(`Unknown option "${unknown}" in ${file}; there are ${SETTINGS.join(', ')}.`, USAGE);
  const { steps } = config;
  return { ...config, steps: Array.isArray(steps) ? steps.map((step) => placed(step, dirname(file))) : steps };
}

async function readSteps(file) {
  const path = resolve(file);
  try {
    return checked(JSON.parse(await readFile(path, 'utf8')), path);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`The file ${file} with the steps cannot be read: ${error.message}`, USAGE);
  }
}

async function found() {
  const explorer = lilconfig(NAME, { searchPlaces: PLACES, packageProp: [NAME] });
  let result;
  try {
    result = await explorer.search();
  } catch (error) {
    throw new Failure(`The settings of ${NAME} cannot be read: ${error.message}`, USAGE);
  }
  if (!result) throw new Failure(NO_STEPS, USAGE);
  return checked(result.config, result.filepath);
}

/** A command is run as it is; on Windows only a shell finds npm. */
const oneStep = ([command, ...args]) => ({ name: [command, ...args].join(' '), command, args, shell: process.platform === 'win32' });

/**
 * What runManagedBuild is to be given, from the first source that there is.
 *
 * @param {string[]} command of the command line
 * @param {{ workspaces?: boolean, script: string, steps?: string }} options of the command line
 */
async function readBuild(command, { workspaces, script, steps }) {
  const given = [command.length > 0 && 'a command', workspaces && '--workspaces', steps !== undefined && '--steps'].filter(Boolean);
  if (given.length > 1) throw new Failure(`Give ${given.join(' or ')}, not both.`, USAGE);
  if (command.length > 0) return { steps: [oneStep(command)] };
  if (workspaces) return { steps: await workspaceSteps({ script }) };
  return steps === undefined ? found() : readSteps(steps);
}

module.exports = { readBuild };
