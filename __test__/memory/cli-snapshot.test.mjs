// `pgtap-scanner memory snapshot` as a user runs it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SMALL, scratch, unpacked } from './snapshot-files.mjs';

const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url));

function run(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'memory', 'snapshot', ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

test('analyze prints classes, objects and what holds them', () => {
  const { code, out, err } = run('analyze', unpacked('v24-after'), '--top', '30');
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^.*v24-after\.heapsnapshot: 56,581 objects, 237,277 references, 5\.0 MB$/m);
  assert.match(out, /^Classes: 30 of 1\d\d$/m);
  assert.match(out, /^ {2}class +objects +shallow +retained$/m);
  assert.match(out, /^ {2}KnownNode +300 +\d+\.\d KB +\d+\.\d KB$/m);
  assert.match(out, /^ {4}root \/ .*\.knownHeap$/m);
});

test('analyze --json prints what the function answers', () => {
  const { code, out } = run('analyze', SMALL, '--json', '--top', '2', '--no-dominators');
  const found = JSON.parse(out);
  assert.deepEqual([code, found.nodeCount, found.classes.length, found.unreachable], [0, 600, 2, null]);
});

test('diff prints what grew', () => {
  const files = [unpacked('v20-before'), unpacked('v20-after')];
  const { code, out, err } = run('diff', ...files, '--by', 'retained');
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^2,873 objects are new \(.*\), 74 are gone \(.*\), 40,464 were kept$/m);
  assert.match(out, /^ {2}KnownNode +\+200 +200 +0 +\+7\.8 KB +\+39\.1 KB$/m);
  assert.match(out, /^ {4}root \/ .*\.knownHeap\.cache$/m);
  const found = JSON.parse(run('diff', ...files, '--json').out);
  assert.deepEqual([found.by, found.new.count], ['class', 2873]);
  assert.match(run('diff', SMALL, SMALL).out, /^No class differs\.$/m);
});

test('names of the file do not reach the terminal as they are', () => {
  const file = join(scratch, 'escapes.heapsnapshot');
  const meta = '{"node_fields":["type","name","id","self_size","edge_count"],"node_types":[["synthetic","object"]],'
    + '"edge_fields":["type","name_or_index","to_node"],"edge_types":[["property"]]}';
  writeFileSync(file, `{"snapshot":{"meta":${meta},"node_count":2,"edge_count":1},"nodes":[0,0,1,0,1,1,1,3,8,0],`
    + '"edges":[0,1,5],"strings":["","\\u001b[31mred"]}');
  const { code, out } = run('analyze', file);
  assert.equal(code, 0);
  assert.match(out, /\\x1b\[31mred/);
  assert.ok(!out.includes('\x1b'));
});

const MISUSES = {
  'no command': [],
  'no file': ['analyze'],
  'an empty name': ['analyze', ''],
  'a missing file': ['analyze', join(scratch, 'missing')],
  'a folder': ['analyze', scratch],
  'no snapshot': ['analyze', MAIN],
  'one file': ['diff', SMALL],
  'a bad number': ['analyze', SMALL, '--top', 'x'],
  'a bad order': ['diff', SMALL, SMALL, '--by', 'size'],
  'an unknown option': ['diff', SMALL, SMALL, '--all'],
};

test('misuse ends with 2, a message and nothing on stdout', () => {
  for (const [what, args] of Object.entries(MISUSES)) {
    const { code, out, err } = run(...args);
    assert.deepEqual([code, out], [2, ''], what);
    assert.ok(err.length > 20 && !/\n\s+at /.test(err), `${what}: ${err}`);
  }
});

test('every command explains itself', () => {
  for (const args of [['analyze', '--help'], ['diff', '--help']]) {
    const { code, out } = run(...args);
    assert.equal(code, 0);
    for (const word of ['Examples:', `$ pgtap-scanner memory snapshot ${args[0]} `, 'Exit codes:', '130']) assert.ok(out.includes(word), word);
  }
});
