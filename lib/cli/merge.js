'use strict';

const { Failure, USAGE } = require('./failure.js');
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
  1    the program failed
  2    wrong usage, or a file that is missing, damaged or no saved coverage
`;

async function merge(files, { output }) {
  const { PgTapScanner } = load();
  try {
    const { files: count, assertions } = await PgTapScanner.merge(files, output);
    process.stdout.write(`${output}: ${count} files, ${assertions} assertions\n`);
  } catch (error) {
    throw /^ERR_PGTAP_SAVED_/.test(error.code) ? new Failure(error.message, USAGE) : error;
  }
}

function addMerge(program) {
  program
    .command('merge')
    .description('make one saved file of several')
    .argument('<files...>', 'files that were saved with scan --save')
    .requiredOption('-o, --output <file>', 'the file to write; it may be one of the others')
    .addHelpText('after', HELP)
    .action(merge);
}

module.exports = { addMerge };
