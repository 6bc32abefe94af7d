'use strict';

const { InvalidArgumentError } = require('commander');

const { wantsColour } = require('./colour.js');
const { Failure, USAGE } = require('./failure.js');
const { pidOf } = require('./memory-doctor.js');
const { MemoryServer, addServerOptions } = require('./memory-server.js');
const { startDrawing } = require('./monitor/drawing.js');
const { commandSource, hereSource, processSource } = require('./monitor/process-source.js');
const { FullScreen, Panel } = require('./monitor/screen.js');
const { serverSource } = require('./monitor/server-source.js');
const { MonitorState } = require('./monitor/state.js');
const { eventLine, sampleLine } = require('./monitor/words.js');
const { plain } = require('./plain.js');
const { IDLE } = require('./progress.js');
const { interruptible } = require('./signals.js');
const { size } = require('./size.js');

const LEAST_MS = 100;
const MOST_MS = 3_600_000;

const HELP = `
Shows memory as it changes: of a server with --url (resident memory, heap,
external memory, collections, spikes), of a process and all that it started with
--pid, of a command that it runs behind --, or of this machine. In a terminal it
draws, elsewhere it prints a line for each sample, with --json a JSON document.

A command is printed above the drawing, and its exit code is the monitor's. Its
output goes through a pipe when it is drawn, so that it may leave out colours.

Examples:
  $ pgtap-scanner memory monitor --url http://localhost:3000
  $ pgtap-scanner memory monitor --pid 4711 --interval 5000
  $ pgtap-scanner memory monitor -- npm run build
  $ pgtap-scanner memory monitor --json -- node app.js | jq 'select(.type == "level")'

Exit codes:
  0    the process that was followed has ended, or --once
  2    wrong usage, a process that is not there, a server that does not answer
  130  interrupted with Ctrl-C
  that of the command, or 128 and the number of the signal that ended it
`;

function intervalOf(text) {
  if (/^\d{1,7}$/.test(text) && Number(text) >= LEAST_MS && Number(text) <= MOST_MS) return Number(text);
  throw new InvalidArgumentError(`It is a whole number of milliseconds from ${LEAST_MS} to ${MOST_MS}.`);
}

function checkTarget(command, { url, pid, once }) {
  const targets = [url !== undefined, pid !== undefined, command.length > 0].filter(Boolean).length;
  if (targets > 1) throw new Failure('--url, --pid and a command are three things to monitor: give one.', USAGE);
  if (once && command.length > 0) throw new Failure('--once would end the command with its first sample: leave it out.', USAGE);
}

const canDraw = (out) => Boolean(out.isTTY) && process.env.TERM !== 'dumb';

/** What the command prints goes above the panel. */
function passOn(child, panel) {
  child.stdout?.setEncoding('utf8').on('data', (text) => panel.write(text, process.stdout));
  child.stderr?.setEncoding('utf8').on('data', (text) => panel.write(text, process.stderr));
}

const jsonFace = (out) => ({
  show: (event) => event.type !== 'history' && out.write(`${JSON.stringify(event)}\n`),
  end(state, { text = null, exitCode = null }) {
    const end = { type: 'end', text, exitCode, peaks: Object.fromEntries(state.peaks), samples: state.count };
    out.write(`${JSON.stringify(end)}\n`);
  },
  drawing: IDLE,
  // What the command prints is no JSON.
  stdio: ['inherit', 2, 'inherit'],
});

function lineFace(out, state) {
  const coloured = wantsColour(out);
  const lines = { sample: (event) => sampleLine(event, state, coloured), level: eventLine, spike: eventLine, note: eventLine };
  const show = (event) => lines[event.type] && out.write(`${lines[event.type](event, coloured)}\n`);
  return { show, end: tellEnd(out), drawing: IDLE, stdio: 'inherit' };
}

/** Drawing begins with the first event: before it something may fail that is better told in plain lines. */
function drawnFace(out, state, title, screen) {
  let started = null;
  const show = () => {
    started ??= startDrawing(state, screen, { out, title });
    started.draw();
  };
  return { show, end: tellEnd(out), drawing: { stop: () => started?.stop() } };
}

function panelFace(out, state, title) {
  const panel = new Panel(out);
  const stdio = ['inherit', process.stdout.isTTY ? 'pipe' : 'inherit', 'pipe'];
  return { ...drawnFace(out, state, title, panel), stdio, onStart: (child) => passOn(child, panel) };
}

function tellEnd(out) {
  return (state, { text = null }) => {
    const peaks = [...state.peaks].map(([name, bytes]) => `${name.toLowerCase()} ${size(bytes)}`);
    out.write(`${text === null ? '' : `${plain(text)} `}Peaks of ${state.count} samples: ${peaks.join(', ') || 'none'}\n`);
  };
}

/** How events are shown: as JSON, in lines, or drawn. */
function faceOf(command, { json, once }, state, title) {
  if (json) return jsonFace(process.stdout);
  // What a command prints on stdout stays alone there.
  const out = command.length > 0 ? process.stderr : process.stdout;
  if (once || !canDraw(out)) return lineFace(out, state);
  return command.length > 0 ? panelFace(out, state, title) : drawnFace(out, state, title, new FullScreen(out));
}

/** What is followed, with its name. */
function targetOf(command, { url, token, pid, interval }) {
  if (url !== undefined) {
    const server = new MemoryServer(url, { token });
    return { title: server.base, source: () => serverSource(server, interval) };
  }
  if (pid !== undefined) return { title: `process ${pid}`, source: () => processSource(pid, interval) };
  if (command.length === 0) return { title: 'this machine', source: () => hereSource(interval) };
  return { title: command.join(' '), source: ({ stdio, onStart }) => commandSource(command, interval, { stdio, onStart }) };
}

/** Runs a source until it ends, is interrupted, or has told the one sample that was asked for. */
async function follow(run, state, face, { once, interval }, signal) {
  const enough = new AbortController();
  let toldAt = -Infinity;
  const tell = (event) => {
    if (enough.signal.aborted) return;
    // A stream has an interval of its own.
    if (event.type === 'sample' && event.at - toldAt < interval / 2) return;
    if (event.type === 'sample') toldAt = event.at;
    for (const each of state.take(event)) face.show(each);
    if (once && event.type === 'sample') enough.abort();
  };
  try {
    return await run(tell, AbortSignal.any([signal, enough.signal])) ?? {};
  } catch (error) {
    if (enough.signal.aborted && !signal.aborted) return {};
    throw error;
  }
}

async function monitor(command, options) {
  checkTarget(command, options);
  const { title, source } = targetOf(command, options);
  const state = new MonitorState();
  const face = faceOf(command, options, state, title);
  let end = {};
  try {
    await interruptible(async (signal) => {
      end = await follow(source(face), state, face, options, signal);
    }, face.drawing);
  } finally {
    if ((state.count > 0 || end.text) && !options.once) face.end(state, end);
  }
  if (end.exitCode) process.exitCode = end.exitCode;
}

function addMonitor(memory) {
  addServerOptions(memory.command('monitor').description('show memory as it changes: of a server, a process, a command, or this machine'))
    .argument('[command...]', 'behind --: a command to run and follow')
    .option('--pid <pid>', 'follow a process that runs', pidOf)
    .option('--interval <ms>', 'milliseconds between two samples', intervalOf, 1000)
    .option('--once', 'end with the first sample')
    .option('--json', 'print one JSON document in a line for each event')
    .addHelpText('after', HELP)
    .action(monitor);
}

module.exports = { addMonitor };
