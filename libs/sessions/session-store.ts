import type { DataSource, EntityManager } from 'typeorm';
import type { Session, ShopEvent } from '#domain';
import { makesSteps, sessionise, type StoredSession } from './sessionise.js';
import { fromRow, SESSION_COLUMNS, toColumns, writtenRows, type SessionRow } from './session-row.js';
import { streamSessions, type TrainingSession, type TrainingWindow } from './training-stream.js';

/** Advisory locks (class, bucket) that keep two writers off the same visitor. */
const LOCK_CLASS = 7_271_003;
const LOCK_BUCKETS = 256;

/** Sessions in Postgres. */
export class SessionStore {
  /** @param gapMs the longest silence within a session that has no name, in milliseconds */
  constructor(
    private readonly dataSource: DataSource,
    private readonly gapMs: number,
  ) {}

  /**
   * Makes the caller's transaction the only writer of the sessions of these events' visitors until it ends. To be called once in a
   * transaction, when all that is left to do are the sessions, so that transactions wait for each other in one order.
   */
  async lockVisitors(events: readonly ShopEvent[], manager: EntityManager): Promise<void> {
    const buckets = new Set<number>();
    for (const { store, visitorId } of events) buckets.add(bucketOf(`${store}\n${visitorId}`));
    const sorted = [...buckets].sort((a, b) => a - b);
    await manager.query('select pg_advisory_xact_lock($1, bucket) from unnest($2::int[]) as bucket', [
      LOCK_CLASS,
      sorted,
    ]);
  }

  /**
   * Puts events of one store, none of which was applied before, into their sessions within the caller's transaction.
   * The visitors must be locked.
   */
  async apply(store: string, events: readonly ShopEvent[], manager: EntityManager): Promise<void> {
    const existing = await this.affected(store, events, manager);
    const { upserts, deletions } = sessionise(existing, events, this.gapMs);
    if (deletions.length > 0) {
      await manager.query('delete from sessions where store = $1 and id = any($2::bigint[])', [store, deletions]);
    }
    const changed = upserts.filter(({ id }) => id !== undefined);
    if (changed.length > 0) {
      await manager.query(
        `update sessions set started_at = new.started_at, ended_at = new.ended_at,
           item_ids = new.item_ids, event_types = new.event_types, occurred_at = new.occurred_at
         from ${writtenRows(3)} as new join unnest($2::bigint[]) with ordinality as target (id, ordinal) using (ordinal)
         where sessions.store = $1 and sessions.id = target.id`,
        [store, changed.map(({ id }) => id), ...toColumns(changed)],
      );
    }
    const added = upserts.filter(({ id }) => id === undefined);
    if (added.length > 0) {
      await manager.query(
        `insert into sessions (store, visitor_id, session_id, started_at, ended_at, item_ids, event_types, occurred_at)
         select $1, visitor_id, session_id, started_at, ended_at, item_ids, event_types, occurred_at
         from ${writtenRows(2)} as new`,
        [store, ...toColumns(added)],
      );
    }
  }

  /**
   * The session that a visitor is in: the one named, or else the latest one, unless its last step is longer ago than the
   * gap.
   * @param now milliseconds since the epoch
   */
  async openSession(
    store: string,
    { visitorId, sessionId }: { visitorId: string; sessionId?: string },
    now: number,
  ): Promise<Session | null> {
    const rows =
      sessionId === undefined
        ? await this.dataSource.query<SessionRow[]>(
            `select ${SESSION_COLUMNS} from sessions
             where store = $1 and visitor_id = $2 and ended_at >= to_timestamp($3::float8 / 1000)
             order by ended_at desc, id desc limit 1`,
            [store, visitorId, now - this.gapMs],
          )
        : await this.dataSource.query<SessionRow[]>(
            `select ${SESSION_COLUMNS} from sessions where store = $1 and visitor_id = $2 and session_id = $3`,
            [store, visitorId, sessionId],
          );
    const [row] = rows;
    return row ? { store, ...fromRow(row) } : null;
  }

  /**
   * All sessions that ended in the window, the oldest end first, in batches, read through a cursor in bounded memory.
   * The sessions are those of the moment of the call.
   */
  streamForTraining(store: string, window: TrainingWindow = {}): AsyncIterable<TrainingSession[]> {
    return streamSessions(this.dataSource, store, window);
  }

  private async affected(
    store: string,
    events: readonly ShopEvent[],
    manager: EntityManager,
  ): Promise<StoredSession[]> {
    const named = new Map<string, { visitorId: string; sessionId: string }>();
    const spans = new Map<string, { from: number; until: number }>();
    for (const event of events) {
      if (!makesSteps(event)) continue;
      const { visitorId, sessionId, occurredAt } = event;
      if (sessionId !== undefined) {
        named.set(`${visitorId}\n${sessionId}`, { visitorId, sessionId });
        continue;
      }
      const span = spans.get(visitorId);
      if (!span) spans.set(visitorId, { from: occurredAt, until: occurredAt });
      else {
        span.from = Math.min(span.from, occurredAt);
        span.until = Math.max(span.until, occurredAt);
      }
    }
    const rows: SessionRow[] = [];
    if (named.size > 0) {
      const keys = [...named.values()];
      rows.push(
        // `offset 0` keeps one index look-up for each key, whatever the statistics of a growing table say.
        ...(await manager.query<SessionRow[]>(
          `select found.* from unnest($2::text[], $3::text[]) as key (visitor_id, session_id)
           cross join lateral (select ${SESSION_COLUMNS} from sessions
             where store = $1 and visitor_id = key.visitor_id and session_id = key.session_id offset 0) as found`,
          [store, keys.map(({ visitorId }) => visitorId), keys.map(({ sessionId }) => sessionId)],
        )),
      );
    }
    if (spans.size > 0) {
      const ends = [...spans.values()];
      rows.push(
        ...(await manager.query<SessionRow[]>(
          `select found.* from unnest($2::text[], $3::float8[], $4::float8[]) as key (visitor_id, low, high)
           cross join lateral (select ${SESSION_COLUMNS} from sessions
             where store = $1 and visitor_id = key.visitor_id and session_id is null
               and ended_at >= to_timestamp(key.low / 1000) and started_at <= to_timestamp(key.high / 1000)
             offset 0) as found`,
          [
            store,
            [...spans.keys()],
            ends.map(({ from }) => from - this.gapMs),
            ends.map(({ until }) => until + this.gapMs),
          ],
        )),
      );
    }
    return rows.map(fromRow);
  }
}

/** FNV-1a over the UTF-16 code units. */
function bucketOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % LOCK_BUCKETS;
}
