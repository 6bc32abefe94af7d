// What the monitor draws, line by line, and what it reads from a stream.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

const require = createRequire(import.meta.url);
const { charsetOf } = require('../../lib/cli/monitor/drawing.js');
const { readEvents } = require('../../lib/cli/monitor/event-stream.js');
const { frame } = require('../../lib/cli/monitor/frame.js');
const { graph, topOf } = require('../../lib/cli/monitor/graph.js');
const { FullScreen, Panel } = require('../../lib/cli/monitor/screen.js');
const { MonitorState } = require('../../lib/cli/monitor/state.js');
const { eventLine, sampleLine } = require('../../lib/cli/monitor/words.js');

const MB = 1024 * 1024;

/** A sample of a server; times are local, as they are shown. */
const sample = (second, rssMB, level = 'healthy', more = {}) => ({
  type: 'sample', at: new Date(2026, 0, 2, 3, 4, second).getTime(), rssBytes: rssMB * MB, peakRssBytes: rssMB * MB, heapUsedBytes: 20 * MB, heapLimitBytes: 256 * MB,
  externalBytes: 5 * MB, container: null, percent: (rssMB / 200) * 100, of: 'configured', limitBytes: 200 * MB, level, blocked: false, ...more,
});

function stateOf(...events) {
  const state = new MonitorState();
  events.forEach((event) => state.take(event));
  return state;
}

const TOTALS = { type: 'totals', totals: { collections: 1, minor: 1, major: 0, pauseMs: 3.4 } };
const PLAIN = { title: 'http://localhost:3000/api/memory', width: 50, height: 40, coloured: false, charset: 'unicode' };

test('a frame: title, level, collections, a graph for each series, the last events', () => {
  const state = stateOf(TOTALS, sample(1, 50), sample(2, 100), sample(3, 190, 'critical'));
  const lines = frame(state, { ...PLAIN, height: 13 });
  assert.deepEqual(lines, [
    'http://localhost:3000/api/memory          03:04:03',
    'Level critical 95.0 % of 200.0 MB (the configured limit)'.slice(0, 50),
    '1 collection (1 minor, 0 major), 3 ms in all',
    'Resident  190.0 MB of 200.0 MB, peak 190.0 MB',
    `  200.0 MB │${' '.repeat(35)} ▁█`.replace(' ▁█', '  ▇'),
    `       0 B │${' '.repeat(35)}▄██`,
    'Heap      20.0 MB of 256.0 MB, peak 20.0 MB',
    `   20.0 MB │${' '.repeat(35)}███`,
    `       0 B │${' '.repeat(35)}███`,
    'External  5.0 MB, peak 5.0 MB',
    `    5.0 MB │${' '.repeat(35)}███`,
    `       0 B │${' '.repeat(35)}███`,
    '03:04:03 level healthy -> critical',
  ]);
});

test('a frame fits every size, and has what is most important first', () => {
  const notes = Array.from({ length: 8 }, (_, at) => ({ type: 'note', at: sample(at, 1).at, text: `note ${at}` }));
  const state = stateOf(TOTALS, ...Array.from({ length: 300 }, (_, at) => sample(at % 60, at % 180)), ...notes);
  let looked = 0;
  for (const width of [1, 10, 20, 33, 80, 300]) {
    for (const height of [1, 2, 4, 6, 8, 13, 24, 60]) {
      const lines = frame(state, { ...PLAIN, width, height, coloured: true });
      assert.ok(lines.length <= height, `${width}x${height}: ${lines.length} lines`);
      for (const line of lines) assert.ok(stripVTControlCharacters(line).length <= width, `${width}x${height}: ${line}`);
      looked += 1;
    }
  }
  assert.equal(looked, 48);
  assert.match(frame(state, { ...PLAIN, height: 4 })[1], /^Level healthy/);
  assert.equal(frame(state, { ...PLAIN, height: 24 }).filter((line) => line.includes('note')).length, 5);
});

test('no colour is no escape; with colours each column has that of its level', () => {
  const state = stateOf(sample(1, 100), sample(2, 150, 'warning'), sample(3, 190, 'critical'));
  assert.ok(frame(state, PLAIN).every((line) => !line.includes('\x1b')));
  const coloured = frame(state, { ...PLAIN, coloured: true }).find((line) => line.includes('0 B'));
  assert.ok(coloured.endsWith('\x1b[32m█\x1b[39m\x1b[33m█\x1b[39m\x1b[31m█\x1b[39m'), JSON.stringify(coloured));
});

test('a terminal without blocks gets characters of ASCII', () => {
  const lines = frame(stateOf(sample(1, 100)), { ...PLAIN, charset: 'ascii' });
  // eslint-disable-next-line no-control-regex
  assert.ok(lines.every((line) => /^[\x20-\x7e]*$/.test(line)));
  assert.ok(lines.some((line) => line.endsWith('|'.padEnd(38) + '#')), lines.join('\n'));
  const CHARSETS = [[{}, 'unicode'], [{ LANG: 'de_DE.UTF-8' }, 'unicode'], [{ LANG: 'C' }, 'ascii'], [{ LC_ALL: 'C', LANG: 'C.UTF-8' }, 'ascii'], [{ TERM: 'linux', LANG: 'C.UTF-8' }, 'ascii']];
  for (const [env, expected] of CHARSETS) assert.equal(charsetOf(env), expected, JSON.stringify(env));
});

test('the top of a graph is the limit when that is near, else a round number above the peak', () => {
  assert.equal(topOf(100 * MB, 200 * MB), 200 * MB);
  assert.equal(topOf(250 * MB, 200 * MB), 250 * MB);
  assert.equal(topOf(10 * MB, 200 * MB), 10 * MB);
  assert.equal(topOf(11 * MB, 200 * MB), 12 * MB);
  assert.equal(topOf(0, null), MB);
});

test('graphs: what is not told is no column, and what is little is seen', () => {
  const samples = [{ level: null, v: null }, { level: null, v: 1 }, { level: null, v: 100 * MB }];
  const rows = graph({ samples, value: ({ v }) => v, limit: 100 * MB, width: 15, height: 2, coloured: false, charset: 'unicode' });
  assert.deepEqual(rows, ['  100.0 MB │  █', '       0 B │ ▁█']);
});

test('a blocked sample has no heap, and does not end the drawing', () => {
  const state = stateOf(sample(1, 50), sample(2, 60, null, { blocked: true, percent: null, heapUsedBytes: null, externalBytes: null }));
  const lines = frame(state, PLAIN);
  assert.equal(lines[1], 'Level the program does not answer');
  assert.ok(lines.includes('Heap      - of 256.0 MB, peak 20.0 MB'));
});

test('names of strangers are plain text', () => {
  const state = stateOf(sample(1, 50, '\x1b[31mred'), { type: 'spike', severity: 'high', memoryIncrease: 60 * MB, operation: '\x07bell', timestamp: new Date(0).toISOString() });
  const text = frame(state, { ...PLAIN, title: 'a\x1b]0;title' }).join('\n');
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f]/);
  assert.match(text, /spike of 60\.0 MB, high, by \\x07bell/);
});

test('the state: levels that change, peaks, histories that overlap, a bounded number of everything', () => {
  const state = new MonitorState();
  assert.deepEqual(state.take(sample(1, 50)).length, 1);
  const [, change] = state.take(sample(2, 180, 'warning'));
  assert.deepEqual([change.type, change.from, change.to, change.percent], ['level', 'healthy', 'warning', 90]);
  state.take({ type: 'history', samples: [sample(2, 180), sample(3, 120)] });
  assert.deepEqual(state.samples.map(({ rssBytes }) => rssBytes / MB), [50, 180, 120]);
  assert.deepEqual([state.count, state.peaks.get('Resident')], [2, 180 * MB]);
  for (let at = 0; at < 1500; at += 1) state.take(sample(4, 10));
  for (let at = 0; at < 100; at += 1) state.take({ type: 'note', at, text: 'x' });
  assert.deepEqual([state.samples.length, state.events.length], [1000, 50]);
});

test('lines for who reads no drawing', () => {
  const state = stateOf(TOTALS, sample(9, 100, 'warning', { processes: 2 }));
  assert.equal(sampleLine(state.last, state, false),
    '03:04:09 warning 50.0 % of 200.0 MB (the configured limit), resident 100.0 MB, heap 20.0 MB, external 5.0 MB, 2 processes, 1 collection (1 minor, 0 major), 3 ms in all');
  assert.equal(eventLine({ type: 'note', at: state.last.at, text: 'gone' }, false), '03:04:09 gone');
});

/** What is written to a terminal of this size. */
function terminal(columns, rows) {
  const out = { columns, rows, text: '', write: (text) => { out.text += text; } };
  return out;
}

test('the full screen is another one, and what it changes it changes back', () => {
  const out = terminal(80, 24);
  const screen = new FullScreen(out);
  screen.enter();
  screen.draw(['a', 'b']);
  screen.leave();
  assert.deepEqual(out.text.match(/\x1b\[\?\d+[hl]/g), ['\x1b[?1049h', '\x1b[?25l', '\x1b[?7l', '\x1b[?7h', '\x1b[?25h', '\x1b[?1049l']);
});

test('a panel makes room for whole lines of the command, and stands below them', () => {
  const out = terminal(10, 24);
  const panel = new Panel(out);
  const take = () => { const { text } = out; out.text = ''; return text.replaceAll(/\x1b\[(\?\d+[hl]|K)/g, ''); };
  panel.enter();
  panel.draw(['one', 'two']);
  assert.equal(take(), 'one\r\ntwo');
  panel.write('begin', out);
  assert.equal(take(), '', 'half a line waits');
  panel.write('ning\nnext\nha', out);
  assert.equal(take(), '\r\x1b[1A\x1b[Jbeginning\nnext\none\r\ntwo');
  // The terminal became narrower: 'a line of 20 columns' now takes four rows.
  panel.draw(['a line of 20 columns', 'two']);
  take();
  out.columns = 5;
  panel.draw(['three']);
  assert.equal(take(), '\r\x1b[4A\x1b[Jthree');
  panel.leave();
  assert.equal(take(), '\r\x1b[Jha\n', 'what waits is written, and the panel is gone');
  panel.write('after', out);
  assert.equal(take(), 'after', 'nothing waits any more');
});

const bytes = (...texts) => new ReadableStream({
  start(controller) {
    for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
    controller.close();
  },
});

async function eventsOf(body) {
  const found = [];
  for await (const { name, data } of readEvents(body)) found.push([name, data]);
  return found;
}

test('events of a stream: in pieces, of several lines, with comments and either line end', async () => {
  assert.deepEqual(await eventsOf(bytes('retry: 1\n\n:\n\nevent: sam', 'ple\ndata: 1\nda', 'ta:2\n', '\nevent: gc\r\ndata: x\r\n\r\ndata: plain\n\ndata: cut')), [
    ['sample', '1\n2'], ['gc', 'x'], ['message', 'plain'],
  ]);
});

test('a stream that breaks is a failure in words', async () => {
  let pulls = 0;
  const body = new ReadableStream({ pull(controller) { if ((pulls += 1) > 1) controller.error(new Error('reset')); else controller.enqueue(new TextEncoder().encode('data: 1\n\n')); } });
  await assert.rejects(eventsOf(body), /^Error: The stream broke: reset$/);
});
