// Tasks that take memory without end, each of another kind, and some that do not.
let kept = [];
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function objects() {
  for (;;) kept.push({ at: kept.length, of: [1, 2, 3] });
}

export function buffers() {
  for (;;) kept.push(Buffer.alloc(4e6, 1));
}

/** Strings whose characters V8 keeps outside its heap. */
export function strings() {
  const bytes = Buffer.alloc(16e6, 65);
  for (;;) kept.push(bytes.toString('latin1'));
}

export function array() {
  kept = Array.from({ length: 2e7 }, (_, at) => at + 0.5);
}

/** Far more than any limit here, but little of it at once; V8 lets it lie for some time. */
export function garbage({ mb }) {
  const begin = performance.now();
  let bytes = 0;
  for (let i = 0; i < mb / 20; i += 1) {
    bytes += Buffer.alloc(20e6, 1).length;
    while (performance.now() - begin < i * 30);
  }
  return bytes;
}

/** Takes and keeps some MB, in arrays of numbers. */
export function keep({ mb }) {
  for (let i = 0; i < mb; i += 1) kept.push(new Array(131072).fill(i));
  return kept.length;
}

export async function add({ a, b, ms = 0 }) {
  await later(ms);
  return a + b;
}

/** Answers, and goes on taking memory. */
export function goesOn() {
  setInterval(() => kept.push(Buffer.alloc(1e6, 1)), 5);
  return 'answered';
}
