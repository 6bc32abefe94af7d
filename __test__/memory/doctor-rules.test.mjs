// Every rule of the doctor, over facts that it is about and facts that are just not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { examine } = require('../../lib/cli/doctor/examine.js');
const { fittingMB } = require('../../lib/cli/doctor/reckoning.js');
const { RULES } = require('../../lib/cli/doctor/rules.js');

const MB = 1024 * 1024;
const GB = 1024 * MB;

const heap = (old, young = 48) => ({ version: '20.20.2', limitBytes: (old + young) * MB, oldLimitBytes: old * MB });
const container = (limitMB, more) => ({ version: 2, folder: '/sys/fs/cgroup/app', isOwn: true, inSight: true, limitBytes: limitMB * MB, usedBytes: 50 * MB, swapBytes: 0, ...more });
const flag = (name, value, before = null, from = 'the command line') => ({ [name]: { value, from, before } });

/** A program in a container of 1 GB that no rule has anything to say of. */
const WELL = {
  pid: null, isNode: true, flags: {}, heap: heap(640), rssBytes: 60 * MB, swapBytes: 0, hugePagesOff: false, allocator: 'jemalloc',
  mappings: 100, addressSpaceLimitBytes: null, dataLimitBytes: null, oomScoreAdjust: 0, arenaMax: null,
  machine: { totalBytes: 16 * GB, availableBytes: 8 * GB, swapBytes: 2 * GB, commitLimitBytes: 10 * GB, committedBytes: 4 * GB, overcommit: 0, maxMappings: 65530, hugePages: 'madvise', cpus: 4 },
  container: container(1024), isContained: true, neighbours: [], refused: [],
};
const machine = (more) => ({ machine: { ...WELL.machine, ...more } });
const alone = { container: null, isContained: false };

/** By rule: facts that it finds, with words of its text, and facts that it does not find. */
const CASES = {
  'heap-above-limit': [
    { yes: { heap: heap(1024) }, says: /up to|grow to 1\.0 GB, but the container has 1\.0 GB/, set: /=720\b/ },
    { yes: { ...alone, heap: heap(20_000) }, says: /the machine has 16\.0 GB/ },
    { yes: { heap: heap(2048), flags: flag('max-old-space-size', 2048, null, 'NODE_OPTIONS') }, where: /in NODE_OPTIONS$/ },
    { no: { heap: heap(976) } }, { no: { heap: null } },
  ],
  'heap-near-limit': [
    { yes: { heap: heap(976) }, says: /1\.0 GB of the 1\.0 GB that the container has/ },
    { yes: { heap: heap(780) } },
    { no: { heap: heap(771) } }, { no: { heap: heap(1024) } }, { no: { heap: null } },
  ],
  'limit-unseen': [
    { yes: { container: container(1024, { isOwn: false, inSight: false }) }, says: /on a group above/, where: /cgroup\/app/ },
    { yes: { container: container(1024, { inSight: false }) }, says: /in a hierarchy/ },
    { no: {} }, { no: alone },
  ],
  'no-container-limit': [{ yes: { container: null }, says: /16\.0 GB of the machine/ }, { no: alone }, { no: {} }],
  'heap-far-below-limit': [
    { yes: { heap: heap(300) }, says: /348\.0 MB, though the container has 1\.0 GB/ },
    { no: { heap: heap(320) } }, { no: { heap: heap(300), neighbours: [{ pid: 2, flags: {} }] } }, { no: { heap: heap(300), ...alone } },
  ],
  'shared-container': [
    { yes: { neighbours: [{ pid: 2, flags: {} }] }, says: /2 Node\.js processes share 1\.0 GB, but .* 1\.3 GB/, set: /=336\b/ },
    { yes: { neighbours: [{ pid: 2, flags: flag('max-old-space-size', 400) }] } },
    { no: { neighbours: [{ pid: 2, flags: flag('max-old-space-size', 200) }] } }, { no: {} },
    { no: { ...alone, heap: heap(6000), neighbours: [{ pid: 2, flags: flag('max-old-space-size', 12_000) }] } },
  ],
  'worker-limits-off': [
    { yes: { flags: flag('max-old-space-size', 640) }, set: /setFlagsFromString/ },
    { no: { flags: flag('max-old-space-size', 0) } }, { no: {} },
  ],
  'heap-limit-said-twice': [
    { yes: { flags: flag('max-old-space-size', 640, 512) }, says: /two values, 512 and 640; the last one counts/ },
    { yes: { flags: { ...flag('max-old-space-size', 640), ...flag('max-old-space-size-percentage', 60) } }, says: /has no effect beside/ },
    { no: { flags: flag('max-old-space-size', 640, 640) } }, { no: { flags: flag('max-old-space-size-percentage', 60) } },
  ],
  'snapshot-near-limit': [
    { yes: { flags: flag('heapsnapshot-near-heap-limit', 1) }, says: /may take 10\.1 GB .* the container has 1\.0 GB/ },
    { no: { ...alone, flags: flag('heapsnapshot-near-heap-limit', 1) } }, { no: { flags: flag('heapsnapshot-near-heap-limit', 0) } }, { no: {} },
  ],
  'large-young-generation': [
    { yes: { flags: flag('max-semi-space-size', 128) }, says: /up to 384\.0 MB/ },
    { no: { flags: flag('max-semi-space-size', 64) } }, { no: { flags: flag('max-semi-space-size', 32), container: container(300), heap: null } }, { no: {} },
  ],
  'expose-gc': [{ yes: { flags: flag('expose-gc', true) } }, { no: {} }],
  'address-space-limit': [
    { yes: { addressSpaceLimitBytes: 10 * GB }, says: /limited to 10\.0 GB/ }, { no: { addressSpaceLimitBytes: 64 * GB } }, { no: {} },
  ],
  'data-limit': [{ yes: { dataLimitBytes: 500 * MB }, says: /500\.0 MB/ }, { no: { dataLimitBytes: 2 * GB } }, { no: { dataLimitBytes: 500 * MB, heap: null } }],
  'overcommit-never': [{ yes: machine({ overcommit: 2 }), says: /10\.0 GB in all, 4\.0 GB promised/ }, { no: machine({ overcommit: 1 }) }, { no: machine({ overcommit: null }) }],
  'huge-pages-always': [{ yes: machine({ hugePages: 'always' }) }, { no: { ...machine({ hugePages: 'always' }), hugePagesOff: true } }, { no: machine({ hugePages: null }) }],
  'swap-in-container': [
    { yes: { container: container(1024, { swapBytes: Infinity }) } },
    { no: { container: container(1024, { swapBytes: null }) } }, { no: { ...machine({ swapBytes: 0 }), container: container(1024, { swapBytes: Infinity }) } }, { no: alone },
  ],
  'swapped-out': [{ yes: { pid: 7, swapBytes: 10 * MB }, says: /10\.0 MB/, where: /^\/proc\/7\/status$/ }, { no: {} }, { no: { swapBytes: null } }],
  'no-swap': [{ yes: { ...alone, ...machine({ swapBytes: 0 }) } }, { no: machine({ swapBytes: 0 }) }, { no: { ...alone, ...machine({ swapBytes: null }) } }, { no: alone }],
  'ends-first': [{ yes: { oomScoreAdjust: 1000 } }, { no: { oomScoreAdjust: 999 } }, { no: { oomScoreAdjust: null } }],
  'never-ends': [{ yes: { oomScoreAdjust: -1000 } }, { no: { oomScoreAdjust: -999 } }, { no: { oomScoreAdjust: null } }],
  mappings: [{ yes: { mappings: 60_000 }, says: /60000 mappings of 65530/ }, { no: { mappings: 50_000 } }, { no: { mappings: null } }, { no: { mappings: 60_000, ...machine({ maxMappings: null }) } }],
  'glibc-arenas': [
    { yes: { allocator: 'glibc' }, says: /up to 32 arenas/ }, { yes: { ...alone, allocator: 'glibc', ...machine({ cpus: 8 }) } },
    { no: { ...alone, allocator: 'glibc' } }, { no: { allocator: 'glibc', arenaMax: '2' } }, { no: {} },
  ],
  musl: [{ yes: { allocator: 'musl' } }, { no: { allocator: null } }],
};

test('a program that is well is told nothing', () => {
  assert.deepEqual(examine(WELL), []);
});

test('docs/toolkit/command-line.md lists every rule with its severity', () => {
  const text = readFileSync(new URL('../../docs/toolkit/command-line.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([\w-]+)` \| (critical|warning|note) \|/gm)].map(([, id, severity]) => [id, severity]);
  assert.deepEqual(rows, RULES.map(({ id, severity }) => [id, severity]));
});

test('every rule has its cases, both ways', () => {
  assert.deepEqual(Object.keys(CASES), RULES.map(({ id }) => id));
  for (const [id, cases] of Object.entries(CASES)) {
    assert.ok(cases.some(({ yes }) => yes) && cases.some(({ no }) => no), id);
  }
});

for (const [id, cases] of Object.entries(CASES)) {
  test(`the rule ${id}`, () => {
    cases.forEach(({ yes, no, ...words }, at) => {
      const found = examine({ ...WELL, ...(yes ?? no) }).find((each) => each.id === id);
      assert.equal(found !== undefined, yes !== undefined, `case ${at}`);
      for (const [part, pattern] of Object.entries(words)) assert.match(found[part === 'says' ? 'why' : part], pattern, `case ${at}`);
    });
  });
}

test('every finding is whole: a severity, and texts without what is not known', () => {
  let looked = 0;
  for (const { yes } of Object.values(CASES).flat().filter((each) => each.yes)) {
    for (const { id, severity, ...texts } of examine({ ...WELL, ...yes })) {
      assert.ok(['critical', 'warning', 'note'].includes(severity), id);
      for (const text of Object.values(texts)) assert.doesNotMatch(text, /undefined|\bnull\b|NaN|\[object/, id);
      assert.equal(Object.values(texts).length, 4, id);
      looked += 1;
    }
  }
  assert.ok(looked >= RULES.length);
});

test('facts of a system that tells nothing are no findings', () => {
  const facts = { pid: null, isNode: true, flags: {}, heap: heap(4096), container: null, isContained: false, neighbours: [], refused: [],
    machine: { totalBytes: 16 * GB, availableBytes: null, swapBytes: null, commitLimitBytes: null, committedBytes: null, overcommit: null, maxMappings: null, hugePages: null, cpus: 4 }, arenaMax: null };
  assert.deepEqual(examine(facts), []);
});

test('who sets what the doctor says is not told the same again', () => {
  for (const limitMB of [256, 300, 512, 1024, 2000, 4096, 20_000]) {
    const old = fittingMB({ ...WELL, container: container(limitMB) });
    const facts = { ...WELL, container: container(limitMB), heap: heap(old) };
    const about = examine(facts).map(({ id }) => id).filter((id) => id.startsWith('heap-'));
    assert.deepEqual(about, [], `${limitMB} MB: ${old}`);
  }
});
