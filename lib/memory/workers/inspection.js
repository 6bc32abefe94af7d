'use strict';

const { isMainThread } = require('node:worker_threads');

/** What the entry of a thread answers: bytes in use, before and after a collection. */
const MEMORY_SYMBOL = 'pgtap-scanner.worker-memory';

/** Asks threads for their memory while their JavaScript runs: V8 answers between two of its steps. */
class Inspection {
  #session;
  /** Thread -> the session that the inspector has with it. */
  #threads = new Map();
  /** Session and number of the question -> what its answer is given to. */
  #asked = new Map();
  #number = 0;

  constructor() {
    // Loaded on first use: not every build of Node.js has it.
    const { Session } = require('node:inspector');
    this.#session = new Session();
    this.#session.on('NodeWorker.attachedToWorker', ({ params }) => this.#attached(params));
    this.#session.on('NodeWorker.detachedFromWorker', ({ params }) => this.#detached(params.sessionId));
    this.#session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => this.#answered(params));
    this.#session.connect();
    this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  }

  /** The bytes that `method` of a thread's entry answers; `null` when the thread is not there. */
  ask(threadId, method) {
    const sessionId = this.#threads.get(threadId);
    if (sessionId === undefined) return Promise.resolve(null);
    const id = (this.#number += 1);
    const expression = `globalThis[Symbol.for('${MEMORY_SYMBOL}')].${method}()`;
    const message = JSON.stringify({ id, method: 'Runtime.evaluate', params: { expression, returnByValue: true, silent: true } });
    return new Promise((resolve) => {
      const key = `${sessionId}/${id}`;
      this.#asked.set(key, resolve);
      this.#session.post('NodeWorker.sendMessageToWorker', { sessionId, message }, (error) => error && this.#settle(key, null));
    });
  }

  close() {
    this.#session.disconnect();
    for (const key of [...this.#asked.keys()]) this.#settle(key, null);
  }

  /** The inspector numbers threads by itself; the title begins with the number that they have elsewhere. */
  #attached({ sessionId, workerInfo }) {
    const [, threadId] = /^\[worker (\d+)\]/.exec(workerInfo.title) ?? [];
    if (threadId !== undefined) this.#threads.set(Number(threadId), sessionId);
  }

  #answered({ sessionId, message }) {
    const { id, result } = JSON.parse(message);
    const bytes = result?.result?.value;
    if (id !== undefined) this.#settle(`${sessionId}/${id}`, typeof bytes === 'number' ? bytes : null);
  }

  #detached(gone) {
    for (const [threadId, sessionId] of this.#threads) if (sessionId === gone) this.#threads.delete(threadId);
    for (const key of [...this.#asked.keys()]) if (key.startsWith(`${gone}/`)) this.#settle(key, null);
  }

  #settle(key, bytes) {
    const resolve = this.#asked.get(key);
    this.#asked.delete(key);
    resolve?.(bytes);
  }
}

let shared = null;
let users = 0;

/** The inspector's sessions with all threads, shared by whoever needs them; made at the first question. */
function openInspection() {
  let open = false;
  return {
    ask(threadId, method) {
      // Other threads may not inspect their like, and a build of Node.js may come without an inspector.
      if (!isMainThread || !process.features.inspector) return Promise.resolve(null);
      if (!open) users += 1;
      open = true;
      shared ??= new Inspection();
      return shared.ask(threadId, method);
    },
    close() {
      if (!open) return;
      open = false;
      users -= 1;
      if (users > 0) return;
      shared.close();
      shared = null;
    },
  };
}

module.exports = { MEMORY_SYMBOL, openInspection };
