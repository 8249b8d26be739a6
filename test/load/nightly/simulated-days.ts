import { simulateShop, type SimulatedEvent, type SimulatedItem } from '#simulator';

const DAY_MS = 86_400_000;
/** As simulated. */
const VIEWS_PER_VISIT = 5.5;

/** One day of the shop. */
export interface ShopDay {
  /** Midnights, milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  /** What the shop's catalogue says on that day. */
  readonly items: readonly SimulatedItem[];
  /** What its visitors did, oldest first. */
  readonly events: readonly SimulatedEvent[];
}

/** What to simulate. */
export interface SimulatedDays {
  readonly seed: number;
  readonly days: number;
  readonly items: number;
  /** A day. */
  readonly visits: number;
  readonly drift: number;
}

/** Days of a shop that changes, the last of which ended with the latest midnight (UTC). */
export function simulateDays({ seed, days, items, visits, drift }: SimulatedDays): ShopDay[] {
  const until = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const shop = simulateShop({ seed, items, views: visits * VIEWS_PER_VISIT * days, days, until, drift });
  const start = until - days * DAY_MS;
  const events: SimulatedEvent[][] = Array.from({ length: days }, () => []);
  for (const event of shop.events()) events[Math.floor((Date.parse(event.occurredAt) - start) / DAY_MS)]?.push(event);
  return events.map((list, day) => ({
    from: start + day * DAY_MS,
    until: start + (day + 1) * DAY_MS,
    items: shop.itemsOn(day),
    events: list,
  }));
}
