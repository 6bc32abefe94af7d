// Pages of the addon's file that only loading needed; see src/memory/own_pages.rs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ENGINE = JSON.stringify(fileURLToPath(new URL('../../lib/memory/engine.js', import.meta.url)));

/** Prints KB of the addon's constants and tables that are resident, before the first readings and after some. */
const PROGRAM = `
  const { readFileSync } = require('node:fs');
  const resident = () => [...readFileSync('/proc/self/smaps', 'utf8').matchAll(/ r--p .*\\.node\\n(?:.*\\n){3}Rss: +(\\d+)/g)]
    .reduce((sum, [, kilobytes]) => sum + Number(kilobytes), 0);
  const { engine } = require(${ENGINE});
  const before = resident();
  const watch = engine().watch({ intervalMs: 10 });
  const began = Date.now();
  const timer = setInterval(() => {
    const after = resident();
    if (after > before * 0.8 && Date.now() - began < 10_000) return;
    clearInterval(timer);
    watch.check();
    console.log(JSON.stringify({ before, after, level: watch.level }));
    watch.stop();
  }, 20);`;

test('pages of the addon that only loading needed leave resident memory', { skip: process.platform !== 'linux' && 'only Linux tells' }, () => {
  const { before, after, level } = JSON.parse(execFileSync(process.execPath, ['-e', PROGRAM], { encoding: 'utf8', timeout: 60_000 }));
  assert.ok(before > 500, `${before} KB`);
  assert.ok(after <= before * 0.8, `${before} KB, then ${after} KB`);
  assert.equal(typeof level, 'string');
});
