// A scan begins the database before anybody asks for it: who asks gets that one, who does not pays nothing for long.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

import { generateCorpus } from '../benchmark/generate.mjs';
import { PgTapScanner } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { NativeScanner } = require('../lib/native.js');
const { nativeOptions } = require('../lib/native-options.js');
const { operate } = require('../lib/operation.js');

const FILES = 3000;
const ASSERTIONS = 40;

let corpus;
before(() => {
  corpus = mkdtempSync(join(tmpdir(), 'pgtap-ahead-'));
  generateCorpus({ files: FILES, assertions: ASSERTIONS, seed: 11, out: corpus });
});
after(() => rmSync(corpus, { recursive: true, force: true }));

async function scannedNatively(options = {}) {
  const native = new NativeScanner(nativeOptions(new PgTapScanner(options).options));
  await operate((callback) => native.scan(corpus, false, callback), {});
  return native;
}

const current = (native) => native.budget()[0];

async function until(holds) {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 1000, 'within ten seconds');
    await wait(10);
  }
}

/** Begins it and waits until it is there; how many bytes it takes. */
async function begun(native) {
  const without = current(native);
  const same = native.build(native.order(), '[]', false);
  const bytes = current(native) - without;
  same.close();
  native.buildAhead();
  await until(() => current(native) === without + bytes);
  return bytes;
}

/** Builds it as the scanner does. */
async function built(native, order, plain = '[]') {
  let number;
  await operate((callback) => { number = native.buildLater(order, plain, callback); }, {});
  return native.takeBuilt(number);
}

const sizes = (database) => Object.fromEntries(database.constructor.areas().map((area) => [area, database.size(area)]));

test('the same database, whether it was begun or not', async () => {
  const answers = async (between) => {
    const scanner = new PgTapScanner({ cleanupInterval: 0 });
    await scanner.scanDirectory(corpus);
    await between();
    const database = await scanner.buildCoverageDatabase();
    const objects = Object.entries(database.objects).map(([kind, map]) => [kind, [...map.keys()]]);
    const counts = [...database.assertionCounts.byType];
    await scanner.close();
    return { objects, counts, total: database.totalAssertions, files: database.totalFiles };
  };
  const at = await answers(() => {});
  assert.deepEqual(at, await answers(() => wait(50)));
  assert.equal(at.total, FILES * ASSERTIONS);
});

test('who asks gets the one that was begun', async () => {
  const native = await scannedNatively();
  // Enough of them that the most that ever was in use is what is in use now.
  const others = Array.from({ length: 20 }, () => native.build(native.order(), '[]', false));
  const bytes = await begun(native);
  const [before, high] = native.budget();
  assert.ok(bytes > 500_000 && before + bytes / 2 > high, `${bytes} bytes, ${before} of ${high} at most`);
  let number;
  const asked = operate((callback) => { number = native.buildLater(native.order(), '[]', callback); }, {});
  assert.equal(current(native), before, 'it is not thrown away to be made again');
  await asked;
  const database = native.takeBuilt(number);
  assert.equal(current(native), before);
  assert.ok(native.budget()[1] < before + bytes / 2, 'and none was made beside it');
  const next = await built(native, native.order());
  assert.ok(current(native) >= before + bytes / 2, 'the next is another one');
  for (const each of [database, next, ...others]) assert.deepEqual(sizes(each), sizes(database));
  native.close();
});

test('the synchronous way gets it, too', async () => {
  const native = await scannedNatively();
  await begun(native);
  const before = current(native);
  const database = native.build(native.order(), '[]', false);
  assert.ok(current(native) === before && database.size('tables') > 0);
  native.close();
});

test('one that still runs is waited for', async () => {
  const native = await scannedNatively();
  const expected = sizes(native.build(native.order(), '[]', false));
  for (let round = 0; round < 20; round += 1) {
    native.buildAhead();
    const database = round % 2 ? native.build(native.order(), '[]', false) : await built(native, native.order());
    assert.deepEqual(sizes(database), expected);
  }
  native.close();
});

test('other files get a database of their own, and it is let go', async () => {
  const native = await scannedNatively();
  const without = current(native);
  await begun(native);
  const some = native.order().slice(0, 100);
  const fewer = await built(native, some);
  await begun(native);
  const own = await built(native, Uint32Array.of(0xffffffff), '[{"assertions":[],"planCount":null}]');
  await begun(native);
  const labels = native.build(native.order(), '[]', true);
  const whole = native.build(native.order(), '[]', false);
  assert.ok(fewer.size('tables') < whole.size('tables') && own.size('tables') === 0 && labels.size('tables') > 0);
  for (const database of [fewer, own, labels, whole]) database.close();
  await until(() => current(native) === without);
  native.close();
});

test('who does not ask has its memory back', async () => {
  const native = await scannedNatively();
  const without = current(native);
  const bytes = await begun(native);
  native.forgetAhead();
  // What made it may not have ended quite.
  await until(() => current(native) === without);
  native.buildAhead();
  native.forgetAhead();
  await until(() => current(native) === without);
  native.close();

  const scanner = new PgTapScanner({ cleanupInterval: 0 });
  await scanner.scanDirectory(corpus);
  const used = () => scanner.getMemoryStats().native.current;
  const database = await scanner.buildCoverageDatabase();
  const most = used();
  await scanner.scanDirectory(corpus);
  await turn();
  await until(() => used() < most - bytes / 2);
  assert.ok(database.totalFiles === FILES);
  await scanner.close();
});

test('cancelled while it is waited for, and closed while it runs', async () => {
  const native = await scannedNatively();
  const without = current(native);
  for (let round = 0; round < 20; round += 1) {
    native.buildAhead();
    let number;
    const waits = operate((callback) => { number = native.buildLater(native.order(), '[]', callback); }, {});
    native.cancelBuild(number);
    await waits.catch((error) => assert.equal(error.code, 'ABORT_ERR'));
    assert.equal(native.takeBuilt(number), null);
  }
  await until(() => current(native) === without);
  native.buildAhead();
  native.close();
  native.forgetAhead();
  await until(() => current(native) === 0);
});

test('nothing is begun where records lie on disk', async () => {
  const native = await scannedNatively({ maxMemoryMB: 1 });
  assert.notEqual(native.onDisk(), 'null');
  const without = current(native);
  native.buildAhead();
  await wait(50);
  assert.equal(current(native), without);
  assert.ok((await built(native, native.order())).size('tables') > 0);
  native.close();
});
