'use strict';

const { existsSync } = require('node:fs');
const { dirname, join, resolve } = require('node:path');

const { defaultLoaders, lilconfig } = require('lilconfig');

const { invalid } = require('../errors.js');
const { CONFIG, SOURCES, checkConfig, excludedBy } = require('./config-options.js');
const { Failure, USAGE } = require('./failure.js');
const { readReport } = require('./outputs.js');
const { TOTAL } = require('./kinds.js');

const NAME = 'pgtap-scanner';
const PLACES = ['js', 'mjs', 'cjs', 'json'].map((extension) => `${NAME}.config.${extension}`);

/** The loader of the library, with an error that names the file. */
function named(loader) {
  return async (file, text) => {
    try {
      return await loader(file, text);
    } catch (error) {
      throw new Failure(`The configuration file ${file} cannot be read: ${error.message}`, USAGE);
    }
  };
}

const loaders = Object.fromEntries(['.js', '.mjs', '.cjs', '.json'].map((extension) => [extension, named(defaultLoaders[extension])]));

/** The folder of the repository that `folder` lies in: configurations above it belong to others. */
function repositoryOf(folder) {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
  }
  return undefined;
}

function explorer(stopDir) {
  const places = [...PLACES, 'package.json'];
  return lilconfig(NAME, { searchPlaces: places, packageProp: [NAME], loaders, cache: false, ...(stopDir && { stopDir }) });
}

async function load(file) {
  const path = resolve(file);
  try {
    const found = await explorer().load(path);
    if (found.config) return found;
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (error.code === 'ENOENT') throw new Failure(`There is no configuration file ${file}.\nLooked for ${path}.`, USAGE);
    throw new Failure(`The configuration file ${file} cannot be read: ${error.message}`, USAGE);
  }
  throw new Failure(`The configuration file ${file} is empty, or has no key "${NAME}".`, USAGE);
}

function configFailure(fault, file) {
  const option = fault.at.slice(1);
  if (fault.nearest) return `Unknown option "${option}" in ${file}; the nearest known one is "${fault.nearest}".`;
  if (fault.says) return `Option "${option}" in ${file}: ${fault.says}`;
  return invalid(fault.allowed, option ? `option "${option}" in ${file}` : file, fault.value).message;
}

/** Paths are relative to the folder of the file, wherever the program runs. */
function absolute(config, folder) {
  const path = (file) => (typeof file === 'string' ? resolve(folder, file) : file);
  const paths = Object.entries(config).filter(([key]) => CONFIG[key].path).map(([key, file]) => [key, path(file)]);
  const { scanner = {} } = config;
  const files = ['cache', 'tempDir'].filter((key) => key in scanner).map((key) => [key, path(scanner[key])]);
  return { ...config, ...Object.fromEntries(paths), scanner: { ...scanner, ...Object.fromEntries(files) } };
}

function checkSources(settings, file) {
  const [first] = SOURCES.filter((key) => key in settings);
  const other = first && excludedBy(first).find((key) => key in settings);
  if (other) throw new Failure(`${file} has both "${first}" and "${other}"; a schema comes from one of them.`, USAGE);
}

/** The checked settings of a file, in the form that the options of the command line have. */
function settingsOf({ config, filepath }) {
  const fault = checkConfig(config);
  if (fault) throw new Failure(configFailure(fault, filepath), USAGE);
  const folder = dirname(filepath);
  const settings = absolute(config, folder);
  checkSources(settings, filepath);
  if ('report' in settings) {
    const reports = [settings.report].flat().map(readReport);
    settings.report = reports.map(({ format, file }) => ({ format, file: file && resolve(folder, file) }));
  }
  if (typeof settings.failUnder === 'number') settings.failUnder = { [TOTAL]: settings.failUnder };
  return settings;
}

/**
 * The settings of a configuration file: the one that `file` names; none for false; for undefined the first that is
 * found from the working folder upwards, as far as the repository reaches, or the home folder.
 */
async function readConfig(file) {
  if (file === false) return {};
  const found = file === undefined ? await explorer(repositoryOf(process.cwd())).search() : await load(file);
  return found ? settingsOf(found) : {};
}

module.exports = { readConfig };
