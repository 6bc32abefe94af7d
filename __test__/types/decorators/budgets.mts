// Methods that are budget targets before anybody calls them. Compiled with both dialects of decorators, and run.
import { ProfileMemory } from 'pgtap-scanner/memory';
import { testMemoryBudget } from 'pgtap-scanner/memory/testing';

const seen: string[] = [];

class Stock {
  constructor(readonly name = 'new') {}

  @ProfileMemory()
  add(count: number): void {
    seen.push(`${this.name} ${count}`);
  }

  @ProfileMemory()
  static count(): void {
    seen.push(this.name);
  }
}

class Needy {
  constructor(readonly part: string) {}

  @ProfileMemory()
  take(): void {
    seen.push(this.part);
  }
}

/** What a call as a budget target did, or its error's code. */
async function called(name: string): Promise<string> {
  seen.length = 0;
  return testMemoryBudget(name, { maxMemoryMB: 100, iterations: 1, warmup: 0, input: 5 }).then(() => seen.join(), ({ code }: { code: string }) => code);
}

export async function budgets(): Promise<string[]> {
  const before = [await called('Stock.count'), await called('Stock.add'), await called('Needy.take')];
  const [stock, needy] = [new Stock('mine'), new Needy('given')];
  const made = [await called('Stock.add'), await called('Needy.take')];
  stock.add(1);
  needy.take();
  return [...before, ...made, await called('Stock.add'), await called('Needy.take')];
}
