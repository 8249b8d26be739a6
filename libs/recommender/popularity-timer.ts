import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PopularityLists } from './popularity-lists.js';
import { popularityAge, refreshPopularity } from './popularity.js';
import { RelatedItems } from './related-items.js';
import { refreshRelations, relationsAge } from './relations.js';

/** What is computed of a store's sessions now and then. */
interface Task {
  readonly name: string;
  /** How long ago it was done, in milliseconds; null when never. */
  readonly age: (dataSource: DataSource, store: string) => Promise<number | null>;
  readonly refresh: (dataSource: DataSource, store: string) => Promise<unknown>;
  readonly done: (store: string) => void;
  /** How old it may be when it was done elsewhere, in milliseconds. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

const shortestPauseMs = 5_000;
/** A refresh that takes a second is followed by a pause of 100: each task costs at most 1% of one core. */
const pausePerWork = 100;

/**
 * Keeps what is popular, and what goes with what, of every store that is asked for recommendations up to date. What another process
 * computed lately (another server, an import, a training) is left alone until it is old.
 */
@Injectable()
export class PopularityTimer implements OnApplicationShutdown {
  private readonly logger = new Logger(PopularityTimer.name);
  private readonly tasks: readonly Task[];
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** How old each may grow, in milliseconds, by task and store; a large store is counted less often. */
  private readonly pauses = new Map<string, number>();
  private readonly stores = new Set<string>();
  private stopped = false;
  private working: Promise<void> = Promise.resolve();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    lists: PopularityLists,
    related: RelatedItems,
  ) {
    this.tasks = [
      {
        name: 'popular items',
        age: popularityAge,
        refresh: refreshPopularity,
        done: (store) => {
          lists.forget(store);
        },
        firstPauseMs: 600_000,
        longestPauseMs: 3_600_000,
      },
      {
        name: 'related items',
        age: relationsAge,
        refresh: refreshRelations,
        done: (store) => {
          related.forget(store);
        },
        firstPauseMs: 3_600_000,
        longestPauseMs: 86_400_000,
      },
    ];
  }

  /** Keeps this store from now on; costs nothing when it does already. */
  keep(store: string): void {
    if (this.stores.has(store)) return;
    this.stores.add(store);
    for (const task of this.tasks) this.schedule(task, store, 0);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await this.working;
  }

  private schedule(task: Task, store: string, pauseMs: number): void {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.working = this.working.then(() => this.refreshWhenDue(task, store));
    }, pauseMs);
    this.timers.set(keyOf(task, store), timer.unref());
  }

  private async refreshWhenDue(task: Task, store: string): Promise<void> {
    if (this.stopped) return;
    const pause = this.pauses.get(keyOf(task, store)) ?? task.firstPauseMs;
    let next = shortestPauseMs;
    try {
      const age = (await task.age(this.dataSource, store)) ?? Infinity;
      next = age < pause ? pause - age : await this.refresh(task, store);
    } catch (error) {
      this.logger.warn(`The ${task.name} of store ${store} could not be computed: ${String(error)}`);
    }
    this.schedule(task, store, next);
  }

  /** Resolves to the pause that is due now. */
  private async refresh(task: Task, store: string): Promise<number> {
    const start = Date.now();
    await task.refresh(this.dataSource, store);
    task.done(store);
    const pause = Math.min(task.longestPauseMs, Math.max(shortestPauseMs, (Date.now() - start) * pausePerWork));
    this.pauses.set(keyOf(task, store), pause);
    return pause;
  }
}

const keyOf = (task: Task, store: string): string => `${task.name} ${store}`;
