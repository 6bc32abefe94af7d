// Temporary folders of test files, gone when the test ends.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
export const { PgTapScanner } = require('../lib/index.js');

/** Writes `files` (path -> content) into a new folder and answers its path. */
export function suiteFolder(t, files = {}) {
  const root = mkdtempSync(join(tmpdir(), 'pgtap-scanner-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** A new folder on a disk of one megabyte, or `null` where only root could make one. */
export function smallDisk(t) {
  const disk = mkdtempSync(join(tmpdir(), 'pgtap-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status === 0;
  t.after(() => {
    if (mounted) execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  });
  return mounted ? disk : null;
}

/** A scanner that has scanned `files`. */
export async function scannedSuite(t, files, options = {}) {
  const root = suiteFolder(t, files);
  const scanner = new PgTapScanner(options);
  await scanner.scanDirectory(root);
  return { scanner, root };
}
