import type { EntityManager } from 'typeorm';
import type { ShopEvent } from '#domain';

/** Advisory locks (class, bucket) that keep two writers off the same visitor. */
const LOCK_CLASS = 7_271_003;
const LOCK_BUCKETS = 256;

/** Who an event is of. */
export type StoreVisitor = Pick<ShopEvent, 'store' | 'visitorId'>;

/** What an event of a visitor must heed. */
interface VisitorMark {
  /** The visitor that this one was merged into: the last of a chain. */
  readonly mergedInto: string | undefined;
  /** What occurred at or before it is erased, of either of the two; milliseconds since the epoch. */
  readonly erasedAt: number | undefined;
}

/** The marks of visitors, by `visitorKey`; most have none. */
export type VisitorMarks = ReadonlyMap<string, VisitorMark>;

/** Ids hold no control characters, so no other pair makes the same key. */
export const visitorKey = ({ store, visitorId }: StoreVisitor): string => `${store}\n${visitorId}`;

/**
 * SQL for the hash that stands for a visitor where the id itself may not be kept: SHA-256 of the store, a line feed and the id.
 * @param store an SQL expression, as is `visitorId`
 */
export const visitorHash = (store: string, visitorId: string): string =>
  `sha256(convert_to(${store} || chr(10) || ${visitorId}, 'UTF8'))`;

const bucketOf = (store: string, visitorId: string): string =>
  `(hashtextextended(${store} || chr(10) || ${visitorId}, 0) & ${LOCK_BUCKETS - 1})::int`;

/** `offset 0` keeps one index look-up for each visitor, whatever the statistics of a growing table say. */
const VISITORS_WITH_ALIASES = `unnest($1::text[], $2::text[]) as visitor (store, visitor_id)
  left join lateral (select into_id from visitor_aliases
    where store = visitor.store and visitor_id = visitor.visitor_id offset 0) as alias on true`;

/** See `SessionStore.lockVisitors`. */
export async function lockVisitors(visitors: Iterable<StoreVisitor>, manager: EntityManager): Promise<VisitorMarks> {
  const distinct = new Map<string, StoreVisitor>();
  for (const visitor of visitors) distinct.set(visitorKey(visitor), visitor);
  const wanted = [...distinct.values()];
  const names = [wanted.map(({ store }) => store), wanted.map(({ visitorId }) => visitorId)];
  const locked = new Set(await lockWithTargets(names, manager));
  for (;;) {
    const marks = await lookUp(names, manager);
    const missing = marks.flatMap(({ into_bucket }) =>
      into_bucket === null || locked.has(into_bucket) ? [] : [into_bucket],
    );
    if (missing.length === 0) return new Map(marks.map((row) => [visitorKey(toVisitor(row)), toMark(row)]));
    // Merged by another transaction since the locks were asked for. Out of order: the one case that can end in a deadlock.
    await manager.query('select pg_advisory_xact_lock($1, bucket) from unnest($2::int[]) as bucket', [
      LOCK_CLASS,
      missing,
    ]);
    for (const bucket of missing) locked.add(bucket);
  }
}

/** Locks the visitors and those that they are merged into, all in one order. */
async function lockWithTargets(names: readonly string[][], manager: EntityManager): Promise<number[]> {
  const rows = await manager.query<{ bucket: number }[]>(
    `select bucket, pg_advisory_xact_lock($3, bucket) from (
       select distinct unnest(array[${bucketOf('visitor.store', 'visitor_id')}, ${bucketOf('visitor.store', 'into_id')}])
         as bucket
       from ${VISITORS_WITH_ALIASES}
       order by bucket
     ) as ordered where bucket is not null`,
    [...names, LOCK_CLASS],
  );
  return rows.map(({ bucket }) => bucket);
}

interface MarkRow {
  readonly store: string;
  readonly visitor_id: string;
  readonly into_id: string | null;
  readonly into_bucket: number | null;
  readonly erased_at: number | null;
}

/** A statement of its own sees what was committed before it: whoever had the locks is done. */
async function lookUp(names: readonly string[][], manager: EntityManager): Promise<MarkRow[]> {
  const hashes = ['visitor.visitor_id', 'into_id'].map((id) => visitorHash('visitor.store', id));
  return manager.query<MarkRow[]>(
    `select visitor.store, visitor.visitor_id, into_id, ${bucketOf('visitor.store', 'into_id')} as into_bucket, erased_at
     from ${VISITORS_WITH_ALIASES}
     left join lateral (select (extract(epoch from max(erased_at)) * 1000)::float8 as erased_at from visitor_tombstones
       where (select exists (select from visitor_tombstones))
         and store = visitor.store and visitor_hash = any(array[${hashes.join(', ')}])) as tombstone on true
     where into_id is not null or erased_at is not null`,
    [...names],
  );
}

const toVisitor = ({ store, visitor_id }: MarkRow): StoreVisitor => ({ store, visitorId: visitor_id });

const toMark = ({ into_id, erased_at }: MarkRow): VisitorMark => ({
  mergedInto: into_id ?? undefined,
  erasedAt: erased_at ?? undefined,
});
