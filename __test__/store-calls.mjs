// The methods of the stores, with what each gives in each state.

export const FOLDER = 'ERR_PGTAP_SPILL_FOLDER';

export async function all(iterable) {
  const found = [];
  for await (const each of iterable) found.push(each);
  return found;
}

// Method -> the call, and what it gives in each state; in a state that is not listed it is refused.
export const STREAMING_CALLS = {
  'addObject, new': [(d) => d.addObject('tables', 'new', 1), { new: true, filled: true, spilled: true, failed: false }],
  'addObject, known': [(d) => d.addObject('tables', 't1', 1), { new: true, filled: true, spilled: true, failed: true }],
  'addObject, other type': [(d) => d.addObject('other', 't1', 1), { new: true, filled: true, spilled: true, failed: true }],
  getObject: [(d) => d.getObject('tables', 't1'), { new: null, filled: 1, spilled: 1, failed: 1 }],
  'getObject, unknown': [(d) => d.getObject('tables', 'none'), { new: null, filled: null, spilled: null, failed: null }],
  getObjectsByType: [(d) => [...d.getObjectsByType('tables').values()].length, { new: 0, filled: 20, spilled: 20, failed: 5 }],
  isAtCapacity: [(d) => d.isAtCapacity('tables'), { new: false, filled: false, spilled: true, failed: true }],
  compress: [(d) => d.compress('tables') >= 0, { new: true, filled: true, spilled: true, failed: true }],
  getStats: [(d) => d.getStats().totalObjects, { new: 0, filled: 20, spilled: 20, failed: 5 }],
  '@@asyncIterator': [async (d) => (await all(d)).length, { new: 0, filled: 20, spilled: 20, failed: 5 }],
  clear: [(d) => d.clear() ?? d.getStats().totalObjects, { new: 0, filled: 0, spilled: 0, failed: 0 }],
  'close, twice': [(d) => d.close() ?? d.close() ?? 'closed', { new: 'closed', filled: 'closed', spilled: 'closed', failed: 'closed', closed: 'closed' }],
  '@@dispose': [(d) => d[Symbol.dispose]() ?? 'closed', { new: 'closed', filled: 'closed', spilled: 'closed', failed: 'closed', closed: 'closed' }],
  '@@asyncDispose': [async (d) => (await d[Symbol.asyncDispose]()) ?? 'closed', { new: 'closed', filled: 'closed', spilled: 'closed', failed: 'closed', closed: 'closed' }],
};

export const LOG_CALLS = {
  addCoverage: [async (d) => (await d.addCoverage('tables', 'new', 1)) ?? 'added', { new: 'added', filled: 'added', spilled: 'added', failed: FOLDER }],
  flushToDisk: [async (d) => (await d.flushToDisk()) ?? 'flushed', { new: 'flushed', filled: 'flushed', spilled: 'flushed', failed: FOLDER }],
  iterate: [async (d) => (await all(d.iterate())).length, { new: 0, filled: 20, spilled: 20, failed: 3 }],
  getStats: [(d) => d.getStats().records, { new: 0, filled: 20, spilled: 20, failed: 3 }],
  clear: [async (d) => (await d.clear()) ?? d.getStats().records, { new: 0, filled: 0, spilled: 0, failed: 0 }],
  'close, twice': [async (d) => (await d.close()) ?? (await d.close()) ?? 'closed', { new: 'closed', filled: 'closed', spilled: 'closed', failed: 'closed', closed: 'closed' }],
  '@@asyncDispose': [async (d) => (await d[Symbol.asyncDispose]()) ?? 'closed', { new: 'closed', filled: 'closed', spilled: 'closed', failed: 'closed', closed: 'closed' }],
};
