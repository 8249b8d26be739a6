import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { StoreList, type ListQuery } from './store-list.js';

export type ListName = 'trending' | 'popular' | 'new-arrivals';

const counted = (column: 'trend' | 'popularity'): Pick<ListQuery, 'rows' | 'version' | 'lifetimeMs'> => ({
  rows: `select item_id as "itemId", ${column} as score from item_popularity where store = $1`,
  version: 'select refreshed_at::text as version from item_popularity where store = $1 limit 1',
  lifetimeMs: 15_000,
});

const queries: Readonly<Record<ListName, ListQuery>> = {
  popular: { ...counted('popularity'), above: 0, aboveSelected: 0 },
  // In standard deviations. Below 2 a trend may be chance; of the few items that a filter chooses, the order is what is asked for.
  trending: { ...counted('trend'), above: 2, aboveSelected: 0.5 },
  // By the days that an item is on sale: 1 / (1 + days), so that a boost brings items of about the same age forward.
  'new-arrivals': {
    rows: `select item_id as "itemId", (1 / (1 + extract(epoch from greatest(now() - coalesce(available_from, created_at), '0')) / 86400))::float8 as score
      from items where store = $1 and (available_from is null or available_from <= now())`,
    version: `select concat(count(*), ' ', max(updated_at), ' ', count(*) filter (where available_from <= now())) as version
      from items where store = $1`,
    above: -Infinity,
    aboveSelected: -Infinity,
    lifetimeMs: 60_000,
  },
};

/** Keeps the popular, the trending and the newest items of each store in memory. */
@Injectable()
export class PopularityLists {
  private readonly logger = new Logger(PopularityLists.name);
  private readonly lists: Readonly<Record<ListName, StoreList>>;

  constructor(@InjectDataSource() dataSource: DataSource) {
    const list = (name: ListName): StoreList =>
      new StoreList(dataSource, queries[name], (store, error) => {
        this.logger.warn(`The ${name} items of store ${store} could not be read again: ${String(error)}`);
      });
    this.lists = { trending: list('trending'), popular: list('popular'), 'new-arrivals': list('new-arrivals') };
  }

  named(name: ListName): StoreList {
    return this.lists[name];
  }

  /** To be called when the counts or the catalogue of a store changed. */
  forget(store: string): void {
    for (const list of Object.values(this.lists)) list.forget(store);
  }
}
