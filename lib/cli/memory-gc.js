'use strict';

const { BAD } = require('./failure.js');
const { load } = require('./load.js');
const { MemoryServer, addServerOptions, errorOf } = require('./memory-server.js');
const { print } = require('./output.js');
const { plain } = require('./plain.js');
const { interruptible } = require('./signals.js');
const { size } = require('./size.js');

/** Of an answer that is a refusal for now, not a failure: the action runs, or ran just now. */
const NOT_NOW = [409, 429];

const HELP = `
With --url a running server is asked to collect its garbage. It stands still
meanwhile, some 70 ms for a heap of 50 MB and 0.7 s for 500 MB, and may decline.
Without --url only this command's own heap is collected: no process can collect
that of another from outside.

Examples:
  $ PGTAP_MEMORY_TOKEN=... pgtap-scanner memory gc --url http://localhost:3000
  $ pgtap-scanner memory gc

Exit codes:
  0    garbage was collected
  1    it was not, and the answer says why
  2    wrong usage, or a server that does not answer or does not let you
  130  interrupted with Ctrl-C
`;

/** What came of a collection, in words. */
function outcome({ success, freedBytes, durationMs, kind, skipped, detail, error }) {
  const what = kind === 'minor' ? 'Collected young objects' : 'Collected';
  if (success) return `${what}: ${size(freedBytes)} freed, the program stood still for ${durationMs.toFixed(1)} ms.\n`;
  return `Not collected (${plain(skipped ?? 'failed')}): ${plain(detail ?? error ?? 'no reason is given')}\n`;
}

const ofThis = () => load('../memory/parts.js').PARTS.collections().run({ reason: 'memory gc', kind: 'major' });

async function ofServer({ url, token }, signal) {
  const server = new MemoryServer(url, { token });
  const response = await server.open('gc', { method: 'POST', signal });
  if (!NOT_NOW.includes(response.status)) return server.value(response, 'gc');
  const { code, message } = errorOf(await response.text());
  return { type: 'force_gc', success: false, skipped: code ?? `status ${response.status}`, detail: message };
}

async function gc(options) {
  await interruptible(async (signal) => {
    const isOwn = options.url === undefined;
    const action = isOwn ? ofThis() : await ofServer(options, signal);
    if (!action.success) process.exitCode = BAD;
    const aside = isOwn ? 'That was this command\'s own heap; --url asks a server to collect its own.\n' : '';
    await print(options.json ? [`${JSON.stringify(action, null, 2)}\n`] : [outcome(action), aside], signal);
  });
}

function addGc(memory) {
  addServerOptions(memory.command('gc').description('collect garbage: of a server that runs, or of this command'))
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', HELP)
    .action(gc);
}

module.exports = { addGc };
