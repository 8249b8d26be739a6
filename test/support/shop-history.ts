import type { DataSource } from 'typeorm';
import type { EventItem, EventType } from '#domain';
import { EventIntake } from '#events';
import { SessionStore } from '#sessions';

/** What a visitor did at one moment. */
export interface Deed {
  readonly type?: EventType;
  readonly items: readonly (string | EventItem)[];
  readonly orderId?: string;
}

const gapMs = 30 * 60_000;

/** Brings events into a database as a shop would, through the intake. */
export class ShopHistory {
  private readonly intake: EventIntake;
  private sequence = 0;

  constructor(dataSource: DataSource) {
    this.intake = new EventIntake(dataSource, new SessionStore(dataSource, gapMs));
  }

  /** What a visitor did within a minute; the last of it was at `end`, in milliseconds since the epoch. Strings are views of one item. */
  async visit(store: string, visitorId: string, end: number, ...deeds: readonly (string | Deed)[]): Promise<void> {
    const events = deeds.map((deed, place) => {
      const { type = 'view', items, orderId } = typeof deed === 'string' ? { items: [deed] } : deed;
      return {
        store,
        eventId: `event-${this.sequence++}`,
        type,
        visitorId,
        items: items.map((item) => (typeof item === 'string' ? { itemId: item } : item)),
        occurredAt: end - (deeds.length - 1 - place) * 1_000,
        ...(orderId !== undefined && { orderId }),
      };
    });
    const { accepted } = await this.intake.write(events);
    if (accepted !== events.length) throw new Error(`Of ${events.length} events ${accepted} were new`);
  }

  /** One session of a visitor who does nothing else. */
  visitOfStranger(store: string, end: number, ...deeds: readonly (string | Deed)[]): Promise<void> {
    return this.visit(store, `stranger-${this.sequence++}`, end, ...deeds);
  }
}

/** A purchase of some items at once. */
export const buys = (...items: readonly (string | EventItem)[]): Deed => ({ type: 'purchase', items });
export const adds = (...items: readonly (string | EventItem)[]): Deed => ({ type: 'add_to_cart', items });
export const removes = (...items: readonly (string | EventItem)[]): Deed => ({ type: 'remove_from_cart', items });
