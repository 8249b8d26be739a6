import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Role } from './command.js';
import { interrupted } from './interrupted.js';

const POLL_MS = 50;
const PATIENCE_MS = 60_000;

/** How many records of a topic were stored when. */
export interface StoredCount {
  readonly records: number;
  /** By `performance.now()`. */
  readonly at: number;
}

/** How far an ingest process is with a topic that begins at offset 0, by the offsets in the database. */
export class StoredRecords {
  constructor(private readonly dataSource: DataSource) {}

  async now(): Promise<StoredCount> {
    const [row] = await this.dataSource.query<{ stored: string | null }[]>(
      'select sum(next_offset) as stored from stream_offsets',
    );
    return { records: Number(row?.stored ?? 0), at: performance.now() };
  }

  /** @throws Error when the process ends, or stores nothing for a minute */
  async untilAtLeast(records: number, ingest: Role): Promise<StoredCount> {
    let moved = await this.now();
    for (;;) {
      const count = await this.now();
      if (count.records >= records) return count;
      interrupted.throwIfAborted();
      ingest.requireRunning();
      if (count.records > moved.records) moved = count;
      if (count.at - moved.at > PATIENCE_MS) {
        throw new Error(`${moved.records} of ${records} records were stored, and no more for ${PATIENCE_MS / 1000} s`);
      }
      await pause(POLL_MS);
    }
  }
}
