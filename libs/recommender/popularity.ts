import type { DataSource } from 'typeorm';

/** Popularity counts the sessions of this many days before the newest one. */
const windowDays = 28;

/**
 * Counts anew how popular every item of a store is, from its sessions; resolves to the number of items.
 * Time is counted back from the newest session rather than from now, so that imported history counts too.
 *
 * `popularity`: sessions with the item in the window. `trend`: the sessions of its last day, r, against the mean of a
 * day, m, in standard deviations of a Poisson count, (r - m) / sqrt(m + 1), or 0 when negative.
 * One transaction; answers see the old counts until it is done. A refresh of the same store by another process is
 * waited for.
 */
export async function refreshPopularity(dataSource: DataSource, store: string): Promise<number> {
  return dataSource.transaction(async (manager) => {
    await manager.query("select pg_advisory_xact_lock(hashtextextended('item_popularity ' || $1, 0))", [store]);
    await manager.query('delete from item_popularity where store = $1', [store]);
    const rows: { items: string }[] = await manager.query(
      `with newest as (
         select least(max(ended_at), now()) as at from sessions where store = $1
       ), considered as (
         select ended_at, item_ids, at from sessions, newest
         where store = $1 and ended_at > at - make_interval(days => $2)
       ), span as (
         select greatest(1, extract(epoch from max(at) - min(ended_at)) / 86400) as days from considered
       ), counted as (
         select item_id, count(*) as popularity, count(*) filter (where ended_at > at - interval '1 day') as recent
         from considered, lateral (select distinct unnest(item_ids) as item_id) as items
         group by item_id
       ), inserted as (
         insert into item_popularity (store, item_id, popularity, trend, refreshed_at)
         select $1, item_id, popularity, greatest(0, (recent - popularity / days) / sqrt(popularity / days + 1)), now()
         from counted, span
         returning 1
       )
       select count(*) as items from inserted`,
      [store, windowDays],
    );
    return Number(rows[0]?.items ?? 0);
  });
}

/** How long ago a store was counted, in milliseconds; null when it never was, or had no sessions then. */
export async function popularityAge(dataSource: DataSource, store: string): Promise<number | null> {
  const rows: { age: number }[] = await dataSource.query(
    `select extract(epoch from now() - refreshed_at)::float8 * 1000 as age from item_popularity where store = $1 limit 1`,
    [store],
  );
  return rows[0]?.age ?? null;
}
