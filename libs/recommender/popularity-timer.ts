import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PopularityLists } from './popularity-lists.js';
import { popularityAge, refreshPopularity } from './popularity.js';

const firstPauseMs = 600_000;
const shortestPauseMs = 5_000;
const longestPauseMs = 3_600_000;
/** A refresh that takes a second is followed by a pause of 100: counting costs at most 1% of one core. */
const pausePerWork = 100;

/**
 * Keeps the counts of every store that is asked for recommendations up to date. Counts that another process made lately
 * (another server, an import, a training) are left alone until they are old.
 */
@Injectable()
export class PopularityTimer implements OnApplicationShutdown {
  private readonly logger = new Logger(PopularityTimer.name);
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** How old the counts of a store may grow, in milliseconds; a large store is counted less often. */
  private readonly pauses = new Map<string, number>();
  private stopped = false;
  private working: Promise<void> = Promise.resolve();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly lists: PopularityLists,
  ) {}

  /** Counts for this store from now on; costs nothing when it does already. */
  keep(store: string): void {
    if (!this.timers.has(store)) this.schedule(store, 0);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await this.working;
  }

  private schedule(store: string, pauseMs: number): void {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.working = this.working.then(() => this.refreshWhenDue(store));
    }, pauseMs);
    this.timers.set(store, timer.unref());
  }

  private async refreshWhenDue(store: string): Promise<void> {
    if (this.stopped) return;
    const pause = this.pauses.get(store) ?? firstPauseMs;
    let next = shortestPauseMs;
    try {
      const age = (await popularityAge(this.dataSource, store)) ?? Infinity;
      next = age < pause ? pause - age : await this.refresh(store);
    } catch (error) {
      this.logger.warn(`The popular items of store ${store} could not be counted: ${String(error)}`);
    }
    this.schedule(store, next);
  }

  /** Resolves to the pause that is due now. */
  private async refresh(store: string): Promise<number> {
    const start = Date.now();
    await refreshPopularity(this.dataSource, store);
    this.lists.forget(store);
    const pause = Math.min(longestPauseMs, Math.max(shortestPauseMs, (Date.now() - start) * pausePerWork));
    this.pauses.set(store, pause);
    return pause;
  }
}
