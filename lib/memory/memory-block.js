'use strict';

const { operations } = require('./operations.js');

/** What runs from here to `end()`; documented in memory-block.d.ts. */
class MemoryBlock {
  #operation;
  #result;

  constructor(operation) {
    this.#operation = operation;
  }

  end() {
    this.#result ??= operations.endNow(this.#operation);
    return this.#result;
  }

  [Symbol.dispose]() {
    this.end();
  }
}

function createMemoryBlock(name, context) {
  return new MemoryBlock(operations.begin(name, context, createMemoryBlock, true));
}

module.exports = { createMemoryBlock };
