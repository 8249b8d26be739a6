/** What a visitor did. The public names; see the event contract. */
export const EVENT_TYPES = [
  'view',
  'click',
  'add_to_cart',
  'remove_from_cart',
  'purchase',
  'impression',
  'search',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** One item that an event is about. */
export interface EventItem {
  readonly itemId: string;
  readonly quantity?: number;
  /** Price of one unit, in the event's currency. */
  readonly price?: number;
  /** Place in the list that was shown, from 1. */
  readonly position?: number;
}

/** A valid event: everything that reaches domain code has passed the event contract. */
export interface ShopEvent {
  /** The tenant. */
  readonly store: string;
  /** Unique in its store; a second event with the same id is a duplicate. */
  readonly eventId: string;
  readonly type: EventType;
  readonly visitorId: string;
  readonly userId?: string;
  /** The shop's own session name, unique for its visitor. Without it sessions are cut by time. */
  readonly sessionId?: string;
  /** In the order given; empty for a search. */
  readonly items: readonly EventItem[];
  /** Milliseconds since the epoch, by the shop's clock. */
  readonly occurredAt: number;
  /** ISO 4217. */
  readonly currency?: string;
  readonly orderId?: string;
  /** The recommendation answer that led here. */
  readonly requestId?: string;
}
