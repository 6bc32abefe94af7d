'use strict';

const { Argument } = require('commander');

const { bashScript } = require('./completion/bash.js');
const { definitions } = require('./completion/definitions.js');
const { fishScript } = require('./completion/fish.js');
const { zshScript } = require('./completion/zsh.js');
const { print } = require('./output.js');

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

const HELP = `
Prints a script that completes commands, options and their values. It is made
from the definitions of the commands; make it again after an update.

Examples:
  $ eval "$(pgtap-scanner completion bash)"          # in ~/.bashrc
  $ eval "$(pgtap-scanner completion zsh)"           # in ~/.zshrc, after compinit
  $ pgtap-scanner completion fish > ~/.config/fish/completions/pgtap-scanner.fish

Exit codes:
  0    the script was printed
  2    wrong usage
`;

function addCompletion(program) {
  program
    .command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', HELP)
    .action((shell) => print([SCRIPTS[shell](definitions(program))]));
}

module.exports = { addCompletion };
