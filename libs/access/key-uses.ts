import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { KeyHolder } from './api-key.js';

const pauseMs = 60_000;

/** Writes down when each key was last used: at most once a minute, and without making any request wait. */
@Injectable()
export class KeyUses implements BeforeApplicationShutdown {
  private readonly logger = new Logger(KeyUses.name);
  /** By key id, which only valid keys have: it grows no larger than their table. */
  private readonly notedAt = new Map<string, number>();
  private readonly writing = new Set<Promise<void>>();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Returns at once. What cannot be written is logged and tried again a minute later. */
  note({ store, id }: KeyHolder): void {
    const now = performance.now();
    if (now - (this.notedAt.get(id) ?? -Infinity) < pauseMs) return;
    this.notedAt.set(id, now);
    const write = this.write(store, id).finally(() => this.writing.delete(write));
    this.writing.add(write);
  }

  /** Waits for what is being written, while the database is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.writing);
  }

  private async write(store: string, id: string): Promise<void> {
    try {
      await this.dataSource.query(
        `update api_keys set last_used_at = now()
         where store = $1 and id = $2 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
        [store, id],
      );
    } catch (error) {
      this.logger.warn(`The last use of key ${id} could not be written: ${String(error)}`);
    }
  }
}
