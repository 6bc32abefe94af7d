// Run with --expose-gc --max-old-space-size=200: fills a store with more than fits and reads everything back once.
//   node store-million.cjs streaming|log COUNT
'use strict';

const { createHash } = require('node:crypto');

const { CoverageDatabase, StreamingCoverageDatabase } = require('../../lib/index.js');

const [, , which, count] = process.argv;
const COUNT = Number(count);
const TYPES = ['tables', 'columns', 'functions', 'policies'];
const MB = 1024 * 1024;

const typeOf = (number) => TYPES[number % TYPES.length];
const nameOf = (number) => `public.object_${number}`;
const dataOf = (number) => ({
  assertions: [{ type: 'has_table', target: nameOf(number), line: number % 1000, description: `object ${number} is there` }],
  files: [`suite/part_${number % 97}_test.sql`],
  number,
});

/** Order counts: the hash of all records as they are written is that of all records as they are read. */
function digest() {
  const hash = createHash('sha1');
  return { add: (type, name, data) => hash.update(`${type}\n${name}\n${JSON.stringify(data)}\n`), end: () => hash.digest('hex') };
}

async function filled() {
  if (which === 'log') {
    const database = new CoverageDatabase({ maxMemory: 8 * MB });
    for (let number = 0; number < COUNT; number += 1) await database.addCoverage(typeOf(number), nameOf(number), dataOf(number));
    return { database, records: database.iterate() };
  }
  const database = new StreamingCoverageDatabase({ maxMemoryMB: 300, enableCompression: true });
  for (let number = 0; number < COUNT; number += 1) {
    if (!database.addObject(typeOf(number), nameOf(number), dataOf(number))) throw new Error(`${number} was refused`);
  }
  return { database, records: database };
}

async function main() {
  const started = performance.now();
  const { database, records } = await filled();
  const between = performance.now();
  const [wanted, found] = [digest(), digest()];
  let read = 0;
  for await (const { type, name, data, coverage } of records) {
    wanted.add(typeOf(read), nameOf(read), dataOf(read));
    found.add(type, name, data ?? coverage);
    read += 1;
  }
  const stats = database.getStats();
  await database.close();
  console.log(JSON.stringify({
    read,
    same: wanted.end() === found.end(),
    writeMs: Math.round(between - started),
    readMs: Math.round(performance.now() - between),
    rssMB: Math.round(process.resourceUsage().maxRSS / 1024),
    native: stats.native,
    disk: stats.disk,
  }));
}

main();
