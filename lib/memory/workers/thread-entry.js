'use strict';

const { getHeapStatistics } = require('node:v8');
const { parentPort, workerData } = require('node:worker_threads');

const { collect } = require('../collect.js');
const { MEMORY_SYMBOL } = require('./inspection.js');
const { openScript } = require('./script.js');
const { encodeError } = require('./task-errors.js');

const { url, control } = workerData;

function usedBytes() {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/**
 * What is in use when garbage is gone. Twice: the memory of a Buffer is returned by the collection after the one that found
 * it. Not where V8 is about to give up: a collection that finds the heap above its limit ends the whole process.
 */
function collectedBytes() {
  const { used_heap_size: heap, heap_size_limit: limit } = getHeapStatistics();
  if (heap < limit) {
    collect();
    collect();
  }
  return usedBytes();
}

Object.defineProperty(globalThis, Symbol.for(MEMORY_SYMBOL), { value: { usedBytes, collectedBytes } });

/** Answers a task with what the module's function gives or throws. */
async function answer(call, task, signal) {
  const context = { type: task.type, signal, post: (value) => control.postMessage({ said: value }) };
  try {
    control.postMessage({ answer: { success: true, result: await call(task, context) } });
  } catch (error) {
    control.postMessage({ answer: { success: false, error: encodeError(error) } });
  }
}

/** Takes tasks one after another; `cancel` is about the one that runs. */
function serve(call) {
  let controller;
  control.on('message', ({ task, cancel }) => {
    if (cancel) return controller.abort(cancel.reason);
    controller = new AbortController();
    return void answer(call, task, controller.signal);
  });
}

async function open() {
  try {
    const call = await openScript(url, parentPort);
    if (call) serve(call);
    control.postMessage({ ready: call ? 'functions' : 'port' });
  } catch (error) {
    // Thrown where nothing catches it, it becomes the event `error` of the worker, before its end.
    setImmediate(() => {
      throw error;
    });
  }
}

void open();
