'use strict';

const { load } = require('./load.js');

const HELP = `
Makes one file of several that were saved with 'pgtap-scanner scan --save': the
parts of a suite that several machines scanned. The order does not matter. A
test file that two of them hold must be the same in both.

Examples:
  $ pgtap-scanner scan tests --shard 1/2 --save shard-1.sqlite
  $ pgtap-scanner scan tests --shard 2/2 --save shard-2.sqlite
  $ pgtap-scanner merge shard-*.sqlite -o all.sqlite
  $ sqlite3 all.sqlite 'SELECT * FROM objects ORDER BY assertions LIMIT 10'

Exit codes:
  0    the files were merged
  2    wrong usage, a file that is missing, damaged or no saved coverage, or a failure
`;

async function merge(files, { output, json }) {
  const { PgTapScanner } = load();
  const merged = await PgTapScanner.merge(files, output);
  const text = json ? JSON.stringify({ output, ...merged }) : `${output}: ${merged.files} files, ${merged.assertions} assertions`;
  process.stdout.write(`${text}\n`);
}

function addMerge(program) {
  program
    .command('merge')
    .description('make one saved file of several')
    .argument('<files...>', 'files that were saved with scan --save')
    .requiredOption('-o, --output <file>', 'the file to write; it may be one of the others')
    .option('--json', 'print one JSON document instead of a sentence')
    .addHelpText('after', HELP)
    .action(merge);
}

module.exports = { addMerge };
