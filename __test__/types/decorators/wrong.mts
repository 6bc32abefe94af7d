// Each of these must not compile. Only compiled, never run.
import { createMemoryBlock, dbMemoryMonitor, determineOptimalChunkSize, openGcStatistics, operations, ProfileMemory, profileMethod, trackOperation, trackOperationSync } from 'pgtap-scanner/memory';

// @ts-expect-error no such level
ProfileMemory({ logLevel: 'loud' });
// @ts-expect-error no such method
profileMethod({ a() {} }, 'b');
// @ts-expect-error a class is no method
@ProfileMemory()
export class Decorated {}
// @ts-expect-error the promise's value is a number
export const text: Promise<string> = trackOperation('x', async () => 1);
// @ts-expect-error nothing is awaited
export const value: number = trackOperationSync('x', async () => 1);
// @ts-expect-error results are read only once they are there
createMemoryBlock('x').adjustedBytes;
// @ts-expect-error one of two
operations.nesting = 'both';
// @ts-expect-error a number
void determineOptimalChunkSize({ bytesPerItem: '1' });
// @ts-expect-error the table is missing
void dbMemoryMonitor.monitorQuery('SELECT', 'SELECT 1', () => 1);
// @ts-expect-error bytes may be unknown
openGcStatistics(({ freedBytes }) => freedBytes.toFixed());
