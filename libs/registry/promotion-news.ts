import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { EntityManager } from 'typeorm';

const CHANNEL = 'nextpick_promotions';
/** Between two attempts to connect, in milliseconds: the first, and the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Says within a transaction that another model is in service; whoever listens hears of it when that is committed. */
export async function announcePromotion(manager: EntityManager, store: string): Promise<void> {
  await manager.query('select pg_notify($1, $2)', [CHANNEL, store]);
}

/**
 * Hears of promotions (`LISTEN`) on a connection of its own, which is made again when it breaks. A pooler that hands connections from one
 * client to another does not pass news on: poll as well.
 */
export class PromotionNews {
  private client: pg.Client | null = null;
  private readonly stopping = new AbortController();
  private following: Promise<void> = Promise.resolve();

  /**
   * @param databaseUrl a `postgres://` address
   * @param onNews is called with each promotion, and each time when a connection is made, as some may have been missed before it
   */
  constructor(
    private readonly databaseUrl: string,
    private readonly onNews: () => void,
  ) {}

  /** Begins to listen; does not wait for the connection. */
  start(): void {
    this.following = this.follow();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.client?.end().catch(() => undefined);
    await this.following;
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    let wait = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const client = new pg.Client({
        connectionString: this.databaseUrl,
        application_name: 'nextpick',
        keepAlive: true,
      });
      const ended = new Promise<void>((resolve) => client.once('end', resolve));
      // The connection ends after it; that is all there is to know.
      client.on('error', () => undefined);
      client.on('notification', this.onNews);
      this.client = client;
      try {
        await client.connect();
        await client.query(`listen ${CHANNEL}`);
        wait = FIRST_PAUSE_MS;
        this.onNews();
        await ended;
      } catch {
        await client.end().catch(() => undefined);
      }
      await pause(wait, undefined, { signal }).catch(() => undefined);
      wait = Math.min(2 * wait, LONGEST_PAUSE_MS);
    }
  }
}
