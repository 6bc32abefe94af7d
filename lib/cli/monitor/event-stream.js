'use strict';

const { Failure, USAGE } = require('../failure.js');

/** Characters of one event; the first of a stream holds hours of samples. */
const LONGEST = 64 * 1024 * 1024;

function eventOf(block) {
  const event = { name: 'message', data: [] };
  for (const line of block.split('\n')) {
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (field === 'event') event.name = value;
    if (field === 'data') event.data.push(value);
  }
  return { name: event.name, data: event.data.join('\n') };
}

/** The texts of a body, whose end may be a broken connection. */
async function* readTexts(body) {
  try {
    yield* body.pipeThrough(new TextDecoderStream());
  } catch (error) {
    throw new Failure(`The stream broke: ${error.cause?.message ?? error.message}`, USAGE);
  }
}

/**
 * The events of a text/event-stream; comments, and events without data, are left out.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<{ name: string, data: string }>}
 */
async function* readEvents(body) {
  let held = '';
  for await (const text of readTexts(body)) {
    held = `${held}${text}`.replaceAll('\r\n', '\n');
    const blocks = held.split('\n\n');
    held = blocks.pop();
    if (held.length > LONGEST) throw new Failure(`An event of the stream has more than ${LONGEST} characters.`, USAGE);
    for (const event of blocks.map(eventOf)) if (event.data !== '') yield event;
  }
}

module.exports = { readEvents };
