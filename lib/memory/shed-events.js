'use strict';

const { ListenerList } = require('./listener-list.js');

const listeners = new ListenerList('A listener of refused requests');

/**
 * Tells that a request was refused because memory was scarce.
 *
 * @param {'reject' | 'probabilistic'} mode how it was chosen
 */
function tellShed(mode) {
  listeners.tell(mode);
}

module.exports = { onShed: (listener) => listeners.add(listener), tellShed };
