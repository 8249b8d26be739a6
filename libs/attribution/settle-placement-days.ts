import type { DataSource, EntityManager } from 'typeorm';
import { formatDay, inTransaction } from '#platform';
import { storeLedTo } from './placement-figures.js';
import { requestIdsFrom } from './request-id.js';

/** Days since the epoch, UTC. */
interface SettledDays {
  /** What answers before it led to is in `placement_days`; their events may be gone. 0 where nothing was settled. */
  readonly settledUntil: number;
  /** Figures of days before it are not kept. 0 where all are. */
  readonly keptFrom: number;
}

const dayMs = 86_400_000;

/** How far the figures of a store were settled and dropped. */
export async function settledDays(queries: Pick<EntityManager, 'query'>, store: string): Promise<SettledDays> {
  const [row] = await queries.query<SettledDays[]>(
    `select coalesce(settled_until - date '1970-01-01', 0) as "settledUntil",
       coalesce(metrics_from - date '1970-01-01', 0) as "keptFrom"
     from retention where store = $1`,
    [store],
  );
  return row ?? { settledUntil: 0, keptFrom: 0 };
}

/**
 * Stores what the answers of a store led to until a day, as figures that need no events any more; each day in a transaction of its own.
 * What such an answer leads to later does not count any more. The store must have a row in `retention`.
 * @param until the first day that is not settled, days since the epoch
 * @returns how many days were settled
 */
export async function settlePlacementDays(dataSource: DataSource, store: string, until: number): Promise<number> {
  const { settledUntil, keptFrom } = await settledDays(dataSource, store);
  const [answers] = await dataSource.query<{ first: number | null }[]>(
    `select min(day) - date '1970-01-01' as first from placement_requests where store = $1`,
    [store],
  );
  const first = Math.max(settledUntil, keptFrom, answers?.first ?? until);
  for (let day = first; day < until; day += 1) {
    await inTransaction(dataSource, async (manager) => {
      await manager.query(
        `select set_config('work_mem', '32MB', true), set_config('max_parallel_workers_per_gather', '0', true)`,
      );
      await manager.query(storeLedTo, [store, requestIdsFrom(day * dayMs), requestIdsFrom((day + 1) * dayMs)]);
      await settle(manager, store, day + 1);
    });
  }
  if (first >= until && settledUntil < until) await settle(dataSource, store, until);
  return Math.max(0, until - first);
}

/**
 * Drops the figures of a store's days before one, and shows none of them again.
 * @param from the first day that is kept, days since the epoch
 * @returns how many days had figures
 */
export async function dropPlacementDays(dataSource: DataSource, store: string, from: number): Promise<number> {
  return inTransaction(dataSource, async (manager) => {
    await manager.query('update retention set metrics_from = greatest(metrics_from, $2::date) where store = $1', [
      store,
      formatDay(from),
    ]);
    const [row] = await manager.query<{ days: number }[]>(
      `with settled as (delete from placement_days where store = $1 and day < $2::date returning day),
         answered as (delete from placement_requests where store = $1 and day < $2::date returning day)
       select count(distinct day)::int as days from (select day from settled union all select day from answered) as gone`,
      [store, formatDay(from)],
    );
    return row?.days ?? 0;
  });
}

async function settle(queries: Pick<EntityManager, 'query'>, store: string, until: number): Promise<void> {
  await queries.query('update retention set settled_until = greatest(settled_until, $2::date) where store = $1', [
    store,
    formatDay(until),
  ]);
}
