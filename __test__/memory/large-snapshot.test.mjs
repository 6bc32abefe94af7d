// A heap snapshot that JSON.parse cannot take: more than 512 MiB. It is made up, so that nobody needs a heap of that size.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closeSync, openSync, statSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { suiteFolder } from '../suite-folder.mjs';

const INDEX = JSON.stringify(new URL('../../lib/memory/snapshots/index.js', import.meta.url).pathname);
const MB = 1024 * 1024;
const LONGEST_TEXT = 512 * MB;

const HOLDERS = 40_000;
/** Objects that each of them holds. */
const EACH = 9;
const NODES = 1 + HOLDERS * (1 + EACH);
/** Strings that no node is named by: what long texts and sources are to a real snapshot. */
const LONG = `"${'a line of a text that a program keeps, with \\"quotes\\" and \\u00e9scapes\\n'.repeat(60)}"`;
const LONGS = Math.ceil((530 * MB) / (LONG.length + 2));

const META = {
  node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'detachedness'],
  node_types: [['hidden', 'array', 'string', 'object', 'code', 'closure', 'regexp', 'number', 'native', 'synthetic'], 'string', 'number', 'number', 'number', 'number'],
  edge_fields: ['type', 'name_or_index', 'to_node'],
  edge_types: [['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'], 'string_or_number', 'node'],
};
const FIELDS = META.node_fields.length;

/** Writes to a file a MB at a time. */
function* texts() {
  const snapshot = { meta: META, node_count: NODES, edge_count: NODES - 1 };
  yield `{"snapshot":${JSON.stringify(snapshot)},\n"nodes":[9,0,1,0,${HOLDERS},0`;
  for (let n = 0; n < HOLDERS; n += 1) {
    const id = 3 + 2 * n * (1 + EACH);
    yield `\n,3,1,${id},16,${EACH},0`;
    for (let leaf = 1; leaf <= EACH; leaf += 1) yield `\n,3,2,${id + 2 * leaf},32,0,0`;
  }
  yield '],\n"edges":[';
  const nodeOf = (n) => FIELDS * (1 + n * (1 + EACH));
  for (let n = 0; n < HOLDERS; n += 1) yield `${n ? ',' : ''}1,${n},${nodeOf(n)}\n`;
  for (let n = 0; n < HOLDERS; n += 1) for (let leaf = 1; leaf <= EACH; leaf += 1) yield `,1,${leaf},${nodeOf(n) + leaf * FIELDS}\n`;
  yield '],\n"strings":["<root>","Holder","Leaf"';
  for (let n = 0; n < LONGS; n += 1) yield `,\n${LONG}`;
  yield ']}\n';
}

function writeLarge(path) {
  const file = openSync(path, 'wx', 0o600);
  try {
    let waiting = [];
    let length = 0;
    const flush = () => {
      const bytes = Buffer.from(waiting.join(''));
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      [waiting, length] = [[], 0];
    };
    for (const text of texts()) {
      waiting.push(text);
      length += text.length;
      if (length > MB) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
}

const { bavail, bsize } = statfsSync(tmpdir());
const skip = bavail * bsize < 3 * LONGEST_TEXT && 'there is no room for a file of 530 MB';

test('a file of more than 512 MiB is analysed in a fraction of its size', { skip }, async (t) => {
  const file = join(suiteFolder(t), 'large.heapsnapshot');
  writeLarge(file);
  const { size } = statSync(file);
  assert.ok(size > LONGEST_TEXT, `${size}`);
  const program = `
    require(${INDEX}).analyzeSnapshot(${JSON.stringify(file)}, { topN: 2 }).then((found) => {
      console.log(JSON.stringify({ found, peakBytes: process.resourceUsage().maxRSS * 1024 }));
    });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
  const { found, peakBytes } = JSON.parse(stdout);
  assert.deepEqual([found.nodeCount, found.edgeCount, found.shallowBytes], [NODES, NODES - 1, HOLDERS * (16 + EACH * 32)]);
  assert.deepEqual(found.classes, [
    { name: 'Holder', count: HOLDERS, shallowBytes: 16 * HOLDERS, retainedBytes: HOLDERS * (16 + EACH * 32) },
    { name: 'Leaf', count: EACH * HOLDERS, shallowBytes: 32 * EACH * HOLDERS, retainedBytes: 32 * EACH * HOLDERS },
  ]);
  assert.equal(found.largest[0].retainedBytes, 16 + EACH * 32);
  assert.ok(peakBytes < size / 3, `${Math.round(peakBytes / MB)} MB`);
});
