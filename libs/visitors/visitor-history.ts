import type { DataSource } from 'typeorm';
import { prepared } from '#platform';
import { cartOf, purchasesOf, type Deed, type Purchased } from './deeds.js';

interface DeedRow extends Omit<Deed, 'items'> {
  readonly itemId: string | null;
  /** Null when there is no more to say than the one id. */
  readonly items: Deed['items'] | null;
}

const cartDays = 30;
const purchaseDays = 730;
/** Nobody's cart and purchases take more; a robot's newest count. */
const mostDeeds = 1_000;
const viewedSessions = 20;

/** The newest first. The types are written out so that the index of these types serves. Of one moment a purchase is after its additions. */
const deedsSql = (types: string): string => `
  select type, item_id as "itemId", details->'items' as items, details->>'orderId' as "orderId",
    (extract(epoch from occurred_at) * 1000)::float8 as "occurredAt"
  from events
  where store = $1 and visitor_id = $2 and occurred_at > now() - make_interval(days => $3) and type in (${types})
  order by occurred_at desc, type desc limit ${mostDeeds}`;

/** What a visitor put in the cart, bought and looked at. Each question is one prepared query by an index, and bounded. */
export class VisitorHistory {
  private readonly cartDeeds: (values: readonly unknown[]) => Promise<DeedRow[]>;
  private readonly purchaseDeeds: (values: readonly unknown[]) => Promise<DeedRow[]>;
  private readonly views: (values: readonly unknown[]) => Promise<{ item_id: string }[]>;

  constructor(dataSource: DataSource) {
    this.cartDeeds = prepared(dataSource, 'nextpick_cart', deedsSql(`'add_to_cart', 'remove_from_cart', 'purchase'`));
    this.purchaseDeeds = prepared(dataSource, 'nextpick_purchases', deedsSql(`'purchase'`));
    this.views = prepared(
      dataSource,
      'nextpick_viewed',
      `select item_id
       from (select ended_at, item_ids, event_types, occurred_at from sessions where store = $1 and visitor_id = $2
         order by ended_at desc limit ${viewedSessions}) as latest,
       unnest(item_ids, event_types, occurred_at) with ordinality as step (item_id, type, at, place)
       where type in ('view', 'click')
       group by item_id order by max(at) desc, max(place) desc limit $3`,
    );
  }

  /**
   * The items in the visitor's cart, the one added last at the end: of the last 30 days, additions less removals, until the item is
   * bought. An event without a quantity is about one piece.
   */
  async cart(store: string, visitorId: string): Promise<readonly string[]> {
    return cartOf(oldestFirst(await this.cartDeeds([store, visitorId, cartDays])));
  }

  /** The items that the visitor bought during the last `days`, the one bought last first. */
  async bought(store: string, visitorId: string, days: number): Promise<readonly string[]> {
    const purchases = purchasesOf(oldestFirst(await this.purchaseDeeds([store, visitorId, days])));
    return purchases.map(({ itemId }) => itemId);
  }

  /** What the visitor bought during the last two years, the item bought last first. */
  async purchases(store: string, visitorId: string): Promise<readonly Purchased[]> {
    return purchasesOf(oldestFirst(await this.purchaseDeeds([store, visitorId, purchaseDays])));
  }

  /** At most `count` items that the visitor looked at in the latest 20 sessions, the one looked at last first. */
  async recentlyViewed(store: string, visitorId: string, count: number): Promise<readonly string[]> {
    const rows = await this.views([store, visitorId, count]);
    return rows.map(({ item_id }) => item_id);
  }
}

function oldestFirst(rows: readonly DeedRow[]): Deed[] {
  return rows
    .map(({ itemId, items, ...deed }) => ({ ...deed, items: items ?? (itemId === null ? [] : [{ itemId }]) }))
    .reverse();
}
