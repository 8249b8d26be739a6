import { simulateShop, type SimulatedEvent, type SimulatedItem, type SimulatedShop } from '#simulator';

/** What to simulate. */
export interface SimulatedShopsOptions {
  /** About how many events, in all. */
  readonly events: number;
  /** About how many items, in all. */
  readonly items: number;
  readonly days: number;
  /** The end of the period, milliseconds since the epoch. */
  readonly until: number;
}

const DAY_MS = 86_400_000;
/** The next click of a simulated visitor takes as long as there are items: with 50,000 of them some milliseconds. */
const ITEMS_OF_SHOP = 1_000;
/** As simulated. */
const VIEWS_PER_EVENT = 61 / 82;

/**
 * Shops of 1,000 items each under one roof, so that a large catalogue is simulated as fast as a small one: visitors keep to one of them.
 * No visit is like another. Holds the visitors and one day of events.
 */
export class SimulatedShops {
  private readonly shops: readonly SimulatedShop[];

  constructor(private readonly options: SimulatedShopsOptions) {
    const { events, items, days, until } = options;
    const count = Math.ceil(items / ITEMS_OF_SHOP);
    const each = { items: items / count, views: (events * VIEWS_PER_EVENT) / count, days, until };
    this.shops = Array.from({ length: count }, (_, shop) => simulateShop({ ...each, seed: shop + 1 }));
  }

  /** The whole catalogue. */
  *items(): Generator<SimulatedItem, void, undefined> {
    for (const [shop, { items }] of this.shops.entries()) {
      for (const item of items) yield { ...item, itemId: named(shop, item.itemId) };
    }
  }

  /** The oldest day first, and within a day shop by shop. */
  *events(): Generator<SimulatedEvent, void, undefined> {
    const { days, until } = this.options;
    const streams = this.shops.map((shop) => {
      const events = shop.events();
      return { events, next: events.next() };
    });
    for (let day = 1; day <= days; day++) {
      const midnight = new Date(until - (days - day) * DAY_MS).toISOString();
      for (const [shop, stream] of streams.entries()) {
        for (; stream.next.done !== true && stream.next.value.occurredAt < midnight; stream.next = stream.events.next())
          yield ofShop(shop, stream.next.value);
      }
    }
  }
}

const named = (shop: number, id: string): string => `shop-${shop}-${id}`;

/** Every shop counts its visitors and items from 1. */
function ofShop(shop: number, event: SimulatedEvent): SimulatedEvent {
  const { visitorId, userId, itemId, items } = event;
  return {
    ...event,
    visitorId: named(shop, visitorId),
    ...(userId !== undefined && { userId: named(shop, userId) }),
    ...(itemId !== undefined && { itemId: named(shop, itemId) }),
    ...(items && { items: items.map((item) => ({ ...item, itemId: named(shop, item.itemId) })) }),
  };
}
