// Resources: counted, never kept alive, bounded.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { collectAll, turns } from './collecting.mjs';

const require = createRequire(import.meta.url);
const { ResourceTracker } = require('../../lib/memory/index.js');

test('tracked, released, live', () => {
  const [one, two] = [{}, () => {}];
  const before = ResourceTracker.snapshot();
  assert.equal(ResourceTracker.track('socket', one), one);
  ResourceTracker.track('socket', one);
  ResourceTracker.track('socket', two);
  assert.equal(ResourceTracker.release(one), true);
  assert.equal(ResourceTracker.release(one), false);
  const { elapsedMs, kinds } = ResourceTracker.diff(before, ResourceTracker.snapshot());
  assert.deepEqual(kinds, { socket: { live: 1, tracked: 2, released: 1, collected: 0, sites: {} } });
  assert.ok(elapsedMs >= 0);
  assert.equal(ResourceTracker.release(two), true);
  assert.equal(ResourceTracker.snapshot().kinds.socket.live, 0);
});

test('what is collected without being released is counted so, with the place it came from', async () => {
  const openFiles = (count) => { for (let at = 0; at < count; at += 1) ResourceTracker.track('file', { at }, { stack: true }); };
  openFiles(50);
  const [[site, live]] = Object.entries(ResourceTracker.snapshot().kinds.file.sites);
  assert.equal(live, 50);
  assert.match(site, /^at openFiles .*resource-tracker\.test\.mjs/);
  for (let at = 0; at < 5 && ResourceTracker.snapshot().kinds.file.live > 0; at += 1) {
    await turns();
    collectAll();
    await turns();
  }
  assert.deepEqual(ResourceTracker.snapshot().kinds.file, { live: 0, tracked: 50, released: 0, collected: 50, sites: { [site]: 0 } });
});

test('a difference shows what grew', () => {
  const counts = (live, sites = {}) => ({ live, tracked: live, released: 0, collected: 0, sites });
  const a = { at: 1000, kinds: { gone: counts(2), same: counts(1, { here: 1 }) } };
  const b = { at: 3000, kinds: { same: counts(1, { here: 1 }), grown: counts(5, { there: 5 }) } };
  assert.deepEqual(ResourceTracker.diff(a, b), {
    elapsedMs: 2000, kinds: { gone: { ...counts(-2) }, same: counts(0), grown: counts(5, { there: 5 }) },
  });
});

test('kinds and places are bounded', () => {
  const kept = Array.from({ length: 300 }, () => ({}));
  const most = Object.keys(ResourceTracker.snapshot().kinds).length;
  kept.forEach((each, at) => ResourceTracker.track(`kind ${at}`, each));
  const { kinds } = ResourceTracker.snapshot();
  assert.equal(Object.keys(kinds).length, 101);
  assert.equal(kinds['(other)'].live, 300 - (100 - most));
  kept.forEach((each) => ResourceTracker.release(each));
  const sites = kept.map((each, at) => new Function('tracker', 'object', `${'\n'.repeat(at)}tracker.track('file', object, { stack: true });`));
  sites.forEach((site, at) => site(ResourceTracker, kept[at]));
  const places = Object.entries(ResourceTracker.snapshot().kinds.file.sites);
  assert.equal(places.length, 101);
  assert.equal(places.reduce((sum, [, live]) => sum + live, 0), 300);
});

test('wrong calls say what is allowed', () => {
  assert.throws(() => ResourceTracker.track('', {}), { name: 'RangeError', message: /1 to 100 characters for kind/ });
  assert.throws(() => ResourceTracker.track(5, {}), { name: 'TypeError' });
  assert.throws(() => ResourceTracker.track('x', 5), { name: 'TypeError', message: /an object for object/ });
  assert.throws(() => ResourceTracker.track('x', {}, { stack: 1 }), { code: 'ERR_PGTAP_INVALID_OPTION' });
  assert.throws(() => ResourceTracker.diff({}, ResourceTracker.snapshot()), { message: /a snapshot for a/ });
  assert.equal(ResourceTracker.release(5), false);
});
