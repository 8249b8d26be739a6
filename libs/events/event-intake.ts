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
  /** Events that occurred before their visitor was erased, or before what the store keeps: nothing of them is stored. */
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
   * is tried again after a deadlock. A known event id changes nothing, whatever comes with it. An event of a visitor who was merged into
   * another becomes the other's; one that occurred before its visitor was erased, or before what the store keeps, is not stored.
   */
  async write(events: readonly ShopEvent[], manager?: EntityManager): Promise<WriteResult> {
    if (events.length === 0) return { accepted: 0, duplicates: 0, withheld: 0 };
    if (!manager) return inTransaction(this.dataSource, (own) => this.write(events, own));
    const fresh = new Map<string, readonly ShopEvent[]>();
    let past = 0;
    for (const [store, ofStore] of byStore(events)) {
      const inserted = await insertEvents(store, ofStore, manager);
      fresh.set(store, inserted.fresh);
      past += inserted.past;
    }
    const added = [...fresh.values()].flat();
    const duplicates = events.length - added.length - past;
    if (added.length === 0) return { accepted: 0, duplicates, withheld: past };
    // Only now: the rows are most of the work, and other visitors' events can be stored meanwhile.
    const marks = await this.sessions.lockVisitors(added, manager);
    let accepted = 0;
    for (const [store, ofStore] of fresh) {
      const kept = await heedMarks(store, ofStore, marks, manager);
      accepted += kept.length;
      await this.sessions.apply(store, kept, manager);
    }
    return { accepted, duplicates, withheld: past + added.length - accepted };
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

/** What an insertion found. */
interface InsertedEvents {
  /** The events that were new, in order of arrival. */
  readonly fresh: readonly ShopEvent[];
  /** How many occurred before what the store keeps. */
  readonly past: number;
}

/**
 * `$1` is the store, the others are the columns of its events. Whoever inserts an id into `event_ids` writes the event.
 * `for share`: while events are on their way in, nobody moves the time from which on they are kept; and the newest time counts.
 * `fresh` is null when all are new, as most often: so many ids need not be sent back.
 */
const insertSql = `
  with kept as materialized (
    select events_from from retention where store = $1 for share
  ), sent as materialized (
    select event_id, type, visitor_id, user_id, session_id, item_id, to_timestamp(at / 1000) as occurred_at, details
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::text[])
      as event (event_id, type, visitor_id, user_id, session_id, item_id, at, details)
  ), taken as materialized (
    select * from sent where occurred_at >= coalesce((select events_from from kept), '-infinity')
  ), fresh as (
    insert into event_ids (store, event_id) select $1, event_id from taken on conflict do nothing returning event_id
  ), stored as (
    insert into events (store, received_at, event_id, type, visitor_id, user_id, session_id, item_id, occurred_at, details)
    select $1, now(), event_id, type, visitor_id, user_id, session_id, item_id, occurred_at, details::jsonb
    from taken join fresh using (event_id)
  )
  select (select count(*) from sent)::int - (select count(*) from taken)::int as past,
    case when count(*) < cardinality($2::text[]) then coalesce(array_agg(event_id), '{}') end as fresh from fresh`;

async function insertEvents(
  store: string,
  events: readonly ShopEvent[],
  manager: EntityManager,
): Promise<InsertedEvents> {
  const byId = new Map<string, ShopEvent>();
  for (const event of events) if (!byId.has(event.eventId)) byId.set(event.eventId, event);
  // In order of the key, so that two transactions with the same events wait for each other and don't deadlock.
  const rows = [...byId.values()].sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
  const [inserted] = await manager.query<{ past: number; fresh: string[] | null }[]>(insertSql, [
    store,
    rows.map(({ eventId }) => eventId),
    rows.map(({ type }) => type),
    rows.map(({ visitorId }) => visitorId),
    rows.map(({ userId }) => userId ?? null),
    rows.map(({ sessionId }) => sessionId ?? null),
    rows.map(({ items }) => items[0]?.itemId ?? null),
    rows.map(({ occurredAt }) => occurredAt),
    rows.map(detailsOf),
  ]);
  const { past = 0, fresh = null } = inserted ?? {};
  if (fresh === null) return { fresh: [...byId.values()], past };
  const ids = new Set(fresh);
  return { fresh: [...byId.values()].filter(({ eventId }) => ids.has(eventId)), past };
}

/** JSON for `events.details`: what has no column of its own. */
function detailsOf({ items, currency, orderId, requestId }: ShopEvent): string | null {
  const [first] = items;
  const plain = items.length <= 1 && (first === undefined || Object.keys(first).length === 1);
  const details = { ...(!plain && { items }), currency, orderId, requestId };
  const text = JSON.stringify(details);
  return text === '{}' ? null : text;
}
