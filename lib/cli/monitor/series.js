'use strict';

/** Whether a sample is of no process but of all. */
const isOfAll = ({ rssBytes }) => rssBytes === undefined;

function residentLimit({ of, limitBytes, container, machineBytes }) {
  return of === 'configured' ? limitBytes : container?.limitBytes ?? machineBytes;
}

/** What may be drawn: where a sample has it, and what it may grow to. A source has some of them. */
const SERIES = [
  { name: 'Resident', value: ({ rssBytes }) => rssBytes, limit: residentLimit },
  { name: 'Heap', value: ({ heapUsedBytes }) => heapUsedBytes, limit: ({ heapLimitBytes }) => heapLimitBytes },
  { name: 'External', value: ({ externalBytes }) => externalBytes, limit: () => null },
  { name: 'Own', value: ({ anonymousBytes }) => anonymousBytes, limit: () => null },
  { name: 'Container', value: (sample) => (isOfAll(sample) ? sample.container?.usedBytes : null), limit: ({ container }) => container?.limitBytes },
  { name: 'Machine', value: (sample) => (isOfAll(sample) ? sample.machineUsedBytes : null), limit: ({ machineBytes }) => machineBytes },
].map(({ name, value, limit }) => ({ name, value: (sample) => value(sample) ?? null, limit: (sample) => limit(sample) ?? null }));

module.exports = { SERIES };
