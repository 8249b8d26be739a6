import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { streamRows } from '#platform';
import { LIMITS } from './limits.js';
import { Refreshing } from './refreshing.js';
import type { Candidate } from './strategies/strategy.js';

/** The best items of a store, best first. */
export interface Lists {
  readonly trending: readonly Candidate[];
  readonly popular: readonly Candidate[];
}

/** Every item that was counted, as of one count. */
interface WholeLists extends Lists {
  readonly countedAt: string | null;
}

/** So long that nothing a request may exclude can shorten its answer while the shop has more items. */
const listLength = LIMITS.items + LIMITS.exclude + LIMITS.count;
/** In standard deviations: below it a trend may be chance. */
const leastTrend = 2;
const lifetimeMs = 15_000;
const rowsAtOnce = 1_000;

/** Keeps the popular and trending items of each store in memory. */
@Injectable()
export class PopularityLists {
  private readonly logger = new Logger(PopularityLists.name);
  private readonly lists: Refreshing<Lists>;
  private readonly wholeLists: Refreshing<WholeLists>;
  private readonly newest = new Map<string, WholeLists>();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    const failed = (store: string, error: unknown): void => {
      this.logger.warn(`The popular items of store ${store} could not be read again: ${String(error)}`);
    };
    this.lists = new Refreshing((store) => this.load(store), lifetimeMs, failed);
    this.wholeLists = new Refreshing((store) => this.loadWhole(store), lifetimeMs, failed);
  }

  /** As of the last refresh; items that were not on sale then are left out. */
  of(store: string): Promise<Lists> {
    return this.lists.get(store);
  }

  /** However long, and with the items that are not on sale: for filters. The same lists until the items are counted again. */
  whole(store: string): Promise<Lists> {
    return this.wholeLists.get(store);
  }

  /** To be called when the counts or the catalogue changed. */
  forget(store: string): void {
    this.lists.forget(store);
    this.wholeLists.forget(store);
  }

  private async load(store: string): Promise<Lists> {
    const [trending, popular] = await Promise.all([
      this.top(store, 'trend', leastTrend),
      this.top(store, 'popularity', 0),
    ]);
    return { trending, popular };
  }

  private async top(store: string, column: 'trend' | 'popularity', above: number): Promise<Candidate[]> {
    return this.dataSource.query(
      `select item_id as "itemId", ${column} as score from item_popularity as p
       where store = $1 and ${column} > $2
         and not exists (select from items where store = p.store and item_id = p.item_id
           and (not available or available_from > now() or available_until <= now()))
       order by ${column} desc, item_id limit $3`,
      [store, above, listLength],
    );
  }

  private async loadWhole(store: string): Promise<WholeLists> {
    const rows = await this.dataSource.query<{ countedAt: string }[]>(
      'select refreshed_at::text as "countedAt" from item_popularity where store = $1 limit 1',
      [store],
    );
    const countedAt = rows[0]?.countedAt ?? null;
    const earlier = this.newest.get(store);
    if (earlier?.countedAt === countedAt) return earlier;
    const [trending, popular] = [
      await this.every(store, 'trend', leastTrend),
      await this.every(store, 'popularity', 0),
    ];
    const lists = { trending, popular, countedAt };
    this.newest.set(store, lists);
    return lists;
  }

  private async every(store: string, column: 'trend' | 'popularity', above: number): Promise<Candidate[]> {
    const all: Candidate[] = [];
    const batches = streamRows<Candidate>(
      this.dataSource,
      `select item_id as "itemId", ${column} as score from item_popularity
       where store = $1 and ${column} > $2 order by ${column} desc, item_id`,
      [store, above],
      rowsAtOnce,
    );
    for await (const rows of batches) all.push(...rows);
    return all;
  }
}
