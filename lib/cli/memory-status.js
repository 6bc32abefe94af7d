'use strict';

const { wantsColour } = require('./colour.js');
const { BAD, Failure, USAGE } = require('./failure.js');
const { load } = require('./load.js');
const { pidOf } = require('./memory-doctor.js');
const { HEALTH_FIELDS, healthText, limitName } = require('./memory-health-text.js');
const { MemoryServer, addServerOptions } = require('./memory-server.js');
const { print } = require('./output.js');
const { plain } = require('./plain.js');
const { interruptible } = require('./signals.js');
const { size } = require('./size.js');
const { table } = require('./table.js');

/** Levels of a server that are no good answer. */
const HIGH = ['critical', 'emergency'];

const HELP = `
Without arguments: what a Node.js program would have that is started here. With
--url a server that runs is asked, with --pid the system is asked about another
process and all that it started. Only the program itself knows its heap, so that
--pid tells of its limit, and --url of its use.

Examples:
  $ pgtap-scanner memory status
  $ pgtap-scanner memory status --url http://localhost:3000
  $ pgtap-scanner memory status --pid 4711 --json | jq .tree.rssBytes

Exit codes:
  0    the status was printed
  1    a server is at the level critical or emergency
  2    wrong usage, a process that is not there, a server that does not answer
  130  interrupted with Ctrl-C
`;

async function ofServer({ url, token }, signal) {
  const found = await new MemoryServer(url, { token }).get('health', HEALTH_FIELDS, signal);
  if (HIGH.includes(found.status)) process.exitCode = BAD;
  return found;
}

/** What both the machine and the process tell. */
async function surroundings(pid) {
  const { collectFacts } = load('./doctor/facts.js');
  const facts = await collectFacts({ pid });
  const { heap, flags, container, machine, refused } = facts;
  const limits = { heapLimitBytes: heap?.limitBytes ?? null, oldLimitBytes: heap?.oldLimitBytes ?? null };
  return [facts, { node: heap?.version ?? null, ...limits, flags, container, machine, refused }];
}

async function ofHere() {
  const [, found] = await surroundings();
  const { effectiveLimitBytes, of, pressure } = load('../memory/parts.js').PARTS.engine().read();
  const { platform, warningPercent, criticalPercent, emergencyPercent } = load('../memory/manager/settings.js').readSettings();
  return { ...found, pressure, effectiveLimitBytes, of, levels: { platform, warningPercent, criticalPercent, emergencyPercent } };
}

async function ofProcess(pid) {
  const [facts, found] = await surroundings(pid);
  const { rssBytes, peakRssBytes, swapBytes, anonymousBytes, fileBytes, sharedBytes, proportionalBytes } = facts;
  const memory = { rssBytes, peakRssBytes, anonymousBytes, fileBytes, sharedBytes, proportionalBytes, swapBytes };
  return { pid, ...memory, tree: load('../memory/process-tree.js').processTree(pid), ...found };
}

const percentOf = (part, whole) => `${((part / whole) * 100).toFixed(1)} %`;

function* machineText({ container, machine, refused }) {
  if (container) {
    const { usedBytes, limitBytes, folder, inSight } = container;
    yield `Container  ${size(usedBytes)} of ${size(limitBytes)} in use (${percentOf(usedBytes, limitBytes)}), `
      + `limit of ${plain(folder)}${inSight ? '' : ', which Node.js does not see'}\n`;
  } else yield 'Container  no limit\n';
  yield `Machine    ${size(machine.availableBytes)} available of ${size(machine.totalBytes)}, swap ${size(machine.swapBytes)}\n`;
  if (refused.length > 0) yield `May not be read: ${plain(refused.join(', '))}\n`;
}

function heapLine({ node, heapLimitBytes, oldLimitBytes, flags }) {
  if (heapLimitBytes === null) return 'Heap       its limit is not known\n';
  const said = Object.entries(flags).map(([name, { value, from }]) => `--${name}${value === true ? '' : `=${value}`} in ${from}`);
  const from = [`Node.js ${plain(node)}`, ...(said.length > 0 ? [said.join(', ')] : [])].join('; ');
  return `Heap       up to ${size(heapLimitBytes)}, ${size(oldLimitBytes)} of it old objects (${from})\n`;
}

function pressureWords(pressure) {
  if (pressure === null) return 'the system does not tell';
  const { someAvg10: some, fullAvg10: all } = pressure;
  return `some tasks waited for memory ${some.toFixed(1)} % of the last 10 s, all of them ${all.toFixed(1)} %`;
}

function* hereText(found) {
  const { pressure, effectiveLimitBytes, of, levels } = found;
  yield 'A Node.js program started here would have:\n';
  yield heapLine(found);
  yield* machineText(found);
  yield `Pressure   ${pressureWords(pressure)}\n`;
  yield `Percent    of ${limitName(of)}, the nearest limit now; at most ${size(effectiveLimitBytes)}\n`;
  const { warningPercent, criticalPercent, emergencyPercent, platform } = levels;
  yield `Levels     warning ${warningPercent} %, critical ${criticalPercent} %, emergency ${emergencyPercent} % (profile ${platform})\n`;
}

function* processText(found) {
  const { pid, rssBytes, peakRssBytes, anonymousBytes, fileBytes, proportionalBytes, swapBytes, tree } = found;
  yield `Process ${pid}\n`;
  yield `Resident   ${size(rssBytes)}, peak ${size(peakRssBytes)}; ${size(anonymousBytes)} its own, ${size(fileBytes)} of files`;
  yield `${proportionalBytes === null ? '' : `, ${size(proportionalBytes)} with its part of what it shares`}\n`;
  if (swapBytes > 0) yield `Swapped    ${size(swapBytes)}\n`;
  yield heapLine(found);
  yield* machineText(found);
  if (!(tree?.processes.length > 1)) return;
  yield `\nWith what it started: ${tree.processes.length} processes, ${size(tree.rssBytes)} resident, ${size(tree.anonymousBytes)} their own\n`;
  const rows = tree.processes.map(({ pid: each, name, rssBytes: rss, anonymousBytes: own }) => [`${each} ${plain(name)}`, size(rss), size(own)]);
  yield* table(['process', 'resident', 'own'], rows);
}

async function status({ url, token, pid, json }) {
  if (url !== undefined && pid !== undefined) throw new Failure('--url and --pid are two questions: give one.', USAGE);
  await interruptible(async (signal) => {
    const [find, text] = url !== undefined ? [() => ofServer({ url, token }, signal), (found) => healthText(found, wantsColour(process.stdout))]
      : pid !== undefined ? [() => ofProcess(pid), processText] : [ofHere, hereText];
    const found = await find();
    await print(json ? [`${JSON.stringify(found, null, 2)}\n`] : text(found), signal);
  });
}

function addStatus(memory) {
  addServerOptions(memory.command('status').description('say how much memory there is, of a server, of a process, or here'))
    .option('--pid <pid>', 'look at a process that runs', pidOf)
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', HELP)
    .action(status);
}

module.exports = { addStatus };
