import type { DataSource, EntityManager } from 'typeorm';

/** How two items can go together: looked at in the same sessions, or bought in them. */
export type RelationKind = 'similar' | 'bought-together';

/** At most so many related items are kept of each. */
const mostRelated = 50;
/** Distinct items of a session that count, the newest: more say little, and cost their square. */
const itemsOfSession = 20;

interface Source {
  /** Sessions of this many days before the newest one count, */
  readonly days: number;
  /** and of them at most this many, the newest. */
  readonly sessions: number;
  /** SQL over `sessions`. */
  readonly which: string;
  /** SQL over `step`. */
  readonly steps: string;
  /** Pairs that fewer sessions have are left out where an item has others. */
  readonly support: number;
  /** Lambda, below. */
  readonly doubt: number;
}

const sources: Readonly<Record<RelationKind, Source>> = {
  similar: { days: 28, sessions: 200_000, which: 'true', steps: 'true', support: 1, doubt: 5 },
  'bought-together': {
    days: 180,
    sessions: 200_000,
    which: `'purchase' = any(event_types)`,
    steps: `type = 'purchase'`,
    support: 2,
    doubt: 1,
  },
};

/**
 * Computes anew what goes with each item of a store, from its sessions; resolves to the number of items that anything goes with.
 * Time is counted back from the newest session, so that imported history counts too.
 *
 * `similar` is from the items of a session, `bought-together` from those that were bought in it. The score of items i and j
 * is the cosine of their columns in the matrix of sessions and items (Sarwar et al., Item-based collaborative filtering
 * recommendation algorithms, 2001), where each session s of k items weighs 1 / sqrt(k) so that long ones do not
 * outvote short ones (Karypis, Evaluation of item-based top-N recommendation algorithms, 2001), times c / (c + lambda) for
 * the c sessions that have both, since a pair seen once proves little (Bell and Koren, Scalable collaborative filtering,
 * 2007). The cosine divides by how often either item comes, so a bestseller does not go with everything.
 *
 * One transaction; readers see the old relations until it is done, and no writer waits. A refresh of the same store by another process
 * is waited for.
 */
export async function refreshRelations(dataSource: DataSource, store: string): Promise<number> {
  return dataSource.transaction(async (manager) => {
    await manager.query("select pg_advisory_xact_lock(hashtextextended('item_relations ' || $1, 0))", [store]);
    // One core; enough memory that the pairs need not go through files; and these statements run too seldom to be compiled.
    await manager.query(
      `select set_config('max_parallel_workers_per_gather', '0', true), set_config('work_mem', '64MB', true),
         set_config('jit', 'off', true)`,
    );
    await manager.query('delete from item_relations where store = $1', [store]);
    const similar = await relate(manager, store, 'similar');
    const bought = await relate(manager, store, 'bought-together');
    return similar + bought;
  });
}

async function relate(manager: EntityManager, store: string, kind: RelationKind): Promise<number> {
  const { days, sessions, which, steps, support, doubt } = sources[kind];
  const rows: { items: string }[] = await manager.query(
    `with newest as (
       select least(max(ended_at), now()) as at from sessions where store = $1
     ), considered as materialized (
       select row_number() over () as session, item_ids, event_types
       from (
         select item_ids, event_types from sessions, newest
         where store = $1 and ${which} and ended_at > at - make_interval(days => $3) order by ended_at desc limit $4
       ) as latest
     ), visited as materialized (
       select session, item_id from considered cross join lateral (
         select item_id from unnest(item_ids, event_types) with ordinality as step (item_id, type, place)
         where ${steps} group by item_id order by max(place) desc limit ${itemsOfSession}
       ) as items
     ), known as materialized (
       select item_id, (row_number() over ())::int as item from visited group by item_id
     ), baskets as materialized (
       select array_agg(item) as items, 1 / count(*)::float8 as weight
       from visited join known using (item_id) group by session
     ), norms as materialized (
       select item, sqrt(sum(weight)) as norm from baskets, unnest(items) as item group by item
     ), pairs as materialized (
       select a, b, sum(weight) as dot, count(*) as sessions
       from baskets, unnest(items) as a, unnest(items) as b where a < b group by a, b
     ), scored as (
       select a, b, sessions, dot / (one.norm * other.norm) * sessions / (sessions + $5::float8) as score
       from pairs join norms as one on one.item = a join norms as other on other.item = b
     ), mirrored as (
       select a as item, b as other, sessions, score from scored
       union all
       select b, a, sessions, score from scored
     ), ranked as (
       select item, other, score,
         row_number() over (partition by item order by sessions >= $6 desc, score desc, other) as rank,
         sessions >= $6 as proven, bool_or(sessions >= $6) over (partition by item) as any_proven
       from mirrored
     ), listed as (
       select ranked.item, array_agg(item_id order by rank) as related, array_agg(score::real order by rank) as scores
       from ranked join known on known.item = other
       where rank <= ${mostRelated} and (proven or not any_proven)
       group by ranked.item
     ), inserted as (
       insert into item_relations (store, kind, item_id, related, scores, refreshed_at)
       select $1, $2, item_id, related, scores, now() from listed join known using (item)
       returning 1
     )
     select count(*) as items from inserted`,
    [store, kind, days, sessions, doubt, support],
  );
  return Number(rows[0]?.items ?? 0);
}

/** How long ago the relations of a store were computed, in milliseconds; null when they never were, or there were none. */
export async function relationsAge(dataSource: DataSource, store: string): Promise<number | null> {
  const rows: { age: number }[] = await dataSource.query(
    `select extract(epoch from now() - refreshed_at)::float8 * 1000 as age from item_relations where store = $1 limit 1`,
    [store],
  );
  return rows[0]?.age ?? null;
}
