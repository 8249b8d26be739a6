import type { DataSource, EntityManager } from 'typeorm';
import { dropEventPartition, listEventPartitions, type EventPartition } from '#events';
import { inTransaction } from '#platform';

const BATCH = 10_000;

/**
 * Drops events that occurred before a store's limit. A month of which no other store has events is dropped as a whole; elsewhere, and in
 * the default partition, it is the store's rows. Events before the limit must not be taken any more.
 * @param limits when the events begin that a store keeps: the beginning of a month, milliseconds since the epoch
 */
export async function expireEvents(
  dataSource: DataSource,
  limits: ReadonlyMap<string, number>,
): Promise<{ events: number; months: number }> {
  let [events, months] = [0, 0];
  const newest = Math.max(-Infinity, ...limits.values());
  for (const partition of await listEventPartitions(dataSource)) {
    if (partition.until > newest) break;
    const past = (await storesIn(dataSource, partition.table)).filter((store) => isPast(limits, store, partition));
    if (await staysForOthers(dataSource, partition, limits)) {
      for (const store of past) events += await forget(dataSource, { store, ...partition, rows: true });
    } else {
      // The ids have no months: they go one by one, and only then the events that tell which they are.
      for (const store of past) events += await forget(dataSource, { store, ...partition, rows: false });
      const nobodyElse = async (manager: EntityManager): Promise<boolean> =>
        !(await staysForOthers(manager, partition, limits));
      if (await dropEventPartition(dataSource, partition, nobodyElse)) months += 1;
    }
  }
  for (const [store, until] of limits) {
    events += await forget(dataSource, { store, table: 'events_default', until, rows: true });
  }
  return { events, months };
}

const isPast = (limits: ReadonlyMap<string, number>, store: string, { until }: EventPartition): boolean =>
  (limits.get(store) ?? -Infinity) >= until;

async function staysForOthers(
  queries: Pick<EntityManager, 'query'>,
  partition: EventPartition,
  limits: ReadonlyMap<string, number>,
): Promise<boolean> {
  return (await storesIn(queries, partition.table)).some((store) => !isPast(limits, store, partition));
}

/** The stores that have events in a partition: from each one on to the next by the primary key, however many events they have. */
async function storesIn(queries: Pick<EntityManager, 'query'>, table: string): Promise<string[]> {
  const rows = await queries.query<{ store: string }[]>(
    `with recursive found as (
       (select store from ${table} order by store limit 1)
       union all
       select (select store from ${table} where store > found.store order by store limit 1) from found where store is not null
     ) select store from found where store is not null`,
  );
  return rows.map(({ store }) => store);
}

/** Events of a store in a table that occurred before a time. */
interface Past {
  readonly store: string;
  readonly table: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** Whether the events go too, or only their ids, for the table is about to be dropped. */
  readonly rows: boolean;
}

interface Page {
  readonly events: number;
  /** The key of its last event. */
  readonly visitor_id: string;
  readonly occurred_at: Date;
  readonly event_id: string;
}

/** In order of the primary key, each batch in a transaction of its own. @returns how many events these are */
async function forget(dataSource: DataSource, { store, table, until, rows }: Past): Promise<number> {
  const sql = `
    with page as materialized (
      select visitor_id, occurred_at, event_id from ${table}
      where store = $1 and occurred_at < $2 and (visitor_id, occurred_at, event_id) > ($3, $4, $5)
      order by visitor_id, occurred_at, event_id limit ${BATCH}
    ), forgotten as (
      delete from event_ids using page where store = $1 and event_ids.event_id = page.event_id
    ) ${rows ? `, gone as (delete from ${table} as event using page where event.store = $1 and ${isOnPage})` : ''}
    select (select count(*) from page)::int as events, page.* from page
    order by visitor_id desc, occurred_at desc, event_id desc limit 1`;
  let last: unknown[] = ['', new Date(0), ''];
  for (let events = 0; ;) {
    const read = (manager: EntityManager): Promise<Page[]> =>
      manager.query<Page[]>(sql, [store, new Date(until), ...last]);
    const [page] = await inTransaction(dataSource, read);
    if (!page) return events;
    events += page.events;
    last = [page.visitor_id, page.occurred_at, page.event_id];
  }
}

const isOnPage = `event.visitor_id = page.visitor_id and event.occurred_at = page.occurred_at and event.event_id = page.event_id`;
