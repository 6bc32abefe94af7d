'use strict';

const { wantsColour } = require('./colour.js');
const { load } = require('./load.js');
const { healthText } = require('./memory-health-text.js');
const { MemoryServer, addServerOptions } = require('./memory-server.js');
const { print, save } = require('./output.js');
const { plain } = require('./plain.js');
const { interruptible } = require('./signals.js');

const HELP = `
Reports all that is known of memory: health, trend, collections, signs of a leak
and settings of the environment. With --url it is about a server that runs,
without it about a Node.js program as it begins here.

Examples:
  $ pgtap-scanner memory report --url http://localhost:3000
  $ pgtap-scanner memory report --url http://localhost:3000 --json -o report.json

Exit codes:
  0    the report was printed or written
  2    wrong usage, a server that does not answer or does not let you, or a failure
  130  interrupted with Ctrl-C
`;

const shown = (value) => plain(typeof value === 'object' ? JSON.stringify(value) : value);

function* leakText({ score, suspected, pattern, growthMBPerHour, windows, recommendations }) {
  if (windows === 0) yield 'Leak         not judged yet: the first window takes about five minutes\n';
  else {
    const what = suspected ? `suspected (${shown(pattern)})` : 'not suspected';
    yield `Leak         ${what}, score ${Math.round(score)} of 100, floors ${growthMBPerHour.toFixed(1)} MB per hour\n`;
  }
  for (const text of recommendations) yield `Advice       ${plain(text)}\n`;
}

function* reportText({ generatedAt, node, platform, pid, uptimeSeconds, health, leak, environment }, coloured) {
  yield `Memory of process ${pid}, Node.js ${node} on ${platform}, up for ${uptimeSeconds} s, at ${generatedAt}\n\n`;
  yield* healthText(health, coloured);
  yield* leakText(leak);
  const settings = Object.entries(environment);
  yield `Environment  ${settings.length === 0 ? 'sets nothing' : settings.map(([name, value]) => `${shown(name)}=${shown(value)}`).join(' ')}\n`;
}

/** `topMemoryConsumers` as `Top memory consumers`. */
const heading = (name) => plain(name.charAt(0).toUpperCase() + name.slice(1).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));

const isEmpty = (value) => value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** The report of a server, whose values are words already: names and values, indented. */
function* outline(value, indent = '') {
  for (const [name, each] of Object.entries(value)) {
    const label = `${indent}${Array.isArray(value) ? '-' : `${heading(name)}:`}`;
    if (isEmpty(each)) yield `${label} none\n`;
    else if (typeof each !== 'object') yield `${label} ${plain(each)}\n`;
    else {
      yield `${label}\n`;
      yield* outline(each, `${indent}  `);
    }
  }
}

const ofThis = () => load('../memory/index.js').memoryMonitorUtil.generateMemoryReport();

async function report({ url, token, json, output }) {
  await interruptible(async (signal) => {
    const found = url === undefined ? ofThis() : await new MemoryServer(url, { token }).get('report', ['current'], signal);
    const coloured = output === undefined && wantsColour(process.stdout);
    const worded = () => (url === undefined ? reportText(found, coloured) : outline(found));
    const text = json ? [`${JSON.stringify(found, null, 2)}\n`] : [...worded()];
    if (output === undefined) await print(text, signal);
    else await save(output, text.join(''), signal);
  });
}

function addReport(memory) {
  addServerOptions(memory.command('report').description('report all that is known of memory'))
    .option('--json', 'one JSON document instead of text')
    .option('-o, --output <file>', 'the file to write, instead of stdout')
    .addHelpText('after', HELP)
    .action(report);
}

module.exports = { addReport };
