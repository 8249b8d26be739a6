import type { DataSource, EntityManager } from 'typeorm';
import { DomainError, InvalidInputError } from '#domain';
import type { DeadLetters } from '#events';
import { inTransaction } from '#platform';
import { visitorHash, visitorKey, type SessionStore } from '#sessions';
import { exportVisitor } from './visitor-export.js';
import type { VisitorReceipt, VisitorReceipts } from './visitor-receipts.js';

/** What visitors may ask of a shop: to be known as one person, to see what is stored of them, and to be forgotten. */
export class VisitorPrivacy {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionStore,
    private readonly deadLetters: DeadLetters,
    private readonly receipts: VisitorReceipts,
  ) {}

  /**
   * Makes a visitor a part of another: all events and sessions, those that still come, and those of visitors that were merged into it
   * before. Where `into` was merged itself, the last of the chain gets them. The same merge again changes nothing.
   * @throws InvalidInputError `merge_into_itself`
   * @throws DomainError `merge_in_a_circle`, `merged_already`
   */
  async merge(store: string, from: string, into: string): Promise<VisitorReceipt> {
    if (from === into) {
      const message = `into must be another visitor than from; both are "${from}"`;
      throw new InvalidInputError('merge_into_itself', message, { field: 'into' });
    }
    const [fromVisitor, intoVisitor] = [from, into].map((visitorId) => ({ store, visitorId })) as [Visitor, Visitor];
    return inTransaction(this.dataSource, async (manager) => {
      const marks = await this.sessions.lockVisitors([fromVisitor, intoVisitor], manager);
      const target = marks.get(visitorKey(intoVisitor))?.mergedInto ?? into;
      checkMerge(from, into, target, marks.get(visitorKey(fromVisitor))?.mergedInto);
      await alias(store, from, target, manager);
      // Now it is known which erasures its events must heed as well: those of the visitor that they become events of.
      const { erasedAt } =
        (await this.sessions.lockVisitors([fromVisitor], manager)).get(visitorKey(fromVisitor)) ?? {};
      const withheld = erasedAt === undefined ? 0 : (await deleteEvents(store, [from], manager, erasedAt)).events;
      const events = await affected(manager, 'update events set visitor_id = $3 where store = $1 and visitor_id = $2', [
        store,
        from,
        target,
      ]);
      const sessions = await this.sessions.mergeVisitors({ store, from, into: target, erasedAt }, manager);
      return this.receipts.write({ store, visitorId: target }, 'merge', { events, sessions, withheld }, manager);
    });
  }

  /**
   * Deletes all that is stored of a visitor, of those merged into it, and, for one that was merged, of the one merged into: they are one.
   * A tombstone keeps events that occurred until now from coming back; what occurs later is of a new life.
   */
  async erase(store: string, visitorId: string): Promise<VisitorReceipt> {
    return inTransaction(this.dataSource, async (manager) => {
      const marks = await this.sessions.lockVisitors([{ store, visitorId }], manager);
      const person = marks.get(visitorKey({ store, visitorId }))?.mergedInto ?? visitorId;
      const merged = await aliasesOf(store, person, manager);
      const ids = [person, ...merged];
      const { events, latest } = await deleteEvents(store, ids, manager);
      const sessions = await affected(
        manager,
        'delete from sessions where store = $1 and visitor_id = any($2::text[])',
        [store, ids],
      );
      const aliases = await affected(manager, 'delete from visitor_aliases where store = $1 and into_id = $2', [
        store,
        person,
      ]);
      let deadLetters = 0;
      for await (const letters of this.deadLetters.ofVisitor(store, ids, manager)) {
        await this.deadLetters.remove(letters, manager);
        deadLetters += letters.length;
      }
      await bury(store, ids, latest, manager);
      const counts = { events, sessions, aliases, deadLetters };
      return this.receipts.write({ store, visitorId: person }, 'erasure', counts, manager);
    });
  }

  /**
   * Everything that is stored of a visitor, and of those who are one with it, as the text of one JSON object, in pieces that end where a
   * line ends. The receipt is its last member and is written when all else was taken: an export that breaks off has none.
   */
  async export(store: string, visitorId: string): Promise<AsyncIterable<string>> {
    const [alias] = await this.dataSource.query<{ into_id: string }[]>(
      'select into_id from visitor_aliases where store = $1 and visitor_id = $2',
      [store, visitorId],
    );
    const person = alias?.into_id ?? visitorId;
    const merged = await aliasesOf(store, person, this.dataSource);
    return exportVisitor(this.dataSource, this.deadLetters, this.receipts, { store, visitorId: person, merged });
  }
}

interface Visitor {
  readonly store: string;
  readonly visitorId: string;
}

type Queries = Pick<EntityManager, 'query'>;

function checkMerge(from: string, into: string, target: string, mergedInto: string | undefined): void {
  if (target === from) {
    throw new DomainError(
      'conflict',
      'merge_in_a_circle',
      `Visitor ${into} was merged into ${from} before: they are one already, under the name ${from}.`,
      { from, into },
    );
  }
  if (mergedInto !== undefined && mergedInto !== target) {
    throw new DomainError(
      'conflict',
      'merged_already',
      `Visitor ${from} was merged into ${mergedInto} before. If ${mergedInto} and ${target} are the same person, merge ${mergedInto} ` +
        `into ${target}; else use a new visitor id for whoever uses ${from} now.`,
      { from, mergedInto },
    );
  }
}

/** Remembers the merge; what was merged into `from` before goes the same way, so that no chain is longer than one step. */
async function alias(store: string, from: string, into: string, manager: EntityManager): Promise<void> {
  await manager.query('update visitor_aliases set into_id = $3 where store = $1 and into_id = $2', [store, from, into]);
  await manager.query(
    `insert into visitor_aliases (store, visitor_id, into_id, merged_at) values ($1, $2, $3, clock_timestamp())
     on conflict (store, visitor_id) do nothing`,
    [store, from, into],
  );
}

async function aliasesOf(store: string, visitorId: string, manager: Queries): Promise<string[]> {
  const rows = await manager.query<{ visitor_id: string }[]>(
    'select visitor_id from visitor_aliases where store = $1 and into_id = $2 order by visitor_id',
    [store, visitorId],
  );
  return rows.map(({ visitor_id }) => visitor_id);
}

/** @param until those alone that occurred at that time or before, milliseconds since the epoch */
async function deleteEvents(
  store: string,
  visitorIds: readonly string[],
  manager: EntityManager,
  until: number | null = null,
): Promise<{ events: number; latest: Date | null }> {
  const [row] = await manager.query<{ events: number; latest: Date | null }[]>(
    `with gone as (
       delete from events where store = $1 and visitor_id = any($2::text[])
         and occurred_at <= coalesce(to_timestamp($3::float8 / 1000), 'infinity')
       returning event_id, occurred_at
     ), forgotten as (
       delete from event_ids using gone where store = $1 and event_ids.event_id = gone.event_id
     )
     select count(*)::int as events, max(occurred_at) as latest from gone`,
    [store, visitorIds, until],
  );
  return row ?? { events: 0, latest: null };
}

/**
 * Leaves the tombstones.
 * @param latest when the newest of the events occurred that were deleted: by a clock that is ahead it may be later than now, and that
 * event must not come back either
 */
async function bury(
  store: string,
  visitorIds: readonly string[],
  latest: Date | null,
  manager: EntityManager,
): Promise<void> {
  await manager.query(
    `insert into visitor_tombstones (store, visitor_hash, erased_at)
     select $1, ${visitorHash('$1::text', 'id')}, greatest(clock_timestamp(), $3::timestamptz) from unnest($2::text[]) as id
     on conflict (store, visitor_hash) do update set erased_at = greatest(visitor_tombstones.erased_at, excluded.erased_at)`,
    [store, visitorIds, latest],
  );
}

/** @returns how many rows a statement changed */
async function affected(manager: EntityManager, sql: string, parameters: unknown[]): Promise<number> {
  const [, rows] = await manager.query<[unknown, number]>(sql, parameters);
  return rows;
}
