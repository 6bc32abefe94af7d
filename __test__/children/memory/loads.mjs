// Loads on memory, leak-free and leaking, as data: `start(random, tick)` makes the function that does one tick of work.
//
// A tick stands for `tickMs` of a program's time. What a load does depends on the seed and on the ticks done, never on a
// clock, so a slow machine sees the same allocations as a fast one.
import { createSecretKey } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export const KB = 1024;
export const MB = 1024 * KB;

/** A small tree of objects like those of a request, of about `kb` KB. */
function record(random, kb) {
  const rows = [];
  for (let n = 0; n < kb; n += 1) {
    rows.push({ id: random.int(1e9), name: `name-${random.int(1e6)}`, values: new Array(112).fill(random.next()) });
  }
  return rows;
}

/** Requests that live for a few ticks and then end: garbage that only major collections find. */
function traffic(random, perTick = 30, ticksAlive = 4) {
  const inFlight = [];
  return (share = 1) => {
    const made = [];
    const many = Math.round(perTick * share * (0.8 + 0.4 * random.next()));
    for (let n = 0; n < many; n += 1) made.push(record(random, 50));
    inFlight.push(made);
    while (inFlight.length > ticksAlive) inFlight.shift();
  };
}

/** Adds keys to a Map that forgets the one that was not used for longest. */
function lru(most) {
  const kept = new Map();
  return (key, make) => {
    const value = kept.get(key) ?? make();
    kept.delete(key);
    kept.set(key, value);
    if (kept.size > most) kept.delete(kept.keys().next().value);
  };
}

/** Numbers from 0 on of which small ones come often and large ones rarely, without an end. */
const rare = (random, tail = 1.6) => Math.floor(1 / (1 - random.next()) ** tail);

async function* chunks(random, many) {
  for (let n = 0; n < many; n += 1) yield Buffer.alloc(16 * KB + random.int(48 * KB), n);
}

/** Leak-free. `windowTicks` is how many ticks a window of the detector has. */
export const CLEAN = {
  steady(random) {
    const work = traffic(random);
    return () => work();
  },

  ramp(random, { windowTicks }) {
    const work = traffic(random, 8);
    return (tick) => work(1 + Math.min(3, tick / (4 * windowTicks)));
  },

  // Full after about one window.
  cacheThatFills(random, { windowTicks }) {
    const work = traffic(random);
    const most = 150 + random.int(150);
    const cached = new Map();
    return (tick) => {
      work();
      for (let n = 0; n < Math.ceil(most / windowTicks) && cached.size < most; n += 1) cached.set(`${tick}/${n}`, record(random, 50));
    };
  },

  bursts(random) {
    const work = traffic(random, 10);
    return () => work(random.chance(0.06) ? 12 : 1);
  },

  bigStrings(random) {
    const work = traffic(random, 12);
    const recent = [];
    return () => {
      work();
      for (let n = 0; n < 4; n += 1) recent.push(Buffer.alloc(200 * KB + random.int(200 * KB), 97 + n).toString('latin1').replace('a', random.int(9)));
      recent.splice(0, Math.max(0, recent.length - 20));
    };
  },

  buffersComeAndGo(random) {
    const work = traffic(random, 16);
    const open = [];
    return () => {
      work();
      for (let n = 0; n < 8; n += 1) open.push(Buffer.alloc(64 * KB + random.int(448 * KB), n));
      open.splice(0, Math.max(0, open.length - 10 - random.int(30)));
    };
  },

  lruWithTurnover(random) {
    const work = traffic(random, 12);
    const use = lru(200 + random.int(200));
    return () => {
      work();
      for (let n = 0; n < 30; n += 1) use(rare(random), () => record(random, 15 + random.int(20)));
    };
  },

  // Sessions gather and end together, several times in a window or once in two.
  sawtoothSessions(random, { windowTicks }) {
    const work = traffic(random, 16);
    let sessions = [];
    let until = 0;
    return (tick) => {
      work();
      if (tick >= until) {
        sessions = [];
        until = tick + Math.round(windowTicks * (0.3 + random.next()));
      }
      for (let n = 0; n < 3; n += 1) sessions.push(record(random, 37));
    };
  },

  timersAndListeners(random) {
    const work = traffic(random);
    const events = new EventEmitter();
    const open = [];
    return () => {
      work();
      for (let n = 0; n < 60; n += 1) {
        const context = record(random, 2);
        const listener = () => context;
        events.on('tick', listener);
        open.push({ listener, timer: setTimeout(listener, 3_600_000).unref() });
      }
      for (const { listener, timer } of open.splice(0, Math.max(0, open.length - 150 - random.int(100)))) {
        events.off('tick', listener);
        clearTimeout(timer);
      }
    };
  },

  // Grows for half of a period and shrinks for the other; a period is half a window to two.
  queueThatDrains(random, { windowTicks }) {
    const work = traffic(random, 16);
    const queue = [];
    const half = Math.round(windowTicks * (0.25 + 0.75 * random.next()));
    return (tick) => {
      work();
      const grows = Math.floor(tick / half) % 2 === 0;
      for (let n = 0; n < (grows ? 6 : 3); n += 1) queue.push(record(random, 25));
      if (!grows) queue.splice(0, 6 + random.int(6));
    };
  },

  jsonDocuments(random) {
    const work = traffic(random, 8);
    let last = [];
    return () => {
      work();
      const text = JSON.stringify(record(random, 50 + random.int(100)));
      last = [text, JSON.parse(text), ...last.slice(0, 3)];
    };
  },

  // The live set wanders without a direction.
  randomWalk(random) {
    const work = traffic(random, 16);
    const live = [];
    return () => {
      work();
      const step = random.int(7) - 3;
      for (let n = 0; n < step; n += 1) live.push(record(random, 25));
      live.splice(0, -step);
      while (live.length < 40) live.push(record(random, 25));
      while (live.length > 160) live.pop();
    };
  },

  // Code and tables that are loaded once, ever more rarely.
  lateStart(random, { windowTicks }) {
    const work = traffic(random);
    const tables = [];
    return (tick) => {
      work();
      if (random.chance(Math.exp(-tick / (windowTicks / 3)))) tables.push(record(random, 75));
    };
  },

  streams(random) {
    const work = traffic(random);
    return async () => {
      work();
      const upper = new Transform({ transform: (chunk, _, done) => done(null, chunk.toString('latin1')) });
      const sink = new Writable({ write: (chunk, _, done) => setImmediate(done) });
      await pipeline(Readable.from(chunks(random, 10)), upper, sink);
    };
  },
};

/** What a leak adds per window, in bytes: 72 to 180 MB per hour with windows of five minutes. */
const leaked = (random) => (6 + 9 * random.next()) * MB;

/** Real leaks, each with the label that it deserves. */
export const LEAKS = {
  retainedInMap: {
    pattern: 'linear_growth',
    start(random, { windowTicks }) {
      const work = traffic(random);
      const kept = new Map();
      const perTick = leaked(random) / windowTicks;
      let owed = 0;
      return (tick) => {
        work();
        for (owed += perTick; owed > 0; owed -= 25 * KB) kept.set(`${tick}/${owed}`, record(random, 25));
      };
    },
  },

  retainedClosures: {
    pattern: 'linear_growth',
    start(random, { windowTicks }) {
      const work = traffic(random, 12);
      const kept = [];
      const perTick = leaked(random) / windowTicks;
      let owed = 0;
      return () => {
        work(random.chance(0.1) ? 4 : 1);
        for (owed += perTick; owed > 0; owed -= 25 * KB) {
          const context = record(random, 25);
          kept.push(() => context);
        }
      };
    },
  },

  retainedBuffers: {
    pattern: 'buffer_leak',
    start(random, { windowTicks }) {
      const work = traffic(random);
      const kept = [];
      const perTick = leaked(random) / windowTicks;
      let owed = 0;
      return () => {
        work();
        for (owed += perTick; owed > 0; owed -= 32 * KB) kept.push(Buffer.alloc(32 * KB, 1));
      };
    },
  },

  // Each listener keeps what its request knew.
  listenersNeverRemoved: {
    pattern: 'listener_leak',
    start(random, { windowTicks }) {
      const work = traffic(random);
      const events = new EventEmitter();
      const perTick = leaked(random) / windowTicks;
      let owed = 0;
      return () => {
        work();
        for (owed += perTick; owed > 0; owed -= 12.5 * KB) {
          const context = record(random, 12);
          events.on('change', () => context);
        }
      };
    },
  },

  // Keys of users, each copied into memory of OpenSSL's that V8 does not know of.
  nativeKeys: {
    pattern: 'native_growth',
    start(random, { windowTicks }) {
      const work = traffic(random);
      const kept = [];
      const perTick = leaked(random) / windowTicks;
      const bytes = Buffer.alloc(32 * KB, 1);
      let owed = 0;
      return () => {
        work();
        for (owed += perTick; owed > 0; owed -= 32 * KB) kept.push(createSecretKey(bytes));
      };
    },
  },

  // Some keys come often; new ones come ever more rarely, and without an end.
  unboundedCache: {
    pattern: 'cache_growth',
    start(random) {
      const work = traffic(random);
      const cached = new Map();
      const size = 90 + random.int(40);
      return () => {
        work();
        for (let n = 0; n < 20; n += 1) {
          const key = rare(random);
          if (!cached.has(key)) cached.set(key, record(random, size + random.int(size)));
        }
      };
    },
  },
};
