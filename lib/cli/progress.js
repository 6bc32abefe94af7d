'use strict';

const { SingleBar } = require('cli-progress');

/** Whether stderr is a terminal that can draw. */
function canDraw() {
  return Boolean(process.stderr.isTTY) && process.env.TERM !== 'dumb';
}

/** Draws the progress of a scan on stderr. `stop` leaves the terminal as it was, and may be called twice. */
function drawProgress(scanner) {
  const bar = new SingleBar({
    format: 'Reading {bar} {percentage}% | {value} of {total} files',
    stream: process.stderr,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    clearOnComplete: true,
    // Signals are ours: the scan has to be told, too.
    gracefulExit: false,
  });
  const draw = ({ type, data }) => {
    if (type !== 'progress') return;
    if (!bar.isActive) bar.start(data.totalFiles, 0);
    bar.update(data.filesProcessed);
  };
  scanner.on('progress', draw);
  return function stop() {
    scanner.off('progress', draw);
    if (bar.isActive) bar.stop();
  };
}

module.exports = { canDraw, drawProgress };
