// Ways to track a call, as data. `make(memory, own)` answers the tracked call; `own` is the same call untracked.
const object = () => ({ work: () => 1 });

export const CASES = {
  async: {
    shown: 'trackOperation',
    own: () => async () => 1,
    make: (memory, own) => () => memory.trackOperation('operation', own),
  },
  sync: {
    shown: 'trackOperationSync',
    own: () => () => 1,
    make: (memory, own) => () => memory.trackOperationSync('operation', own),
  },
  method: {
    shown: 'profileMethod',
    own: () => { const it = object(); return () => it.work(); },
    make: (memory) => { const it = object(); memory.profileMethod(it, 'work'); return () => it.work(); },
  },
  block: {
    shown: 'createMemoryBlock and end',
    own: () => () => 1,
    make: (memory) => () => memory.createMemoryBlock('operation').end(),
  },
  names: {
    shown: 'trackOperationSync, 5,000 names',
    own: () => () => 1,
    make: (memory, own) => { let at = 0; return () => memory.trackOperationSync(`operation ${at++ % 5000}`, own); },
  },
  garbage: {
    shown: 'trackOperationSync, 100 KB of garbage each',
    own: () => () => new Array(12_800).fill(1),
    make: (memory, own) => () => memory.trackOperationSync('operation', own),
  },
  query: {
    shown: 'dbMemoryMonitor.monitorQuery',
    own: () => async () => [1],
    make: (memory, own) => () => memory.dbMemoryMonitor.monitorQuery('SELECT', 'SELECT 1', 'users', own),
  },
};
