// Reads what the memory stream tells, by its declared shapes. Only compiled, never run.
import type { MemoryStreamEvents, StreamStart, StreamedOperation, StreamedSample } from 'pgtap-scanner/memory/http';

type Told = { [Name in keyof MemoryStreamEvents]: { name: Name; data: MemoryStreamEvents[Name] } }[keyof MemoryStreamEvents];

export function describe(event: Told): string {
  switch (event.name) {
    case 'start': {
      const start: StreamStart = event.data;
      const column: number = start.history.fields.indexOf('rssBytes');
      const cell: number | null | undefined = start.history.rows[0]?.[column];
      return `${start.process.pid} ${cell ?? 'unknown'} ${start.thresholds.warning}`;
    }
    case 'sample': {
      const sample: StreamedSample = event.data;
      const used: number | null = sample.heapUsedBytes;
      return `${sample.level} ${used ?? 'busy'}`;
    }
    case 'snapshot':
      return event.data.failed ? `${event.data.code}` : event.data.file;
    case 'gc':
      return `${event.data.records.length + event.data.left} of ${event.data.totals.collections}`;
    case 'operations': {
      const last: StreamedOperation | undefined = event.data.last.at(-1);
      // @ts-expect-error the context is the program's own
      return `${last?.context}`;
    }
    default:
      return event.name;
  }
}

// @ts-expect-error no such event
export type Nothing = MemoryStreamEvents['heap'];
