import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { LIMITS } from './limits.js';
import { Refreshing } from './refreshing.js';
import type { Candidate } from './strategy.js';

/** The best items of a store, best first. */
export interface Lists {
  readonly trending: readonly Candidate[];
  readonly popular: readonly Candidate[];
}

/** So long that nothing a request may exclude can shorten its answer while the shop has more items. */
const listLength = LIMITS.items + LIMITS.exclude + LIMITS.count;
/** In standard deviations: below it a trend may be chance. */
const leastTrend = 2;
const lifetimeMs = 15_000;

/** Keeps the popular and trending items of each store in memory. */
@Injectable()
export class PopularityLists {
  private readonly logger = new Logger(PopularityLists.name);
  private readonly lists: Refreshing<Lists>;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    this.lists = new Refreshing(
      (store) => this.load(store),
      lifetimeMs,
      (store, error) => {
        this.logger.warn(`The popular items of store ${store} could not be read again: ${String(error)}`);
      },
    );
  }

  /** As of the last refresh; items that the catalogue calls unavailable are left out. */
  of(store: string): Promise<Lists> {
    return this.lists.get(store);
  }

  /** To be called when the counts or the catalogue changed. */
  forget(store: string): void {
    this.lists.forget(store);
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
         and not exists (select from items where store = p.store and item_id = p.item_id and not available)
       order by ${column} desc, item_id limit $3`,
      [store, above, listLength],
    );
  }
}
