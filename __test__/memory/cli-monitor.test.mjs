// `pgtap-scanner memory monitor` of processes and commands, in pipes and in a terminal of its own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url));
const MB = 1024 * 1024;
const noProc = process.platform !== 'linux' && 'only Linux tells of other processes';

const scratch = mkdtempSync(join(tmpdir(), 'pgtap-monitor-'));
after(() => rmSync(scratch, { recursive: true }));

function file(name, text) {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

/** Takes 60 MB in a child of its own, says a few things and ends with 3. */
const WORK = file('work.cjs', `
const { spawnSync } = require('node:child_process');
console.log('to stdout');
console.error('to stderr');
spawnSync(process.execPath, ['-e', 'const held = Buffer.alloc(60e6, 1); setTimeout(() => held, 1200)']);
process.stdout.write('half a line');
process.exitCode = 3;
`);
/** Takes memory for ever, and notes the signal that it is told. */
const ENDLESS = file('endless.cjs', `
const { writeFileSync } = require('node:fs');
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => { writeFileSync(process.argv[2], name); process.exit(0); });
setInterval(() => {}, 1000);
console.log('started');
`);

function start(args, env = {}) {
  const child = spawn(process.execPath, [MAIN, 'memory', 'monitor', ...args], { env: { ...process.env, ...env } });
  return followed(child);
}

function followed(child) {
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => { said.out += text; });
  child.stderr?.setEncoding('utf8').on('data', (text) => { said.err += text; });
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })));
  return { child, said, ended };
}

async function until(holds) {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 600, 'it does not come');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const lines = (text) => text.split('\n').slice(0, -1).map((line) => JSON.parse(line));

test('a command in a pipe: its output stays alone on stdout, samples go to stderr, its exit code is answered', { skip: noProc }, async () => {
  const { code, out, err } = await start(['--interval', '100', '--', process.execPath, WORK]).ended;
  assert.deepEqual([code, out], [3, 'to stdout\nhalf a line']);
  assert.match(err, /^to stderr$/m);
  assert.match(err, /^\d\d:\d\d:\d\d \w+ \d+\.\d % of .*, resident \d+\.\d MB, own \d+\.\d MB, 2 processes$/m);
  const [, resident] = /^\S+ ended with 3\. Peaks of \d+ samples: resident (\d+\.\d) MB, own/m.exec(err);
  assert.ok(Number(resident) > 60, `the child counts: ${resident}`);
});

test('a command with --json: each line of stdout is an event, the last one tells its end', { skip: noProc }, async () => {
  const { code, out, err } = await start(['--json', '--interval', '100', '--', process.execPath, WORK]).ended;
  assert.equal(code, 3);
  assert.match(err, /to stdout[^]*half a line|to stderr/);
  const events = lines(out);
  const end = events.pop();
  assert.deepEqual([end.type, end.exitCode], ['end', 3]);
  const samples = events.filter(({ type }) => type === 'sample');
  assert.ok(samples.length >= 5 && samples.length === end.samples);
  assert.ok(end.peaks.Resident > 60 * MB && end.peaks.Resident === Math.max(...samples.map(({ peakRssBytes }) => peakRssBytes)));
  assert.ok(samples.some(({ processes }) => processes === 2));
});

test('a peak between two samples is not missed', { skip: noProc }, async () => {
  const held = 'const held = Buffer.alloc(60e6, 1); setTimeout(() => held, 900)';
  const program = `setTimeout(() => require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(held)}]), 300); setTimeout(() => {}, 3400)`;
  const { out } = await start(['--json', '--interval', '3000', '--', process.execPath, '-e', program]).ended;
  const samples = lines(out).filter(({ type }) => type === 'sample');
  assert.ok(samples.every(({ rssBytes }) => rssBytes < 90 * MB), 'the samples themselves are low');
  assert.ok(samples.at(-1).peakRssBytes > 100 * MB, `${samples.at(-1).peakRssBytes}`);
});

test('a command that a signal ends has 128 and its number', { skip: noProc }, async () => {
  const { code, err } = await start(['--', 'sh', '-c', 'kill -9 $$']).ended;
  assert.equal(code, 137);
  assert.match(err, /^sh was ended by SIGKILL\./m);
});

test('a signal to the monitor reaches the command, which is waited for', { skip: noProc }, async () => {
  for (const [signal, expected] of [['SIGINT', 130], ['SIGTERM', 143]]) {
    const note = join(scratch, signal);
    const { child, said, ended } = start(['--', process.execPath, ENDLESS, note]);
    await until(() => said.out.includes('started'));
    child.kill(signal);
    const { code, err } = await ended;
    assert.deepEqual([code, readFileSync(note, 'utf8')], [expected, signal]);
    assert.match(err, /Peaks of \d+ samples: .*\npgtap-scanner: Interrupted\.\n$/);
  }
});

test('a process is followed to its end', { skip: noProc }, async () => {
  const target = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1500)']);
  const { code, out } = await start(['--pid', `${target.pid}`, '--interval', '200']).ended;
  assert.equal(code, 0);
  assert.match(out, new RegExp(`^Process ${target.pid} has ended\\. Peaks of \\d+ samples: resident `, 'm'));
});

test('a rise of a process is a spike', { skip: noProc }, async () => {
  const program = 'setTimeout(() => { globalThis.held = Buffer.alloc(90e6, 1); }, 1200); setTimeout(() => {}, 4500)';
  const { out } = await start(['--json', '--interval', '100', '--', process.execPath, '-e', program]).ended;
  const spikes = lines(out).filter(({ type }) => type === 'spike');
  assert.equal(spikes.length, 1);
  assert.ok(spikes[0].memoryIncrease > 80 * MB && spikes[0].memoryIncrease < 130 * MB);
});

test('without a target it is the machine', { skip: noProc }, async () => {
  const { code, out } = await start(['--once']).ended;
  assert.equal(code, 0);
  assert.match(out, /^\d\d:\d\d:\d\d \w+ \d+\.\d % of .* \((the machine|the container)\)(, container .*)?, machine .*\n$/);
});

// util-linux's: runs a command in a terminal of its own.
const noTerminal = spawnSync('script', ['-qec', 'exit 7', '/dev/null']).status !== 7 && 'no script(1) of util-linux';

/** The program in a terminal of this size. */
function inTerminal(args, { columns = 80, rows = 24, env = {} } = {}) {
  const quoted = [process.execPath, MAIN, 'memory', 'monitor', ...args].map((word) => `'${word}'`).join(' ');
  // Node.js takes what runs in CI to have no colours.
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...clean } = process.env;
  return followed(spawn('script', ['-qec', `stty cols ${columns} rows ${rows}; exec ${quoted}`, '/dev/null'], { env: { ...clean, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env } }));
}

/** The frames that were drawn on the second screen, as lines of text. */
const framesOf = (out) => out.split('\x1b[H').slice(1).map((text) => stripVTControlCharacters(text.split('\x1b[?7h')[0]).split('\n').map((line) => line.replaceAll('\r', '')));

test('in a terminal it draws on a screen of its own, and Ctrl-C leaves the terminal as it was', { skip: noTerminal || noProc }, async () => {
  const { child, said, ended } = inTerminal(['--interval', '100', '--pid', `${process.pid}`]);
  await until(() => framesOf(said.out).length > 4);
  child.stdin.write('\x03');
  const { code, out } = await ended;
  assert.equal(code, 130);
  const frame = framesOf(out).at(-2);
  assert.match(frame[0], new RegExp(`^process ${process.pid} +\\d\\d:\\d\\d:\\d\\d$`));
  assert.equal(frame[0].length, 80);
  assert.ok(frame.length <= 24 && frame.length >= 20, `${frame.length} lines`);
  assert.ok(frame.some((line) => /^Resident +\d+\.\d MB of /.test(line)) && frame.some((line) => /[▁▂▃▄▅▆▇█]$/.test(line)));
  assert.ok(out.includes('\x1b[32m'), 'the level has its colour');
  // The second screen, cursor and line wrapping are as before, and only then something is said.
  assert.match(out, /\x1b\[\?7h\x1b\[\?25h\x1b\[\?1049lPeaks of \d+ samples: .*\r\npgtap-scanner: Interrupted\.\r\n$/);
  assert.equal(out.split('\x1b[?1049h').length, out.split('\x1b[?1049l').length);
});

test('NO_COLOR, and a terminal of another encoding', { skip: noTerminal || noProc }, async () => {
  const { child, said, ended } = inTerminal(['--interval', '100'], { columns: 40, rows: 10, env: { NO_COLOR: '1', LANG: 'C' } });
  await until(() => framesOf(said.out).length > 3);
  child.stdin.write('\x03');
  const { out } = await ended;
  assert.doesNotMatch(out, /\x1b\[\d+m/);
  assert.doesNotMatch(out, /[^\x00-\x7f]/);
  const frame = framesOf(out).at(-2);
  assert.ok(frame.length <= 10 && frame.every((line) => line.length <= 40), frame.join('\n'));
});

test('a dumb terminal gets lines', { skip: noTerminal || noProc }, async () => {
  const { child, said, ended } = inTerminal(['--interval', '100'], { env: { TERM: 'dumb' } });
  await until(() => said.out.split('\n').length > 3);
  child.stdin.write('\x03');
  const { code, out } = await ended;
  assert.equal(code, 130);
  assert.ok(!out.includes('\x1b'), 'nothing is drawn');
});

test('a command in a terminal is printed above the panel, whole, and its exit code is answered', { skip: noTerminal || noProc }, async () => {
  const { code, out } = await inTerminal(['--interval', '100', '--', process.execPath, WORK]).ended;
  assert.equal(code, 3);
  const text = stripVTControlCharacters(out);
  for (const line of ['to stdout\r\n', 'to stderr\r\n', 'half a line\r\n']) assert.equal(text.split(line).length, 2, JSON.stringify(line));
  assert.match(text, /Level healthy|Level warning|Level critical|Level emergency/);
  assert.ok(!out.includes('\x1b[?1049h'), 'the first screen is kept');
  assert.match(out, /\x1b\[\?25hhalf a line\r\n\S+ ended with 3\. Peaks of/);
});

test('Ctrl-C in a terminal ends the command and the monitor', { skip: noTerminal || noProc }, async () => {
  const note = join(scratch, 'terminal');
  const { child, said, ended } = inTerminal(['--interval', '100', '--', process.execPath, ENDLESS, note]);
  await until(() => said.out.includes('Level') && said.out.includes('started'));
  child.stdin.write('\x03');
  const { code, out } = await ended;
  assert.deepEqual([code, readFileSync(note, 'utf8')], [130, 'SIGINT']);
  assert.match(out, /Interrupted\.\r\n$/);
});
