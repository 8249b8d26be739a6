import type { DataSource } from 'typeorm';
import { streamRows } from '#platform';
import { LIMITS } from './limits.js';
import { Refreshing } from './refreshing.js';
import type { Candidate } from './strategies/strategy.js';

/** Items of a store in an order that one number of each gives, in SQL; `$1` is the store. */
export interface ListQuery {
  /** The rows: `"itemId"` and `score`. */
  readonly rows: string;
  /** One value, `version`, that changes with the rows. */
  readonly version: string;
  /** Items with a higher score are on the list, */
  readonly above: number;
  /** and with one above this when a filter chooses among them. */
  readonly aboveSelected: number;
  /** For so long the list is given before it is looked at again, in milliseconds. */
  readonly lifetimeMs: number;
}

interface WholeList {
  readonly items: readonly Candidate[];
  readonly version: string | null;
}

/** So long that hardly a request excludes so much that the whole list is needed to fill its answer. */
export const LIST_LENGTH = LIMITS.items + LIMITS.exclude + LIMITS.count;
/** So many become objects in a millisecond or so. */
const rowsAtOnce = 200;

/** Keeps one list of each store in memory, best first. */
export class StoreList {
  private readonly lists: Refreshing<readonly Candidate[]>;
  private readonly wholeLists: Refreshing<WholeList>;
  private readonly newest = new Map<string, WholeList>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly query: ListQuery,
    onFailure: (store: string, error: unknown) => void,
  ) {
    this.lists = new Refreshing((store) => this.top(store), query.lifetimeMs, onFailure);
    this.wholeLists = new Refreshing((store) => this.whole(store), query.lifetimeMs, onFailure);
  }

  /** The best; items that were not on sale when it was read are left out. */
  of(store: string): Promise<readonly Candidate[]> {
    return this.lists.get(store);
  }

  /** However long, and with the items that are not on sale: for filters. The same list until it changes. */
  async every(store: string): Promise<readonly Candidate[]> {
    return (await this.wholeLists.get(store)).items;
  }

  /** To be called when the list or the catalogue changed. */
  forget(store: string): void {
    this.lists.forget(store);
    this.wholeLists.forget(store);
  }

  private top(store: string): Promise<Candidate[]> {
    return this.dataSource.query(
      `select "itemId", score from (${this.query.rows}) as list
       where score > $2 and not exists (select from items where store = $1 and item_id = "itemId"
           and (not available or available_from > now() or available_until <= now()))
       order by score desc, "itemId" limit $3`,
      [store, this.query.above, LIST_LENGTH],
    );
  }

  private async whole(store: string): Promise<WholeList> {
    const rows = await this.dataSource.query<{ version: string | null }[]>(this.query.version, [store]);
    const version = rows[0]?.version ?? null;
    const earlier = this.newest.get(store);
    if (earlier?.version === version) return earlier;
    const items: Candidate[] = [];
    const batches = streamRows<Candidate>(
      this.dataSource,
      `select * from (${this.query.rows}) as list where score > $2 order by score desc, "itemId"`,
      [store, this.query.aboveSelected],
      rowsAtOnce,
    );
    for await (const batch of batches) items.push(...batch);
    const list = { items, version };
    this.newest.set(store, list);
    return list;
  }
}
