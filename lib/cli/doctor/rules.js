'use strict';

const { size } = require('../size.js');
const {
  fittingMB, flagPlace, groupFile, heapSum, roomOf, saidYoungBytes, snapshotBytes, twoHeapLimits,
} = require('./reckoning.js');

const MB = 1024 * 1024;
const GB = 1024 * MB;

/** Above this part of a limit V8's heap leaves too little for Buffers, stacks, code and the program itself. */
const NEAR = 0.8;
/** Below this part of it most of a limit is never used. */
const FAR = 0.35;
/** What WebAssembly reserves of the address space for one memory; fetch() uses one. Measured: Node.js 20 fails below. */
const WASM_RESERVES = 12 * GB;
/** From here on the young generation is worth a thought. */
const LARGE_YOUNG_BYTES = 192 * MB;
const MANY_CPUS = 8;
const BEST_EFFORT = 1000;

/** What --max-old-space-size should be, in the words of the finding. */
const setHeap = (facts) => `--max-old-space-size=${fittingMB(facts)} leaves Buffers, native memory and stacks a quarter of it`;

/**
 * What hurts, each a pure function over the facts of facts.js. `when` tells whether it is so, `why` what that means,
 * `set` what to do, `where` the setting stands, and `basis` where the rule comes from. The order is that of the answer.
 */
const RULES = [
  {
    id: 'heap-above-limit',
    severity: 'critical',
    when: (facts) => facts.heap !== null && facts.heap.limitBytes > roomOf(facts).bytes,
    why: (facts) => `V8's heap may grow to ${size(facts.heap.limitBytes)}, but ${roomOf(facts).name} has ${size(roomOf(facts).bytes)}: the kernel `
      + 'ends the process before V8 collects hard',
    set: setHeap,
    where: (facts) => flagPlace(facts, 'max-old-space-size') ?? 'the default of V8',
    basis: 'the kernel ends what meets the limit of a control group; V8 collects most only near its own limit',
  },
  {
    id: 'heap-near-limit',
    severity: 'warning',
    when: ({ heap, ...facts }) => heap !== null && heap.limitBytes > NEAR * roomOf(facts).bytes && heap.limitBytes <= roomOf(facts).bytes,
    why: (facts) => `V8's heap may take ${size(facts.heap.limitBytes)} of the ${size(roomOf(facts).bytes)} that ${roomOf(facts).name} has: `
      + 'Buffers, native memory and stacks find no room',
    set: setHeap,
    where: (facts) => flagPlace(facts, 'max-old-space-size') ?? 'the default of V8',
    basis: 'Buffers and native memory count against the container, not against V8\'s limit',
  },
  {
    id: 'limit-unseen',
    severity: 'warning',
    when: ({ container }) => container !== null && !container.inSight,
    why: ({ container }) => `The limit of ${size(container.limitBytes)} is set `
      + `${container.isOwn ? 'in a hierarchy of control groups' : 'on a group above this one,'} where Node.js does not look: its default heap `
      + 'limit and process.constrainedMemory() know nothing of it',
    set: (facts) => `Say the limit: --max-old-space-size=${fittingMB(facts)}`,
    where: groupFile,
    basis: 'libuv reads only the process\'s own group, and version 2 only where /proc/self/cgroup begins with 0::/',
  },
  {
    id: 'no-container-limit',
    severity: 'warning',
    when: ({ isContained, container }) => isContained && container === null,
    why: ({ machine }) => `This is a container without a memory limit: it may take all ${size(machine.totalBytes)} of the machine, and the kernel `
      + 'then picks what it ends among everything that runs',
    set: () => 'Give the container a limit: docker run --memory=512m, or resources.limits.memory in Kubernetes',
    where: () => 'the control group of the container',
    basis: 'no group of the process has a limit',
  },
  {
    id: 'heap-far-below-limit',
    severity: 'note',
    when: ({ heap, container, neighbours }) => heap && container && neighbours.length === 0 && heap.limitBytes < FAR * container.limitBytes,
    why: ({ heap, container }) => `V8's heap ends at ${size(heap.limitBytes)}, though the container has ${size(container.limitBytes)}: what is not `
      + 'for Buffers or other processes is never used',
    set: (facts) => `--max-old-space-size=${fittingMB(facts)} if the program is short of heap, or a smaller container`,
    where: (facts) => flagPlace(facts, 'max-old-space-size') ?? 'the default of V8',
    basis: 'V8\'s heap limit in percent of the container\'s',
  },
  {
    id: 'shared-container',
    severity: 'warning',
    when: (facts) => facts.container !== null && facts.neighbours.length > 0 && heapSum(facts) > facts.container.limitBytes,
    why: (facts) => `${facts.neighbours.length + 1} Node.js processes share ${size(facts.container.limitBytes)}, but their heaps may grow to `
      + `${size(heapSum(facts))} together`,
    set: (facts) => `--max-old-space-size=${fittingMB(facts, facts.neighbours.length + 1)} for each, or fewer processes (pm2 -i, cluster)`,
    where: groupFile,
    basis: 'the sum of the heap limits; a limit that is not said counts as that of the process asked about',
  },
  {
    id: 'worker-limits-off',
    severity: 'warning',
    when: ({ flags }) => flags['max-old-space-size']?.value > 0,
    why: () => 'With --max-old-space-size, resourceLimits.maxOldGenerationSizeMb of worker threads has no effect: a worker with 64 MB grew to 1.1 GB',
    set: () => "Call v8.setFlagsFromString('--max-old-space-size=0') before the first new Worker(); the main thread keeps its limit. A pool of "
      + "createWorkerPool() does it",
    where: (facts) => flagPlace(facts, 'max-old-space-size'),
    basis: 'measured on Node.js 20, 22, 24 and 26',
  },
  {
    id: 'heap-limit-said-twice',
    severity: 'note',
    when: (facts) => twoHeapLimits(facts) || ('max-old-space-size' in facts.flags && 'max-old-space-size-percentage' in facts.flags),
    why: (facts) => ('max-old-space-size-percentage' in facts.flags
      ? '--max-old-space-size has no effect beside --max-old-space-size-percentage'
      : `--max-old-space-size has two values, ${twoHeapLimits(facts).join(' and ')}; the last one counts`),
    set: () => 'Say it once',
    where: (facts) => flagPlace(facts, 'max-old-space-size'),
    basis: 'Node.js reads NODE_OPTIONS first, then the command line; the percentage wins over the size',
  },
  {
    id: 'snapshot-near-limit',
    severity: 'critical',
    when: (facts) => facts.flags['heapsnapshot-near-heap-limit']?.value > 0 && facts.heap !== null && snapshotBytes(facts) > roomOf(facts).bytes,
    why: (facts) => `--heapsnapshot-near-heap-limit may take ${size(snapshotBytes(facts))} with a full heap of ${size(facts.heap.limitBytes)}, and `
      + `${roomOf(facts).name} has ${size(roomOf(facts).bytes)}: the kernel ends the process before the file is written`,
    set: () => "Leave the flag out; armNearHeapLimit() of pgtap-scanner/memory/snapshots takes a snapshot only where it fits",
    where: (facts) => flagPlace(facts, 'heapsnapshot-near-heap-limit'),
    basis: 'measured: 1.4 to 1.5 GB for a limit of 100 MB, small objects',
  },
  {
    id: 'large-young-generation',
    severity: 'note',
    when: (facts) => saidYoungBytes(facts) >= LARGE_YOUNG_BYTES && saidYoungBytes(facts) > roomOf(facts).bytes / 4,
    why: (facts) => `--max-semi-space-size=${facts.flags['max-semi-space-size'].value} gives the young generation up to `
      + `${size(saidYoungBytes(facts))}, above a quarter of what ${roomOf(facts).name} has`,
    set: () => 'Take a smaller one: 16 to 32 MB serve most servers',
    where: (facts) => flagPlace(facts, 'max-semi-space-size'),
    basis: 'the young generation is three semi-spaces, beside --max-old-space-size',
  },
  {
    id: 'expose-gc',
    severity: 'note',
    when: ({ flags }) => 'expose-gc' in flags,
    why: () => '--expose-gc is not needed: the toolkit collects without it, and any code of the program may call gc() with it',
    set: () => 'Leave it out',
    where: (facts) => flagPlace(facts, 'expose-gc'),
    basis: 'triggerGarbageCollection() and forceGarbageCollection() do without',
  },
  {
    id: 'address-space-limit',
    severity: 'critical',
    when: ({ addressSpaceLimitBytes: limit, heap }) => (limit ?? Infinity) < WASM_RESERVES + (heap?.limitBytes ?? 0),
    why: ({ addressSpaceLimitBytes: limit }) => `The address space is limited to ${size(limit)}. V8 reserves more than it uses: WebAssembly, which `
      + 'fetch() needs, about 10 GB for one memory',
    set: () => 'ulimit -v unlimited; limit the control group instead, which counts memory that is used',
    where: () => 'ulimit -v (RLIMIT_AS)',
    basis: 'measured: Node.js 20 does not start below 0.74 GB, a worker needs more than 1 GB, WebAssembly.Memory more than 10 GB',
  },
  {
    id: 'data-limit',
    severity: 'critical',
    when: ({ dataLimitBytes: limit, heap }) => heap !== null && (limit ?? Infinity) < heap.limitBytes,
    why: ({ dataLimitBytes: limit, heap }) => `The data segment is limited to ${size(limit)}, below the ${size(heap.limitBytes)} that V8's heap `
      + 'may grow to: allocations fail and Node.js aborts',
    set: () => 'ulimit -d unlimited',
    where: () => 'ulimit -d (RLIMIT_DATA)',
    basis: 'since Linux 4.7 RLIMIT_DATA counts all private writable memory',
  },
  {
    id: 'overcommit-never',
    severity: 'warning',
    when: ({ machine }) => machine.overcommit === 2,
    why: ({ machine }) => `The kernel promises no memory that it does not have (${size(machine.commitLimitBytes)} in all, `
      + `${size(machine.committedBytes)} promised): allocations fail and Node.js aborts while memory is still free`,
    set: () => 'sysctl vm.overcommit_memory=0, or a higher vm.overcommit_ratio, or swap, which counts as promised memory',
    where: () => '/proc/sys/vm/overcommit_memory',
    basis: 'the kernel\'s documentation of overcommit accounting',
  },
  {
    id: 'huge-pages-always',
    severity: 'warning',
    when: ({ machine, hugePagesOff }) => machine.hugePages === 'always' && !hugePagesOff,
    why: () => 'Transparent huge pages are on for everything: khugepaged joins small pages to 2 MB, so that freed memory stays resident, with '
      + 'glibc\'s malloc and with jemalloc',
    set: () => 'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled on the host. With jemalloc: MALLOC_CONF=thp:never',
    where: () => '/sys/kernel/mm/transparent_hugepage/enabled',
    basis: 'the kernel\'s documentation of transparent huge pages: max_ptes_none is 511, so that one page in use keeps 2 MB',
  },
  {
    id: 'swap-in-container',
    severity: 'note',
    when: ({ container, machine }) => container !== null && machine.swapBytes > 0 && (container.swapBytes ?? 0) > 0,
    why: () => 'The container may swap. A full collection touches the whole heap: when parts of it are on disk a pause takes seconds',
    set: () => 'docker run --memory-swap with the value of --memory, or memory.swap.max = 0',
    where: groupFile,
    basis: 'V8 marks all live objects in a full collection',
  },
  {
    id: 'swapped-out',
    severity: 'warning',
    when: ({ swapBytes }) => swapBytes > 0,
    why: ({ swapBytes }) => `${size(swapBytes)} of this process are swapped out: collections that touch them are slow`,
    set: () => 'A smaller heap, fewer processes or more memory',
    where: ({ pid }) => `/proc/${pid}/status`,
    basis: 'VmSwap of the process',
  },
  {
    id: 'no-swap',
    severity: 'note',
    when: ({ container, machine }) => container === null && machine.swapBytes === 0,
    why: () => 'The machine has no swap: when memory is used up the kernel ends a process at once',
    set: () => 'Keep a reserve, and limit each service (a container, MemoryMax= of systemd), or add a little swap on a machine that is not only '
      + 'for containers',
    where: () => '/proc/meminfo',
    basis: 'SwapTotal is 0',
  },
  {
    id: 'ends-first',
    severity: 'warning',
    when: ({ oomScoreAdjust }) => oomScoreAdjust >= BEST_EFFORT,
    why: () => 'oom_score_adj is 1000: when the machine is short of memory this process is ended first',
    set: () => 'In Kubernetes set resources.requests.memory: without it a pod is BestEffort and has this score',
    where: ({ pid }) => `/proc/${pid ?? 'self'}/oom_score_adj`,
    basis: 'the kernel\'s choice of what it ends',
  },
  {
    id: 'never-ends',
    severity: 'warning',
    when: ({ oomScoreAdjust }) => oomScoreAdjust !== null && oomScoreAdjust <= -BEST_EFFORT,
    why: () => 'oom_score_adj is -1000: the kernel never ends this process for want of memory, and ends others for what it took',
    set: () => 'OOMScoreAdjust=0 of systemd, unless the machine is worth nothing without this process',
    where: ({ pid }) => `/proc/${pid ?? 'self'}/oom_score_adj`,
    basis: 'the kernel\'s choice of what it ends',
  },
  {
    id: 'mappings',
    severity: 'warning',
    when: ({ mappings, machine }) => mappings !== null && machine.maxMappings !== null && mappings > 0.8 * machine.maxMappings,
    why: ({ mappings, machine }) => `The process has ${mappings} mappings of ${machine.maxMappings}: at the limit allocations fail though memory `
      + 'is free',
    set: ({ machine }) => `sysctl vm.max_map_count=${4 * machine.maxMappings}`,
    where: () => '/proc/sys/vm/max_map_count',
    basis: 'mmap() fails with ENOMEM at vm.max_map_count',
  },
  {
    id: 'glibc-arenas',
    severity: 'note',
    when: ({ allocator, arenaMax, container, machine: { cpus } }) => allocator === 'glibc' && arenaMax === null && (container || cpus >= MANY_CPUS),
    why: ({ machine }) => `glibc may keep up to ${8 * machine.cpus} arenas of memory outside V8's heap, and gives back little of what is freed in `
      + 'them',
    set: () => 'If resident memory stays high while heap and external are flat: LD_PRELOAD of jemalloc, trimNativeMemory(), or try '
      + 'MALLOC_ARENA_MAX=2',
    where: () => 'MALLOC_ARENA_MAX is not set',
    basis: 'measured: malloc_trim brought 231 MB down to 56; MALLOC_ARENA_MAX made no difference in that test',
  },
  {
    id: 'musl',
    severity: 'note',
    when: ({ allocator }) => allocator === 'musl',
    why: () => 'musl\'s malloc has no malloc_trim(), so that trimNativeMemory() can give nothing back, and threads share one lock',
    set: () => 'For much native memory (images, Buffers in many threads) an image with glibc, or LD_PRELOAD of jemalloc or mimalloc',
    where: () => 'the C library',
    basis: 'musl offers no malloc_trim()',
  },
];

module.exports = { RULES };
