'use strict';

const { basename } = require('node:path');

const { SingleBar } = require('cli-progress');

const { plain } = require('./plain.js');

/** Whether stderr is a terminal that can draw. */
function canDraw() {
  return Boolean(process.stderr.isTTY) && process.env.TERM !== 'dumb';
}

function newBar(format) {
  return new SingleBar({
    format,
    stream: process.stderr,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    clearOnComplete: true,
    // Signals are ours: the scan has to be told, too.
    gracefulExit: false,
  });
}

/** What stands for a drawing where nothing is drawn. */
const IDLE = { draw: undefined, stop: () => {} };

/** Draws the progress of a scan on stderr. `stop` leaves the terminal as it was, and may be called twice. */
function drawProgress(scanner) {
  const bar = newBar('Reading {bar} {percentage}% | {value} of {total} files');
  const draw = ({ type, data }) => {
    if (type !== 'progress') return;
    if (!bar.isActive) bar.start(data.totalFiles, 0);
    bar.update(data.filesProcessed);
  };
  scanner.on('progress', draw);
  return {
    stop() {
      scanner.off('progress', draw);
      if (bar.isActive) bar.stop();
    },
  };
}

/** The same for the reading of files: `draw` takes what `onProgress` of the snapshots' functions is told. */
function drawReading() {
  const bar = newBar('{phase} {bar} {percentage}% | {value} of {total} MB of {name}');
  const megabytes = (bytes) => Math.round(bytes / 1e6);
  const draw = ({ file, phase, bytesRead, totalBytes }) => {
    const what = { name: plain(basename(file)), phase: phase === 'reading' ? 'Reading' : 'Working out what is retained' };
    if (!bar.isActive) bar.start(megabytes(totalBytes), 0, what);
    bar.setTotal(megabytes(totalBytes));
    bar.update(megabytes(bytesRead), what);
  };
  return { draw, stop: () => bar.isActive && bar.stop() };
}

/** The same for migrations: `draw` takes what `onProgress` of schemaSource() is told. */
function drawApplying() {
  const bar = newBar('Applying {bar} {percentage}% | {value} of {total} files');
  const draw = ({ applied, total }) => {
    if (!bar.isActive) bar.start(total, 0);
    bar.update(applied);
  };
  return { draw, stop: () => bar.isActive && bar.stop() };
}

module.exports = { IDLE, canDraw, drawApplying, drawProgress, drawReading };
