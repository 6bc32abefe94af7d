'use strict';

/** What may be drawn: where a sample has it, and what it may grow to. A source has some of them. */
const SERIES = [
  { name: 'Resident', value: ({ rssBytes }) => rssBytes, limit: ({ of, limitBytes, container, machineBytes }) => (of === 'configured' ? limitBytes : container?.limitBytes ?? machineBytes) },
  { name: 'Heap', value: ({ heapUsedBytes }) => heapUsedBytes, limit: ({ heapLimitBytes }) => heapLimitBytes },
  { name: 'External', value: ({ externalBytes }) => externalBytes, limit: () => null },
  { name: 'Own', value: ({ anonymousBytes }) => anonymousBytes, limit: () => null },
  { name: 'Container', value: ({ rssBytes, container }) => (rssBytes === undefined ? container?.usedBytes : null), limit: ({ container }) => container?.limitBytes },
  { name: 'Machine', value: ({ rssBytes, machineUsedBytes }) => (rssBytes === undefined ? machineUsedBytes : null), limit: ({ machineBytes }) => machineBytes },
].map(({ name, value, limit }) => ({ name, value: (sample) => value(sample) ?? null, limit: (sample) => limit(sample) ?? null }));

module.exports = { SERIES };
