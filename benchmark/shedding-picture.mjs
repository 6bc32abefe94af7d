// Draws a kept run of the benchmark `shedding` as SVG: `node benchmark/shedding-picture.mjs RUN.json PICTURE.svg`.
//
// For each server: how full its memory was, how requests were answered second by second, and whether probes were.
import { readFileSync, writeFileSync } from 'node:fs';

const WIDTH = 860;
const PLOT = { left: 60, width: 780, height: 150, gap: 78, top: 70 };
const COLORS = { 200: '#2e7d32', 503: '#ef9a1a', failed: '#c62828', line: '#1f4e9c', text: '#222222', grid: '#dddddd' };
const WAYS = { without: 'Without the middleware', with: 'With the middleware' };

const round = (number) => Math.round(number * 10) / 10;
const text = (x, y, words, more = '') => `<text x="${round(x)}" y="${round(y)}" ${more}>${words}</text>`;
const rect = (x, y, width, height, color) => `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${color}"/>`;

/** Places in one plot: seconds from left to right, parts of the height from the bottom up. */
function scale(index, seconds) {
  const top = PLOT.top + index * (PLOT.height + PLOT.gap);
  return { top, x: (second) => PLOT.left + (second / seconds) * PLOT.width, y: (part) => top + PLOT.height * (1 - part) };
}

function axes({ top, x, y }, seconds, most) {
  const lines = [0, 50, 100].map((percent) => {
    const line = `<line x1="${PLOT.left}" x2="${PLOT.left + PLOT.width}" y1="${y(percent / 100)}" y2="${y(percent / 100)}" stroke="${COLORS.grid}"/>`;
    return line + text(PLOT.left - 8, y(percent / 100) + 4, `${percent} %`, 'text-anchor="end"') + text(PLOT.left + PLOT.width + 4, y(percent / 100) + 4, `${Math.round((most * percent) / 100)}`);
  });
  const marks = Array.from({ length: Math.floor(seconds / 5) + 1 }, (_, at) => text(x(at * 5), top + PLOT.height + 15, `${at * 5} s`, 'text-anchor="middle"'));
  return [...lines, ...marks];
}

/** Answers of each second, on top of each other. */
function bars({ x, y }, rows, most) {
  return rows.flatMap((row) => {
    let below = 0;
    return ['200', '503', 'failed'].filter((kind) => row[kind] > 0).map((kind) => {
      const [from, to] = [below, (below += row[kind])];
      return rect(x(row.second) + 1, y(to / most), x(row.second + 1) - x(row.second) - 2, y(from / most) - y(to / most), COLORS[kind]);
    });
  });
}

function memory({ x, y }, probes) {
  const points = probes.filter(({ percent }) => Number.isFinite(percent)).map(({ at, percent }) => `${round(x(at / 1_000))},${round(y(Math.min(percent, 100) / 100))}`);
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${COLORS.line}" stroke-width="2"/>`;
}

const health = ({ x, top }, probes) => probes.map(({ at, status }) => {
  const answered = status === 200;
  return `<circle cx="${round(x(at / 1_000))}" cy="${top - 9}" r="${answered ? 2 : 4}" fill="${COLORS[answered ? 200 : 'failed']}"/>`;
});

const outcome = ({ ended, answered, refused, failed, probes, 'probes failed': lost }) => {
  const end = ended === null ? 'lives' : `ended by ${ended}`;
  return `${end}; ${answered} answered, ${refused} refused, ${failed} lost; ${probes - lost} of ${probes} health probes answered`;
};

function plot(way, run, index, seconds, most) {
  const place = scale(index, seconds);
  const title = `<tspan font-weight="bold">${WAYS[way]}</tspan>: ${outcome(run.verdict)}`;
  return [
    text(PLOT.left, place.top - 22, title), ...health(place, run.probes), ...axes(place, seconds, most), ...bars(place, run.rows, most),
    memory(place, run.probes),
  ];
}

function legend() {
  const entries = [['memory in use, percent of the limit (left)', COLORS.line], ['200', COLORS[200]], ['503', COLORS[503]], ['lost; requests per second (right)', COLORS.failed]];
  const at = [60, 350, 410, 470];
  return entries.flatMap(([words, color], i) => [rect(at[i], 12, 12, 12, color), text(at[i] + 18, 22, words)]);
}

/** The picture of one case of a kept run: `{ shown, without, with }`. */
export function picture({ shown, ...runs }) {
  const ways = Object.keys(WAYS).filter((way) => runs[way]);
  const rows = ways.flatMap((way) => runs[way].rows);
  const seconds = Math.max(...rows.map(({ second }) => second)) + 1;
  const most = Math.ceil(Math.max(...rows.map(({ sent }) => sent)) / 50) * 50;
  const height = PLOT.top + ways.length * (PLOT.height + PLOT.gap) - 45;
  const parts = ways.flatMap((way, index) => plot(way, runs[way], index, seconds, most));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH + 30} ${height}" font-family="sans-serif" font-size="12" fill="${COLORS.text}" role="img">`,
    `<title>A server whose requests hold ${shown}, under a load that grows and falls</title>`,
    rect(0, 0, WIDTH + 30, height, '#ffffff'), ...legend(), ...parts, '</svg>', '',
  ].join('\n');
}

const [run, file] = process.argv.slice(2);
if (!run || !file) throw new Error('usage: node benchmark/shedding-picture.mjs RUN.json PICTURE.svg');
writeFileSync(file, picture(JSON.parse(readFileSync(run, 'utf8')).runs.buffers));
