import type { LogOptions } from './log-result.js';

/** Options of `ProfileMemory` and `profileMethod`. */
export interface ProfileOptions extends LogOptions {
  /** The operation's name, 1 to 200 characters; standard is `Class.method`, with `get ` or `set ` before the name of an accessor. */
  functionName?: string | null;
}

/** A decorator for methods, getters, setters and accessors, static and private ones, too: of the standard, and of TypeScript's `experimentalDecorators`. */
export interface MemoryDecorator {
  <This, Args extends unknown[], Return>(
    method: (this: This, ...args: Args) => Return,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: Args) => Return>,
  ): (this: This, ...args: Args) => Return;
  <This, Value>(getter: (this: This) => Value, context: ClassGetterDecoratorContext<This, Value>): (this: This) => Value;
  <This, Value>(setter: (this: This, value: Value) => void, context: ClassSetterDecoratorContext<This, Value>): (this: This, value: Value) => void;
  <This, Value>(
    accessor: ClassAccessorDecoratorTarget<This, Value>,
    context: ClassAccessorDecoratorContext<This, Value>,
  ): ClassAccessorDecoratorResult<This, Value>;
  <Value>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<Value>): TypedPropertyDescriptor<Value>;
}

/**
 * Makes each call of what it decorates an operation. `this`, arguments, values and errors are untouched. The promise of an
 * asynchronous method ends the operation; other thenables do not, for some begin their work when `then` is called. The steps
 * of a generator are one operation together, without what its consumer does between them.
 *
 * @throws TypeError or RangeError `ERR_PGTAP_INVALID_OPTION`
 */
export function ProfileMemory(options?: ProfileOptions): MemoryDecorator;

/**
 * Makes each call of the method `object[key]` an operation: `ProfileMemory` for plain JavaScript.
 *
 * @returns puts the method back as it was
 */
export function profileMethod<T extends object>(object: T, key: keyof T, options?: ProfileOptions): () => void;
