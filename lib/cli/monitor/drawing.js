'use strict';

const { wantsColour } = require('../colour.js');
const { frame } = require('./frame.js');

/** Whether a terminal shows blocks: all do but the console of Linux, and those of another encoding. */
function charsetOf(env) {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || 'UTF-8';
  return env.TERM === 'linux' || !/utf-?8/i.test(locale) ? 'ascii' : 'unicode';
}

/**
 * Draws a state on a terminal, again when its size changes. `stop` leaves the terminal as it was, and may be called twice;
 * so does the end of the process, whatever ends it, and Ctrl-Z.
 *
 * @param {import('./state.js').MonitorState} state
 * @param {{ enter: Function, draw: Function, leave: Function, height: number }} screen
 */
function startDrawing(state, screen, { out, title }) {
  const how = { title, coloured: wantsColour(out), charset: charsetOf(process.env) };
  let shown = false;
  const draw = () => shown && screen.draw(frame(state, { ...how, width: out.columns, height: screen.height }));
  const show = () => {
    shown = true;
    screen.enter();
    draw();
  };
  const hide = () => {
    if (shown) screen.leave();
    shown = false;
  };
  const pause = () => {
    hide();
    process.kill(process.pid, 'SIGSTOP');
  };
  const stop = () => {
    hide();
    out.off('resize', draw);
    process.off('exit', stop).off('SIGTSTP', pause).off('SIGCONT', show);
  };
  out.on('resize', draw);
  process.on('exit', stop).on('SIGTSTP', pause).on('SIGCONT', show);
  show();
  return { draw, stop };
}

module.exports = { charsetOf, startDrawing };
