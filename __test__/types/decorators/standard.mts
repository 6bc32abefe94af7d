// What only the decorators of the standard know: private members, accessors, setters by themselves.
import { operations, ProfileMemory } from 'pgtap-scanner/memory';
import { budgets } from './budgets.mjs';
import { use } from './members.mjs';

class Hidden {
  static #made = 0;
  #inner = 1;

  @ProfileMemory()
  #secret(by: number): number {
    return this.#inner * by;
  }

  @ProfileMemory()
  static #count(): number {
    this.#made += 1;
    return this.#made;
  }

  @ProfileMemory()
  accessor level = 3;

  @ProfileMemory()
  set only(value: number) {
    this.#inner = value;
  }

  @ProfileMemory()
  static async [Symbol.for('named by a symbol')](): Promise<number> {
    return this.#count();
  }

  secret(by: number): number {
    return this.#secret(by);
  }
}

const { did, names } = await use();
const off = operations.on(({ name }) => { names.push(name); });
const hidden = new Hidden();
hidden.only = 5;
hidden.level += 1;
did.push(hidden.secret(3), hidden.level);
did.push(await (Hidden as unknown as Record<symbol, () => Promise<number>>)[Symbol.for('named by a symbol')]!());
operations.flush();
off();
console.log(JSON.stringify({ did, names, budgets: await budgets() }));
