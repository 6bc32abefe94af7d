// Keeps the raw numbers of a run under benchmark/runs, by day.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine } from './measure.mjs';

/** Writes `record` and what a reader needs to judge it to runs/DAY/NAME.json. */
export function keep(name, command, record) {
  const date = new Date().toISOString().slice(0, 10);
  const folder = new URL(`runs/${date}/`, import.meta.url);
  const file = `${basename(name, '.json')}.json`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileURLToPath(new URL(file, folder)), `${JSON.stringify({ date, command, machine: machine(), ...record }, null, 2)}\n`);
  console.log(`kept as benchmark/runs/${date}/${file}`);
}
