'use strict';

/** Milliseconds after which those that ended are let go of, if nobody asked. */
const EVERY_MS = 1000;
/** So many come, beside as many as ran at the last look, before they are looked at without being asked. */
const FEW = 16;
/** One that still runs after so many looks takes long: from then on it tells its end itself. */
const MOST_LOOKS = 8;

/** What runs beside operations without being measured. Subclasses know `ended`, and tell of it with `onceEnded(fn)`. */
class Bystander {
  parent = undefined;
  /** As those of an operation. */
  own = 0;
  looks = 0;
}

/** The innermost that runs of an operation or bystander and what it is a part of. */
function running(operation) {
  let found = operation;
  while (found?.ended) found = found.parent;
  return found;
}

/**
 * The bystanders that run now. One costs next to nothing as long as nobody waits for its end: they are looked at when
 * somebody asks how many run, and now and then, so that what they hold can be collected.
 */
class Bystanders {
  /** May have ended since the last look. */
  #young = [];
  /** Those that tell their end. */
  #old = 0;
  #most = FEW;
  #timer = null;

  add(bystander) {
    this.#young.push(bystander);
    if (this.#young.length > this.#most) this.#look();
    this.#timer ??= setTimeout(this.#later, EVERY_MS).unref();
  }

  /** How many run now. */
  get count() {
    if (this.#young.length > 0) this.#look();
    return this.#young.length + this.#old;
  }

  #later = () => {
    this.#timer = this.count === this.#old ? null : setTimeout(this.#later, EVERY_MS).unref();
  };

  #look() {
    const young = this.#young;
    let kept = 0;
    for (const each of young) {
      each.looks += 1;
      if (each.ended) release(each);
      else if (each.looks > MOST_LOOKS) this.#await(each);
      else {
        young[kept] = each;
        kept += 1;
      }
    }
    young.length = kept;
    this.#most = 2 * kept + FEW;
  }

  #await(bystander) {
    this.#old += 1;
    bystander.onceEnded(() => {
      this.#old -= 1;
      release(bystander);
    });
  }
}

/** An async context that goes on keeps a bystander: not what ended around it. */
function release(bystander) {
  bystander.parent = running(bystander.parent);
}

module.exports = { Bystander, Bystanders, running };
