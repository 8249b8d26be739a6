import { Random } from '#domain';
import type { SimulatedEvent } from '#simulator';
import type { ShopDay } from './simulated-days.js';

/** What came of a broken tracker, of scrapers and of a script: valid events, all of them. */
export interface Garbage {
  /** Oldest first. */
  readonly events: readonly SimulatedEvent[];
  /** Who did it: nobody else's events are by them. */
  readonly visitorIds: readonly string[];
}

/** Of each kind, as a multiple of the visits that shoppers make. */
const SHARES = { lost: 0.8, wandering: 0.8 } as const;
const SCRAPERS = 12;
const SCRAPER_PAUSE_MS = 150;
/** What a page sends that does not know its item. */
const NO_ITEMS = ['undefined', 'null', 'NaN', '[object Object]', '{{sku}}', '0'] as const;

/**
 * Garbage for one day: visits to items that do not exist, visits that wander over the catalogue by chance at a person's pace, and
 * scrapers that go through the catalogue several items a second. Half of it is also put in the cart.
 * @param visits that shoppers make on a day
 */
export function garbageOf({ from, until, items }: ShopDay, visits: number, seed: number): Garbage {
  const random = new Random(seed);
  const ids = items.map(({ itemId }) => itemId);
  const any = (values: readonly string[]): string => values[random.integer(values.length)] ?? '';
  const events: Omit<SimulatedEvent, 'eventId'>[] = [];
  const visit = (visitorId: string, itemIds: readonly string[], pauseMs: number): void => {
    let time = from + random.uniform() * (until - from - itemIds.length * pauseMs * 2);
    for (const [place, itemId] of itemIds.entries()) {
      const type = place % 2 === 1 && random.uniform() < 0.5 ? 'add_to_cart' : 'view';
      events.push({ type, visitorId, itemId, occurredAt: new Date(Math.floor(time)).toISOString() });
      time += pauseMs * (0.5 + random.uniform());
    }
  };
  const several = (of: readonly string[]): string[] => Array.from({ length: 2 + random.integer(9) }, () => any(of));
  for (let i = 0; i < visits * SHARES.lost; i++) visit(`lost-${seed}-${i}`, several(NO_ITEMS), 5_000);
  for (let i = 0; i < visits * SHARES.wandering; i++) visit(`wandering-${seed}-${i}`, several(ids), 20_000);
  for (let i = 0; i < SCRAPERS; i++) visit(`scraper-${seed}-${i}`, ids, SCRAPER_PAUSE_MS);
  events.sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt));
  return {
    events: events.map((event, i) => ({ eventId: `garbage-${seed}-${i}`, ...event })),
    visitorIds: [...new Set(events.map(({ visitorId }) => visitorId))],
  };
}
