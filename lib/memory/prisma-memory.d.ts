import type { DatabaseMemoryMonitor } from './database-memory.js';

/** Runs a method of a Prisma model as the operation `DB.<method>.<model>`. With `args.take`, more records than that are reported. */
export type PrismaMemoryHelper = <T>(model: string, fn: () => T | PromiseLike<T>, args?: object) => Promise<T>;

export const PrismaMemoryHelpers: Readonly<Record<
  'findMany' | 'findFirst' | 'findUnique' | 'create' | 'createMany' | 'update' | 'updateMany' | 'upsert' | 'delete' | 'deleteMany' | 'count' | 'aggregate' | 'groupBy',
  PrismaMemoryHelper
>>;

/** An extension of Prisma's `$extends()`. */
export interface PrismaMemoryExtension {
  name: string;
  query: {
    $allOperations(call: { model?: string; operation: string; args: any; query: (args: any) => PromiseLike<any> }): Promise<any>;
  };
}

/**
 * An extension for `prisma.$extends()` that monitors every query, raw ones under the model `raw`.
 *
 * @param options `monitor`: standard `dbMemoryMonitor`
 */
export function prismaMemoryExtension(options?: { monitor?: Pick<DatabaseMemoryMonitor, 'monitorQuery'> }): PrismaMemoryExtension;
