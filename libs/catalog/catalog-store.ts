import type { DataSource } from 'typeorm';
import type { Item } from '#domain';
import { inTransaction, type Rejection } from '#platform';
import { ItemEntity } from './item.entity.js';
import { parseItem } from './item-contract.js';

/** What became of a batch of items. */
export interface PutResult {
  readonly accepted: number;
  /** By place in the batch, from 0. */
  readonly rejected: readonly (Rejection & { readonly index: number })[];
}

/** What a person may want to read of an item. */
export interface ItemDescription {
  readonly title: string | null;
  readonly categories: readonly string[];
}

/** The shop's items in Postgres. */
export class CatalogStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Checks items against the contract and stores the good ones; an item that is known is replaced as a whole.
   * @param items such as parsed JSON
   */
  async put(store: string, items: readonly unknown[]): Promise<PutResult> {
    const good: Item[] = [];
    const rejected: (Rejection & { index: number })[] = [];
    items.forEach((plain, index) => {
      const parsed = parseItem(store, plain);
      if (parsed.rejection) rejected.push({ index, ...parsed.rejection });
      else good.push(parsed.value);
    });
    await this.write(store, good);
    return { accepted: good.length, rejected };
  }

  /** Stores valid items of one store in one transaction; of two with the same id the later one counts. */
  async write(store: string, items: readonly Item[]): Promise<void> {
    if (items.length === 0) return;
    const last = new Map(items.map((item) => [item.itemId, item]));
    // In order of the key, so that two transactions with the same items wait for each other and don't deadlock.
    const rows = [...last.values()].sort((a, b) => (a.itemId < b.itemId ? -1 : 1));
    await inTransaction(this.dataSource, (manager) =>
      manager.query(
        `insert into items (store, item_id, title, url, image_url, price, currency, categories, available, attributes, updated_at)
         select $1, "itemId", title, url, "imageUrl", price, currency, categories, available, attributes, now()
         from jsonb_to_recordset($2::jsonb) as item ("itemId" text, title text, url text, "imageUrl" text,
           price float8, currency text, categories text[], available boolean, attributes jsonb)
         on conflict (store, item_id) do update set title = excluded.title, url = excluded.url,
           image_url = excluded.image_url, price = excluded.price, currency = excluded.currency,
           categories = excluded.categories, available = excluded.available, attributes = excluded.attributes,
           updated_at = excluded.updated_at`,
        [store, JSON.stringify(rows)],
      ),
    );
  }

  /** @returns false when there was no such item */
  async remove(store: string, itemId: string): Promise<boolean> {
    const removed = await this.dataSource.getRepository(ItemEntity).delete({ store, itemId });
    return removed.affected === 1;
  }

  /** Title and categories of those of the items that the catalogue has. */
  async describe(store: string, itemIds: readonly string[]): Promise<Map<string, ItemDescription>> {
    const rows = await this.dataSource.query<(ItemDescription & { item_id: string })[]>(
      'select item_id, title, categories from items where store = $1 and item_id = any($2)',
      [store, itemIds],
    );
    return new Map(rows.map(({ item_id, title, categories }) => [item_id, { title, categories }]));
  }

  /** Ids of the items that may not be in an answer. */
  async unavailable(store: string): Promise<Set<string>> {
    const rows = await this.dataSource.query<{ item_id: string }[]>(
      'select item_id from items where store = $1 and not available',
      [store],
    );
    return new Set(rows.map(({ item_id }) => item_id));
  }
}
