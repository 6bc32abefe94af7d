'use strict';

const quoted = (text) => `'${text.replace(/['\\]/g, '\\$&')}'`;

const at = (path) => `complete -c pgtap-scanner -n "test (__pgtap_scanner_command) = '${path}'"`;

function offered(value) {
  if (value.folder) return "-x -a '(__fish_complete_directories)'";
  if (value.file) return '-r -F';
  if (value.words) return `-x -a ${quoted(value.words.join(' '))}`;
  return '-x';
}

function optionLine(path, { flags, says, value }) {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
  return `${at(path)} ${names} ${value ? `${offered(value)} ` : ''}-d ${quoted(says)}`;
}

const argumentLine = (path, argument) => `${at(path)} ${argument.file ? '-F' : offered(argument).replace(/^-x /, '-f ')}`;

function* lines(commands) {
  for (const { path, options, arguments: all, commands: below } of commands) {
    for (const { name, says } of below) yield `${at(path)} -a ${name} -d ${quoted(says)}`;
    for (const option of options) yield optionLine(path, option);
    // Fish does not count arguments: what the first may be stands for all.
    if (all.length > 0) yield argumentLine(path, all[0]);
  }
}

/** The script for fish. */
function fishScript(commands) {
  const paths = commands.map(({ path }) => path).filter(Boolean).map(quoted).join(' ');
  return `# Completion of pgtap-scanner for fish, made by: pgtap-scanner completion fish

function __pgtap_scanner_command
  set -l path ''
  for word in (commandline -opc)[2..-1]
    contains -- "$path/$word" ${paths}; and set path "$path/$word"
  end
  echo "$path"
end

complete -c pgtap-scanner -f
${[...lines(commands)].join('\n')}
`;
}

module.exports = { fishScript };
