'use strict';

const words = (list) => list.join(' ');

function offer(value) {
  if (value.folder) return '_pgtap_scanner_offer -d';
  if (value.file) return '_pgtap_scanner_offer -f';
  if (value.words) return `_pgtap_scanner_offer -W '${words(value.words)}'${value.open ? '; compopt -o nospace 2>/dev/null' : ''}`;
  return ':';
}

const patterns = (path, { flags }) => flags.map((flag) => `'${path} ${flag}'`).join('|');

function* valueCases(commands) {
  for (const { path, options } of commands) {
    for (const option of options) if (option.value) yield `    ${patterns(path, option)}) ${offer(option.value)}; return ;;`;
  }
}

function* restCases(commands) {
  for (const { path, options, arguments: [first], commands: below } of commands) {
    const flags = words(options.flatMap((option) => option.flags));
    const names = words(below.map(({ name }) => name));
    const rest = names ? `_pgtap_scanner_offer -W '${names}'` : first ? offer(first) : ':';
    yield `    '${path} -'*) _pgtap_scanner_offer -W '${flags}' ;;`;
    yield `    '${path} '*) ${rest} ;;`;
  }
}

/** The script for bash, 3.2 and later. Bash ends words at ':' and '=', so that html:FILE and --option=value are several. */
function bashScript(commands) {
  const paths = commands.map(({ path }) => path).filter(Boolean).map((path) => `'${path}'`).join('|');
  return `# Completion of pgtap-scanner for bash, made by: pgtap-scanner completion bash

_pgtap_scanner_offer() {
  local word
  case $1 in -d|-f) compopt -o filenames 2>/dev/null ;; esac
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$@" -- "$current")
}

_pgtap_scanner() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $command/$word in ${paths}) command=$command/$word ;; esac
  done
  case $current in
    :) before=:; current='' ;;
    =) current='' ;;
  esac
  case $before in
    :) _pgtap_scanner_offer -f; return ;;
    =) before=\${COMP_WORDS[COMP_CWORD-2]} ;;
  esac
  case "$command $before" in
${[...valueCases(commands)].join('\n')}
  esac
  case "$command $current" in
${[...restCases(commands)].join('\n')}
  esac
}

complete -F _pgtap_scanner pgtap-scanner
`;
}

module.exports = { bashScript };
