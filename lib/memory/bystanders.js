'use strict';

/** Milliseconds after which one that still runs tells its end itself, and those that ended are let go of. */
const LATER_MS = 1000;
/** So many are looked at; of more that run at once the first tell their ends themselves. */
const MOST = 128;

/** What runs beside operations without being measured. Subclasses know `ended`, and tell of it with `onceEnded(fn)`. */
class Bystander {
  parent = undefined;
  /** As those of an operation. */
  own = 0;
}

/** The innermost that runs of an operation or bystander and what it is a part of. */
function running(operation) {
  let found = operation;
  while (found?.ended) found = found.parent;
  return found;
}

/**
 * The bystanders that run now. One costs next to nothing as long as nobody waits for its end: the first are looked at
 * whenever another begins, so that none that ended is kept for long, which would make young objects old; and all when
 * somebody asks how many run.
 */
class Bystanders {
  /** In the order in which they began. */
  #young = [];
  /** Those that tell their end. */
  #old = 0;
  #timer = null;

  add(bystander) {
    const young = this.#young;
    while (young.length > 0 && young[0].ended) release(young.shift());
    young.push(bystander);
    if (young.length > MOST) this.#await(young.shift());
    this.#timer ??= setTimeout(this.#later, LATER_MS).unref();
  }

  /** How many run now. */
  get count() {
    if (this.#young.length > 0) this.#young = this.#young.filter(runs);
    return this.#young.length + this.#old;
  }

  #later = () => {
    this.#timer = null;
    for (const each of this.#young.splice(0)) if (runs(each)) this.#await(each);
  };

  #await(bystander) {
    this.#old += 1;
    bystander.onceEnded(() => {
      this.#old -= 1;
      release(bystander);
    });
  }
}

function runs(bystander) {
  if (!bystander.ended) return true;
  release(bystander);
  return false;
}

/** An async context that goes on keeps a bystander: not what ended around it. */
function release(bystander) {
  bystander.parent = running(bystander.parent);
}

module.exports = { Bystander, Bystanders, running };
