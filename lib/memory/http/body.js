'use strict';

const { Refusal } = require('./refusal.js');

/** Bytes of a body; the largest that makes sense has some 120. */
const LARGEST = 4096;

const tooLarge = () => new Refusal(413, 'body_too_large', `A body may have ${LARGEST} bytes`);
const malformed = (message) => new Refusal(400, 'bad_request', message);

/** Reads at most `LARGEST` bytes of a stream, for at most `limitMs`. */
function readBytes(stream, limitMs) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let bytes = 0;
    const settle = (done) => (value) => {
      clearTimeout(timer);
      for (const [event, listener] of Object.entries(listeners)) stream.off(event, listener);
      stream.pause();
      done(value);
    };
    const fail = settle(reject);
    const listeners = {
      data(chunk) {
        bytes += chunk.length;
        if (bytes > LARGEST) fail(tooLarge());
        else chunks.push(chunk);
      },
      end: () => settle(resolve)(Buffer.concat(chunks)),
      error: () => fail(malformed('The body could not be read')),
      close: () => fail(malformed('The body ended early')),
    };
    // The connection keeps the process alive as well, and its end clears the timer.
    const timer = setTimeout(() => fail(new Refusal(408, 'body_timeout', `A body may take ${limitMs} ms`)), limitMs);
    for (const [event, listener] of Object.entries(listeners)) stream.on(event, listener);
  });
}

function parse(bytes) {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformed('The body is not JSON in UTF-8');
  }
}

/** What somebody before us made of the body: a parsed value, or its text or bytes. */
function parsedBefore(body) {
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return body ?? {};
  const bytes = Buffer.from(body);
  if (bytes.length > LARGEST) throw tooLarge();
  return parse(bytes);
}

async function readValue(raw, limitMs) {
  // A body parser of the application read it, and may have found nothing to parse.
  if (raw.body !== undefined || raw.readableEnded) return parsedBefore(raw.body);
  const bytes = await readBytes(raw, limitMs);
  if (bytes.length > 0 && raw.headers['content-type'] === undefined) {
    throw new Refusal(415, 'unsupported_media_type', 'A body needs the header Content-Type: application/json');
  }
  return parse(bytes);
}

/**
 * The body of an action: an object with no fields but those of `fields`, each of which passes its check. No body is an
 * object without fields.
 *
 * @param {import('node:http').IncomingMessage} raw
 * @param {Record<string, { allowed: string, check: (value: unknown) => unknown }>} fields
 * @param {number} limitMs how long it may take
 */
async function readBody(raw, fields, limitMs) {
  if (Number(raw.headers['content-length'] ?? 0) > LARGEST) throw tooLarge();
  const value = await readValue(raw, limitMs);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('The body is not a JSON object');
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name)) throw malformed(`Allowed fields: ${Object.keys(fields).join(', ') || 'none'}`);
    if (fields[name].check(value[name])) throw malformed(`"${name}" must be ${fields[name].allowed}`);
  }
  return value;
}

module.exports = { readBody };
