// Whether anything of a request stays: what a server holds after full collections, at ten points of 200,000 requests.
//
//   npm run bench -- floors [--requests 200000] [--only express] [--leak] [--keep NAME]
//
// Of ten requests eight are answered, one is refused and one is given up by its client; see floors.mjs. With --leak the
// servers keep the headers of each request, to see what that looks like.
import { parseArgs } from 'node:util';
import { floorsOf, slopeOf } from './floors.mjs';
import { keep } from './keep.mjs';

const FRAMEWORKS = ['node:http', 'express', 'fastify'];
const KB = 1024;

const { values } = parseArgs({ options: {
  requests: { type: 'string', default: '200000' }, only: { type: 'string' }, leak: { type: 'boolean', default: false }, keep: { type: 'string' },
} });
const requests = Number(values.requests);
if (!(Number.isInteger(requests) && requests >= 5_500)) throw new Error('--requests must be a whole number from 5500');
if (values.only !== undefined && !FRAMEWORKS.includes(values.only)) throw new Error(`--only must be one of ${FRAMEWORKS.join(', ')}`);

const runs = {};
for (const framework of FRAMEWORKS.filter((name) => values.only === undefined || values.only === name)) {
  runs[framework] = await floorsOf({ framework, requests, leak: values.leak });
}
const summary = Object.fromEntries(Object.entries(runs).map(([name, { floors, counts }]) => [name, {
  ...counts,
  'first floor KB': Math.round(floors[0].heldBytes / KB),
  'last floor KB': Math.round(floors.at(-1).heldBytes / KB),
  'highest KB': Math.round(Math.max(...floors.map(({ heldBytes }) => heldBytes)) / KB),
  'bytes per request': slopeOf(floors).toFixed(1),
}]));
console.table(summary);
const command = `npm run bench -- floors --requests ${requests}${values.only ? ` --only ${values.only}` : ''}${values.leak ? ' --leak' : ''}`;
if (values.keep) keep(values.keep, command, { summary, runs });
