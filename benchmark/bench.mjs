// Runs a benchmark: `npm run bench -- NAME [options]`, by default `scan`. A benchmark is a file bench-NAME.mjs beside
// this one; its first comment says what it measures and which options it has.

import { readdirSync } from 'node:fs';

// What the shell asks of every Node.js is not what is measured: with NODE_EXTRA_CA_CERTS alone each start reads a file of
// certificates, which may take longer than all the rest of it.
for (const name of Object.keys(process.env)) if (name.startsWith('NODE_')) delete process.env[name];

const names = readdirSync(new URL('.', import.meta.url)).flatMap((file) => /^bench-(.+)\.mjs$/.exec(file)?.[1] ?? []);
const [first] = process.argv.slice(2);
const named = first !== undefined && !first.startsWith('-');

if (named && !names.includes(first)) {
  console.error(`There is no benchmark ${JSON.stringify(first)}; there are: ${names.join(', ')}`);
  process.exitCode = 2;
} else {
  // A benchmark reads its own options alone.
  if (named) process.argv.splice(2, 1);
  await import(`./bench-${named ? first : 'scan'}.mjs`);
}
