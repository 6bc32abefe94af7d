// A small seeded generator of random numbers (the splitmix32 mixing steps), so that a corpus can be made again
// anywhere from its seed.

/** `{ next, int, pick, chance, weighted }` that always give the same sequence for the same seed. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296;
  };
  const int = (limit) => Math.floor(next() * limit);
  const pick = (list) => list[int(list.length)];
  const chance = (share) => next() < share;
  /** Picks from `[[weight, item], ...]`. */
  const weighted = (table) => {
    let left = next() * table.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, item] of table) if ((left -= weight) < 0) return item;
    return table.at(-1)[1];
  };
  return { next, int, pick, chance, weighted };
}

/** An own seed for part `index` of a corpus, so that one file does not depend on those before it. */
export const partSeed = (seed, index) => (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
