import { batches } from '#platform';
import { simulateDays, type ShopDay } from '../load/nightly/simulated-days.js';
import type { ShopDoor } from '../load/nightly/shop-door.js';

/** Days of history before the first night; as many as a model learns from. */
export const WINDOW_DAYS = 6;
const SIZE = { items: 300, visits: 120, drift: 0 } as const;
/** More at once {@link ShopDoor} would bring as a file. */
const EVENTS_AT_ONCE = 1_000;
const QUESTIONS = 200;
/** Enough that any model knows one of them. */
const LEAST_ITEMS = 3;

/** The shop's days, one after the other, as it brings them to the API. */
export class Shop {
  private readonly days: readonly ShopDay[];
  private lived = 0;

  /** @param nights after each of which comes a day */
  constructor(
    readonly door: ShopDoor,
    seed: number,
    nights: number,
  ) {
    this.days = simulateDays({ ...SIZE, seed, days: WINDOW_DAYS + nights });
  }

  async bringHistory(): Promise<void> {
    while (this.lived < WINDOW_DAYS) await this.liveOneDay();
  }

  async liveOneDay(): Promise<void> {
    const { items, events } = this.day(this.lived);
    if (this.lived === 0) await this.door.publish(items);
    for (const some of batches(events, EVENTS_AT_ONCE)) await this.door.send(some);
    this.lived += 1;
  }

  /** The end of the newest day, ISO 8601. */
  get until(): string {
    return new Date(this.day(this.lived - 1).until).toISOString();
  }

  /** The items that visitors of the newest day saw first. */
  questions(): string[][] {
    const seen = new Map<string, string[]>();
    for (const { type, visitorId, itemId } of this.day(this.lived - 1).events) {
      if (type !== 'view' || itemId === undefined) continue;
      const items = seen.get(visitorId) ?? [];
      seen.set(visitorId, items);
      if (items.length < LEAST_ITEMS) items.push(itemId);
    }
    return [...seen.values()].filter(({ length }) => length === LEAST_ITEMS).slice(0, QUESTIONS);
  }

  private day(index: number): ShopDay {
    const day = this.days[index];
    if (!day) throw new RangeError(`day ${index} was not simulated`);
    return day;
  }
}
