'use strict';

const { Option } = require('commander');

const { readConfig } = require('./config.js');
const { SOURCES } = require('./config-options.js');

// What belongs to a source: another source on the command line replaces it, too.
const OF_SOURCES = [...SOURCES, 'preset', 'continue'];

/** The options of every command that reads the configuration file. */
function addConfigOptions(command) {
  return command
    .option('--config <file>', 'the configuration file; without it one is looked for from this folder upwards')
    .addOption(new Option('--no-config', 'read no configuration file'));
}

/**
 * What the user wants: the options of the command line, completed by the configuration file.
 *
 * @param {object} options what commander read, and the arguments; what is undefined was not given
 */
async function readSettings({ config, ...options }) {
  const settings = await readConfig(config);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  if (SOURCES.some((key) => key in given)) OF_SOURCES.forEach((key) => delete settings[key]);
  return { ...settings, ...given, scanner: settings.scanner ?? {} };
}

module.exports = { addConfigOptions, readSettings };
