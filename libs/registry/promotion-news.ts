import { Logger } from '@nestjs/common';
import pg from 'pg';
import { pauseUnlessAborted, reasonOf } from '#platform';
import { PROMOTIONS_CHANNEL } from './promotions.js';

/** Milliseconds before a lost connection is made anew; twice as many after each try that failed. */
const shortestPause = 250;
const longestPause = 15_000;

/**
 * Hears of every promotion and rollback the moment that it is stored, over a connection of its own that is made anew when it is lost.
 * What it misses meanwhile, or where a pooler in between passes no notifications on, whoever asks from time to time finds out.
 */
export class PromotionNews {
  private readonly logger = new Logger(PromotionNews.name);
  private readonly stopping = new AbortController();

  /**
   * @param databaseUrl a `postgres://` address
   * @param hear is called at each piece of news and whenever it begins to listen, because something may have been missed before
   */
  constructor(
    private readonly databaseUrl: string,
    private readonly hear: () => void,
  ) {
    void this.keepListening();
  }

  /** Nothing is heard any more; the connection ends by itself. */
  stop(): void {
    this.stopping.abort();
  }

  private async keepListening(): Promise<void> {
    const { signal } = this.stopping;
    let pause = shortestPause;
    while (!signal.aborted) {
      const began = await this.listen(signal).catch((error: unknown) => {
        this.logger.debug(`Promotions are not heard of at once: ${reasonOf(error)}`);
        return false;
      });
      if (began) pause = shortestPause;
      await pauseUnlessAborted(pause, signal);
      pause = Math.min(longestPause, 2 * pause);
    }
  }

  /** Resolves when the connection is lost or ended; rejects when it could not be made. */
  private async listen(signal: AbortSignal): Promise<true> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      connectionTimeoutMillis: 10_000,
      application_name: 'nextpick news',
      keepAlive: true,
      keepAliveInitialDelayMillis: 30_000,
    });
    const ended = new Promise((resolve) => client.once('end', resolve));
    // It ends, too, when it breaks.
    client.on('error', () => undefined);
    client.on('notification', () => {
      if (!signal.aborted) this.hear();
    });
    const end = (): void => {
      client.end().catch(() => undefined);
    };
    signal.addEventListener('abort', end, { once: true });
    try {
      await client.connect();
      await client.query(`listen ${PROMOTIONS_CHANNEL}`);
      if (!signal.aborted) this.hear();
      await ended;
      return true;
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }
}
