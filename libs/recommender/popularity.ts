import type { DataSource } from 'typeorm';

/** Popularity counts the sessions of this many days before the newest one. */
const windowDays = 28;
/** In hours: for the trend a session that is so much older counts half. */
const trendHalfLife = 12;

/**
 * Counts anew how popular every item of a store is, from its sessions; resolves to the number of items.
 * Time is counted back from the newest session rather than from now, so that imported history counts too.
 *
 * `popularity`: sessions with the item in the window. `trend`: how far the item's recent sessions are above what is usual
 * for it. A session of age t weighs w = 2^(-t / 12 h); r is the sum of the weights of the item's sessions, n their number;
 * R, S and N are the sums of w and of w squared, and the number, over all other items. Had the item the rhythm of the
 * store, r would be n R / N, with the variance of a weighted Poisson count, n S / N. The trend is
 * (r - n R / N) / sqrt(n S / N + 1), or 0 when negative; the 1 keeps a rare item from rising by chance. So the hours
 * when every item is asked for more make no trend.
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
       ), weighed as (
         select item_ids, power(2, -greatest(0, extract(epoch from at - ended_at))::float8 / 3600 / $3::float8) as weight
         from considered
       ), counted as (
         select item_id, count(*)::float8 as popularity, sum(weight) as recent, sum(weight * weight) as squares
         from weighed, lateral (select distinct unnest(item_ids) as item_id) as items
         group by item_id
       ), total as (
         select sum(popularity) as popularity, sum(recent) as recent, sum(squares) as squares from counted
       ), compared as (
         select item_id, counted.popularity, counted.recent,
           counted.popularity / nullif(total.popularity - counted.popularity, 0) as share,
           total.recent - counted.recent as other_recent, total.squares - counted.squares as other_squares
         from counted, total
       ), inserted as (
         insert into item_popularity (store, item_id, popularity, trend, refreshed_at)
         select $1, item_id, popularity, coalesce(
           greatest(0, (recent - share * other_recent) / sqrt(share * greatest(0, other_squares) + 1)), 0), now()
         from compared
         returning 1
       )
       select count(*) as items from inserted`,
      [store, windowDays, trendHalfLife],
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
