import type { DataSource, EntityManager } from 'typeorm';
import type { ShopEvent } from '#domain';
import { inTransaction, parseEach, type RejectedRecord } from '#platform';
import type { SessionStore } from '#sessions';
import { parseEvent } from './event-contract.js';
import { heedMarks } from './marked-visitors.js';

/** What became of a batch. */
export interface WriteResult {
  /** Events that are new, and stored. */
  readonly accepted: number;
  /** Events whose id is known already, in the batch or in the database. */
  readonly duplicates: number;
  /** Events that occurred before their visitor was erased: nothing of them is stored. */
  readonly withheld: number;
}

/** What became of a batch of unchecked events. */
export interface IntakeResult extends WriteResult {
  readonly rejected: readonly RejectedRecord[];
}

/** The one way in: whatever brings events (HTTP, a file, a queue) hands them to this. */
export class EventIntake {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionStore,
  ) {}

  /**
   * Checks events against the contract and stores the good ones, with their sessions, in one transaction.
   * @param events such as parsed JSON
   */
  async accept(store: string, events: readonly unknown[]): Promise<IntakeResult> {
    const now = Date.now();
    const { good, rejected } = await parseEach(events, (plain) => parseEvent(store, plain, now));
    return { ...(await this.write(good)), rejected };
  }

  /**
   * Stores valid events and puts the new ones into their sessions, in one transaction: the caller's (`manager`), or its own, which
   * is tried again after a deadlock. A known event id changes nothing. An event of a visitor who was merged into another becomes the
   * other's; one that occurred before its visitor was erased is not stored.
   */
  async write(events: readonly ShopEvent[], manager?: EntityManager): Promise<WriteResult> {
    if (events.length === 0) return { accepted: 0, duplicates: 0, withheld: 0 };
    if (!manager) return inTransaction(this.dataSource, (own) => this.write(events, own));
    const fresh = new Map<string, readonly ShopEvent[]>();
    for (const [store, ofStore] of byStore(events)) fresh.set(store, await insertEvents(store, ofStore, manager));
    const added = [...fresh.values()].flat();
    if (added.length === 0) return { accepted: 0, duplicates: events.length, withheld: 0 };
    // Only now: the rows are most of the work, and other visitors' events can be stored meanwhile.
    const marks = await this.sessions.lockVisitors(added, manager);
    let accepted = 0;
    for (const [store, ofStore] of fresh) {
      const kept = await heedMarks(store, ofStore, marks, manager);
      accepted += kept.length;
      await this.sessions.apply(store, kept, manager);
    }
    return { accepted, duplicates: events.length - added.length, withheld: added.length - accepted };
  }
}

/** Stores in order of their names, so that two transactions meet them in the same order. */
function byStore(events: readonly ShopEvent[]): [string, ShopEvent[]][] {
  const stores = new Map<string, ShopEvent[]>();
  for (const event of events) {
    const ofStore = stores.get(event.store);
    if (ofStore) ofStore.push(event);
    else stores.set(event.store, [event]);
  }
  return [...stores].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** @returns the events that were new, in order of arrival */
async function insertEvents(store: string, events: readonly ShopEvent[], manager: EntityManager): Promise<ShopEvent[]> {
  const byId = new Map<string, ShopEvent>();
  for (const event of events) if (!byId.has(event.eventId)) byId.set(event.eventId, event);
  // In order of the key, so that two transactions with the same events wait for each other and don't deadlock.
  const rows = [...byId.values()].sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
  const inserted = await manager.query<{ event_id: string }[]>(
    `insert into events (store, received_at, event_id, type, visitor_id, user_id, session_id, item_id, occurred_at, details)
     select $1, now(), event_id, type, visitor_id, user_id, session_id, item_id, to_timestamp(occurred_at / 1000), details::jsonb
     from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::text[])
       as event (event_id, type, visitor_id, user_id, session_id, item_id, occurred_at, details)
     on conflict do nothing returning event_id`,
    [
      store,
      rows.map(({ eventId }) => eventId),
      rows.map(({ type }) => type),
      rows.map(({ visitorId }) => visitorId),
      rows.map(({ userId }) => userId ?? null),
      rows.map(({ sessionId }) => sessionId ?? null),
      rows.map(({ items }) => items[0]?.itemId ?? null),
      rows.map(({ occurredAt }) => occurredAt),
      rows.map(detailsOf),
    ],
  );
  if (inserted.length === byId.size) return [...byId.values()];
  const fresh = new Set(inserted.map(({ event_id }) => event_id));
  return [...byId.values()].filter(({ eventId }) => fresh.has(eventId));
}

/** JSON for `events.details`: what has no column of its own. */
function detailsOf({ items, currency, orderId, requestId }: ShopEvent): string | null {
  const [first] = items;
  const plain = items.length <= 1 && (first === undefined || Object.keys(first).length === 1);
  const details = { ...(!plain && { items }), currency, orderId, requestId };
  const text = JSON.stringify(details);
  return text === '{}' ? null : text;
}
