// Counts V8's collection profilers: `live` of them run, `made` were ever started; and how often V8 was `asked` for a major
// collection, by a large transfer. Loaded with --require.
'use strict';

const v8 = require('node:v8');
const threads = require('node:worker_threads');

globalThis.live = 0;
globalThis.made = 0;
globalThis.asked = 0;
const { GCProfiler } = v8;
v8.GCProfiler = class extends GCProfiler {
  start() {
    globalThis.live += 1;
    globalThis.made += 1;
    super.start();
  }

  stop() {
    globalThis.live -= 1;
    return super.stop();
  }
};

const { MessageChannel } = threads;
threads.MessageChannel = class {
  constructor() {
    const channel = new MessageChannel();
    const { postMessage } = channel.port1;
    channel.port1.postMessage = (message, transfer) => {
      if (transfer[0].byteLength >= 64 * 1024 * 1024) globalThis.asked += 1;
      postMessage.call(channel.port1, message, transfer);
    };
    return channel;
  }
};
