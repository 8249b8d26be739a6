import type { DataSource } from 'typeorm';
import type { Item } from '#domain';
import { inTransaction, parseEach, streamRows, type RejectedRecord } from '#platform';
import { Availability, type SaleWindow } from './availability.js';
import { Catalogue, type StoredItem } from './catalogue.js';
import { ItemEntity } from './item.entity.js';
import { parseItem } from './item-contract.js';

/** What became of a batch of items. */
export interface PutResult {
  readonly accepted: number;
  readonly rejected: readonly RejectedRecord[];
}

/** What a person may want to read of an item. */
export interface ItemDescription {
  readonly title: string | null;
  readonly categories: readonly string[];
  /** Whether it can be had, whatever its sale window. */
  readonly available: boolean;
}

/** So many rows become objects in a millisecond or two. */
const ROWS_AT_ONCE = 100;
/** A write carries the time at which its transaction began; it is seen when that ends. */
const LONGEST_WRITE_MS = 60_000;

/** The shop's items in Postgres. */
export class CatalogStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Checks items against the contract and stores the good ones; an item that is known is replaced as a whole.
   * @param items such as parsed JSON
   */
  async put(store: string, items: readonly unknown[]): Promise<PutResult> {
    const { good, rejected } = await parseEach(items, (plain) => parseItem(store, plain));
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
        `insert into items (store, item_id, title, url, image_url, price, currency, categories, available,
           available_from, available_until, attributes, created_at, updated_at)
         select $1, "itemId", title, url, "imageUrl", price, currency, categories, available,
           to_timestamp("availableFrom" / 1000), to_timestamp("availableUntil" / 1000), attributes, now(), now()
         from jsonb_to_recordset($2::jsonb) as item ("itemId" text, title text, url text, "imageUrl" text,
           price float8, currency text, categories text[], available boolean, "availableFrom" float8,
           "availableUntil" float8, attributes jsonb)
         on conflict (store, item_id) do update set title = excluded.title, url = excluded.url,
           image_url = excluded.image_url, price = excluded.price, currency = excluded.currency,
           categories = excluded.categories, available = excluded.available,
           available_from = excluded.available_from, available_until = excluded.available_until,
           attributes = excluded.attributes, updated_at = excluded.updated_at`,
        [store, JSON.stringify(rows)],
      ),
    );
  }

  /** @returns false when there was no such item */
  async remove(store: string, itemId: string): Promise<boolean> {
    const removed = await this.dataSource.getRepository(ItemEntity).delete({ store, itemId });
    return removed.affected === 1;
  }

  /** Those of the items that the catalogue has. */
  async describe(store: string, itemIds: readonly string[]): Promise<Map<string, ItemDescription>> {
    const rows = await this.dataSource.query<(ItemDescription & { item_id: string })[]>(
      'select item_id, title, categories, available from items where store = $1 and item_id = any($2)',
      [store, itemIds],
    );
    return new Map(rows.map(({ item_id, ...description }) => [item_id, description]));
  }

  /** Which items are on sale when; those that are always on sale cost nothing here. */
  async availability(store: string): Promise<Availability> {
    const windows: SaleWindow[] = [];
    const batches = streamRows<SaleWindow>(
      this.dataSource,
      `select item_id as "itemId", available, ${milliseconds('available_from')} as "availableFrom",
         ${milliseconds('available_until')} as "availableUntil"
       from items
       where store = $1
         -- A day, for our clock may not be that of the database.
         and (not available or available_until is not null or available_from > now() - interval '1 day')`,
      [store],
      ROWS_AT_ONCE,
    );
    for await (const rows of batches) for (const row of rows) windows.push(row);
    return new Availability(windows);
  }

  /**
   * Every item of a store, in memory. Given an earlier result, only what changed since is read, and when nothing has, it is the result:
   * what was computed from it can be kept.
   */
  async catalogue(store: string, earlier?: Catalogue): Promise<Catalogue> {
    if (earlier) {
      const { count, changes } = await this.state(store);
      if (earlier.isAt(count, changes)) return earlier;
      const next = await this.read(store, earlier.copy());
      // Else items were removed, or more changed meanwhile.
      if (next.isAt(count, changes)) return next;
    }
    return this.read(store, Catalogue.empty());
  }

  /** Changes whenever an item is written or removed. */
  private async state(store: string): Promise<{ count: number; changes: bigint }> {
    const rows = await this.dataSource.query<{ count: number; changes: string }[]>(
      `select count(*)::int as count, coalesce(sum(${milliseconds('updated_at')}::bigint), 0)::text as changes
       from items where store = $1`,
      [store],
    );
    return { count: rows[0]?.count ?? 0, changes: BigInt(rows[0]?.changes ?? 0) };
  }

  /** Puts every item that may have changed since into the catalogue. */
  private async read(store: string, catalogue: Catalogue): Promise<Catalogue> {
    const batches = streamRows<StoredItem>(
      this.dataSource,
      `select item_id as "itemId", title, url, image_url as "imageUrl", price, currency, categories, available,
         ${milliseconds('available_from')} as "availableFrom", ${milliseconds('available_until')} as "availableUntil",
         attributes, ${milliseconds('updated_at')} as "updatedAt"
       from items where store = $1 and updated_at >= to_timestamp($2::float8 / 1000)`,
      [store, catalogue.newestChange - LONGEST_WRITE_MS],
      ROWS_AT_ONCE,
    );
    for await (const rows of batches) catalogue.put(rows);
    return catalogue;
  }
}

/** SQL for a time in milliseconds since the epoch. */
const milliseconds = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;
