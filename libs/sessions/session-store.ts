import type { DataSource, EntityManager } from 'typeorm';
import type { Session } from '#domain';
import { mergeVisitors, type VisitorMerge } from './merge-visitors.js';
import { SessionReader } from './session-reader.js';
import { makesSteps, sessionise, type SessionEvent, type StoredSession } from './sessionise.js';
import { fromRow, SESSION_COLUMNS, toColumns, writtenRows, type SessionRow } from './session-row.js';
import { streamSessions, type TrainingSession, type TrainingTally, type TrainingWindow } from './training-stream.js';
import { lockVisitors, type StoreVisitor, type VisitorMarks } from './visitor-locks.js';

/** Sessions in Postgres. */
export class SessionStore {
  private readonly reader: SessionReader;

  /** @param gapMs the longest silence within a session that has no name, in milliseconds */
  constructor(
    private readonly dataSource: DataSource,
    private readonly gapMs: number,
  ) {
    this.reader = new SessionReader(dataSource);
  }

  /**
   * Makes the caller's transaction the only writer of these visitors, and of those that they are merged into, until it ends. To be called
   * when all that is left to do are the visitors, so that transactions wait for each other in one order.
   * @returns what is known of them, as it stays until the transaction ends
   */
  lockVisitors(visitors: Iterable<StoreVisitor>, manager: EntityManager): Promise<VisitorMarks> {
    return lockVisitors(visitors, manager);
  }

  /**
   * Puts events of one store, none of which was applied before, into their sessions within the caller's transaction.
   * The visitors must be locked.
   */
  async apply(store: string, events: readonly SessionEvent[], manager: EntityManager): Promise<void> {
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
   * Gives the sessions of a visitor to another within the caller's transaction, as though all of it had always been the other's:
   * sessions of one name become one, the others are cut by time anew. Of steps of the same time those of `into` come first.
   * Both visitors must be locked.
   * @returns how many sessions `from` had
   */
  mergeVisitors(merge: VisitorMerge, manager: EntityManager): Promise<number> {
    return mergeVisitors(merge, (events) => this.apply(merge.store, events, manager), manager);
  }

  /**
   * The session that a visitor is in: the one named, or else the latest one, unless its last step is longer ago than the
   * gap.
   * @param now milliseconds since the epoch
   * @param deadline in milliseconds of `performance.now()`: what was not asked for until then rejects with `TooLate`
   */
  async openSession(
    store: string,
    { visitorId, sessionId }: { visitorId: string; sessionId?: string },
    now: number,
    deadline?: number,
  ): Promise<Session | null> {
    const session = await (sessionId === undefined
      ? this.reader.latest({ store, visitorId, since: now - this.gapMs }, deadline)
      : this.reader.named({ store, visitorId, sessionId }, deadline));
    return session && { store, ...session };
  }

  /**
   * All sessions that ended in the window, the oldest end first, in batches, read through a cursor in bounded memory.
   * The sessions are those of the moment of the call. One that ended before its visitor was erased, and came back (with an older copy of
   * the database), is left out, and so is what a program did.
   * @param tally counts what is left out
   */
  streamForTraining(
    store: string,
    window: TrainingWindow = {},
    tally: TrainingTally = { erasedVisitors: 0, erasedSessions: 0, automatedSessions: 0, shortenedSessions: 0 },
  ): AsyncIterable<TrainingSession[]> {
    return streamSessions(this.dataSource, store, window, tally);
  }

  private async affected(
    store: string,
    events: readonly SessionEvent[],
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
