// The members that both dialects of decorators know. Compiled twice, and run.
import { operations, ProfileMemory, type BlockResult, type ProfileOptions } from 'pgtap-scanner/memory';

const options: ProfileOptions = { logLevel: 'warn', thresholdMB: 1000 };

export class Service {
  factor = 2;
  private kept = 1;

  @ProfileMemory()
  double(value: number, ...more: string[]): string {
    return `${value * this.factor}${more.join('')}`;
  }

  @ProfileMemory(options)
  async later(value: number): Promise<number> {
    await null;
    return value * this.factor;
  }

  @ProfileMemory({ functionName: 'custom' })
  named(): Service {
    return this;
  }

  @ProfileMemory()
  raise(error: unknown): never {
    throw error;
  }

  @ProfileMemory()
  async reject(error: unknown): Promise<never> {
    throw error;
  }

  @ProfileMemory()
  * count(to: number): Generator<number, string, string> {
    let got = '';
    for (let at = 0; at < to; at += this.factor) got += yield at;
    return got;
  }

  @ProfileMemory()
  async* stream(to: number): AsyncGenerator<number, void, undefined> {
    for (let at = 0; at < to; at += 1) yield at;
  }

  @ProfileMemory()
  get value(): number {
    return this.kept;
  }

  set value(value: number) {
    this.kept = value;
  }

  @ProfileMemory()
  static make(): Service {
    return new this();
  }
}

export class Derived extends Service {}

/** What a decorated class does, and the names of the operations that this made. */
export async function use(): Promise<{ did: unknown[]; names: string[] }> {
  const names: string[] = [];
  const off = operations.on((result: BlockResult) => { names.push(result.name); });
  const service: Service = Service.make();
  const error = { any: 'thing' };
  const did: unknown[] = [service instanceof Service, service.double(4, 'a', 'b'), await service.later(5), service.named() === service];
  try { service.raise(error); } catch (thrown) { did.push(thrown === error); }
  did.push(await service.reject(error).catch((thrown: unknown) => thrown === error));
  const counted = service.count(4);
  did.push(counted.next(), counted.next('x'), counted.next('y'), counted.next(), String(counted), Array.from(service.count(3) as Iterable<number>));
  for await (const each of service.stream(2)) did.push(each);
  service.value = 7;
  did.push(service.value, new Derived().double(1), service.double.name, service.double.length);
  operations.flush();
  off();
  return { did, names };
}
