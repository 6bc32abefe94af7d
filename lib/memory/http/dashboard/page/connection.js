// The server's events, and asking it again when it is gone. By fetch, for EventSource can send no token.

/** The page is at BASE/dashboard, everything else beside it; wherever BASE is. */
const BASE = location.pathname.replace(/\/+$/, '').replace(/[^/]*$/, '');
/** A server that lives sends a heartbeat every 15 seconds. */
const SILENT_MS = 40_000;
const LONGEST_WAIT_MS = 15_000;
/** An event without an end is nothing that our server sends. */
const LONGEST_EVENT = 8 * MB;

/** Only here, never stored. */
let token = '';
const authorisation = () => (token === '' ? {} : { Authorization: `Bearer ${token}` });

function eventOf(block) {
  let type = 'message';
  const data = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) type = line.slice(7);
    if (line.startsWith('data: ')) data.push(line.slice(6));
  }
  return data.length > 0 ? { type, data: JSON.parse(data.join('\n')) } : null;
}

/** Reads events until the stream ends. */
async function readEvents(body, onChunk, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onChunk();
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    if (rest.length > LONGEST_EVENT) throw new Error('The server sends no events');
    for (const event of blocks.map(eventOf)) if (event) onEvent(event);
  }
}

/** Keeps a stream open. `onState({ state, status, untilMs })`: `live`, `connecting`, `waiting` until a time, or `refused`. */
class Connection {
  #onEvent;
  #onState;
  #failures = 0;
  #timer;
  #abort = null;

  constructor({ onEvent, onState }) {
    this.#onEvent = onEvent;
    this.#onState = onState;
  }

  async open() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#onState({ state: 'connecting' });
    let status = null;
    try {
      status = await this.#read(abort);
    } catch (error) {
      // Gone, silent or not ours: it is asked again. What a program of this page does wrong must be seen.
      if (!(error instanceof TypeError || error.name === 'AbortError')) console.error(error);
    }
    if (this.#abort !== abort) return;
    if (status === 401 || status === 403) this.#onState({ state: 'refused', status });
    else this.#wait(status);
  }

  /** @returns the status, if it was no stream */
  async #read(abort) {
    const { signal } = abort;
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENT_MS);
    };
    heard();
    try {
      const response = await fetch(`${BASE}stream`, { signal, headers: authorisation(), cache: 'no-store' });
      if (!response.ok) return response.status;
      this.#failures = 0;
      this.#onState({ state: 'live' });
      await readEvents(response.body, heard, this.#onEvent);
      return null;
    } finally {
      clearTimeout(silence);
    }
  }

  #wait(status) {
    this.#failures += 1;
    const ms = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (this.#failures - 1));
    this.#timer = setTimeout(() => this.open(), ms);
    this.#onState({ state: 'waiting', status, untilMs: Date.now() + ms });
  }
}
