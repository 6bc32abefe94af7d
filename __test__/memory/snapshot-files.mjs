// The snapshots of known objects, unpacked for a test.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const FIXTURES = fileURLToPath(new URL('../fixtures/snapshots/', import.meta.url));

export const SMALL = join(FIXTURES, 'small.heapsnapshot');

export const scratch = mkdtempSync(join(tmpdir(), 'pgtap-snapshots-'));
after(() => rmSync(scratch, { recursive: true }));

/** Path of an unpacked snapshot: 'v20-before', 'v20-after', 'v24-after', 'v26-after'. */
export function unpacked(name) {
  const path = join(scratch, `${name}.heapsnapshot`);
  writeFileSync(path, brotliDecompressSync(readFileSync(join(FIXTURES, `${name}.heapsnapshot.br`))));
  return path;
}
