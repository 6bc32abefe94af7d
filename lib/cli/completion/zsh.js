'use strict';

const named = (path) => `_pgtap_scanner${path.replaceAll('/', '_').replaceAll('-', '_')}`;

/** Text inside single quotes, where a description ends at a bracket and a message at a colon. */
const escaped = (text) => text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");

function action(value) {
  if (value.folder) return '_files -/';
  if (value.file) return '_files';
  if (value.words) return `(${value.words.join(' ')})`;
  return ' ';
}

const valued = (value) => (value ? `:${escaped(value.name)}:${action(value)}` : '');

function optionSpec({ flags, says, value }) {
  const rest = `'[${escaped(says)}]${valued(value)}'`;
  if (value?.repeats) return flags.map((flag) => `'*'${flag}${rest}`).join(' ');
  return flags.length === 1 ? `${flags[0]}${rest}` : `'(${flags.join(' ')})'{${flags.join(',')}}${rest}`;
}

const argumentSpec = (argument, at) => `'${argument.many ? '*' : at + 1}${valued(argument)}'`;

function leaf({ path, options, arguments: all }) {
  const specs = [...options.map(optionSpec), ...all.map(argumentSpec)];
  return `${named(path)}() {\n  _arguments -s \\\n    ${specs.join(' \\\n    ')}\n}\n`;
}

function branch({ path, options, commands }) {
  const names = commands.map(({ name, says }) => `'${name}:${says.replaceAll("'", "'\\''")}'`);
  const cases = commands.map(({ name }) => `${name}) ${named(`${path}/${name}`)} ;;`);
  return `${named(path)}() {
  local state line
  local -a commands=(
    ${names.join('\n    ')}
  )
  _arguments -C \\
    ${options.map(optionSpec).join(' \\\n    ')} \\
    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
        ${cases.join('\n        ')}
      esac ;;
  esac
}
`;
}

/** The script for zsh: a file of $fpath, or text for eval. */
function zshScript(commands) {
  const functions = commands.map((command) => (command.commands.length > 0 ? branch(command) : leaf(command)));
  return `#compdef pgtap-scanner
# Completion of pgtap-scanner for zsh, made by: pgtap-scanner completion zsh

${functions.join('\n')}
if [[ $funcstack[1] == _pgtap_scanner ]]; then
  _pgtap_scanner "$@"
else
  compdef _pgtap_scanner pgtap-scanner
fi
`;
}

module.exports = { zshScript };
