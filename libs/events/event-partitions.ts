import type { DataSource, EntityManager } from 'typeorm';
import { withShortLocks } from '#platform';

/** Events that occurred in one month of UTC have a table of their own. */
export interface EventPartition {
  readonly table: string;
  /** The beginning of the month, milliseconds since the epoch. */
  readonly from: number;
  /** The beginning of the next month. */
  readonly until: number;
}

/** Names the advisory lock that lets one transaction make or drop partitions at a time. */
const PARTITIONS_LOCK = 7_271_004;
/** Months after this one that have their tables already. */
const MONTHS_AHEAD = 2;
/** Fewer rows of a month are not worth a table of their own: a wrong clock may bring some of any month. */
const CROWD = 10_000;

/** The beginning of a month of UTC, milliseconds since the epoch. @param ahead so many months later */
export function monthOf(at: number, ahead = 0): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead);
}

const partitionOf = (month: number): EventPartition => ({
  table: `events_${new Date(month).toISOString().slice(0, 7).replace('-', '_')}`,
  from: month,
  until: monthOf(month, 1),
});

/** The months that have a table, the oldest first. */
export async function listEventPartitions(queries: Pick<EntityManager, 'query'>): Promise<EventPartition[]> {
  const rows = await queries.query<{ name: string }[]>(
    `select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = 'events'::regclass and relname ~ '^events_[0-9]{4}_[0-9]{2}$' order by relname`,
  );
  return rows.map(({ name }) => partitionOf(Date.parse(`${name.slice(7).replace('_', '-')}-01T00:00:00Z`)));
}

/**
 * Makes the tables of this month and the next two where they are missing. A month that has events in the default partition already is left
 * to `keepEventPartitions`: moving them would take its time.
 * @param now milliseconds since the epoch
 */
export async function makeEventPartitionsAhead(dataSource: DataSource, now: number): Promise<void> {
  for (const partition of await missingAhead(dataSource, now)) await makePartition(dataSource, partition, false);
}

/**
 * Makes the tables that events need: those of `makeEventPartitionsAhead`, and of each month that has many events in the default partition,
 * for they came when it had none. They are moved. Nothing can be read or written that may lie in the default partition while a month is
 * moved (ten seconds for a million events), but the other partitions are open.
 * @param now milliseconds since the epoch
 */
export async function keepEventPartitions(dataSource: DataSource, now: number): Promise<void> {
  const crowded = await dataSource.query<{ month: string }[]>(
    `select to_char(date_trunc('month', occurred_at at time zone 'UTC'), 'YYYY-MM') as month
     from events_default group by 1 having count(*) >= $1 order by 1`,
    [CROWD],
  );
  const missing = new Map((await missingAhead(dataSource, now)).map((partition) => [partition.table, partition]));
  for (const { month } of crowded) {
    const partition = partitionOf(Date.parse(`${month}-01T00:00:00Z`));
    missing.set(partition.table, partition);
  }
  for (const partition of missing.values()) await makePartition(dataSource, partition, true);
}

/**
 * Drops a month with all that is in it, unless `allowed` says no when nobody else can read or write events any more.
 * @returns whether it was dropped
 */
export async function dropEventPartition(
  dataSource: DataSource,
  { table }: EventPartition,
  allowed: (manager: EntityManager) => Promise<boolean>,
): Promise<boolean> {
  return withShortLocks(dataSource, async (manager) => {
    await manager.query('select pg_advisory_xact_lock($1)', [PARTITIONS_LOCK]);
    await manager.query(`lock table only events in access exclusive mode`);
    const there = (await listEventPartitions(manager)).some((partition) => partition.table === table);
    if (!there || !(await allowed(manager))) return false;
    await manager.query(`drop table ${table}`);
    return true;
  });
}

async function missingAhead(dataSource: DataSource, now: number): Promise<EventPartition[]> {
  const there = new Set((await listEventPartitions(dataSource)).map(({ table }) => table));
  return Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => partitionOf(monthOf(now, ahead))).filter(
    ({ table }) => !there.has(table),
  );
}

/** @param moving whether it may be done where the default partition has events of the month */
async function makePartition(
  dataSource: DataSource,
  { table, from, until }: EventPartition,
  moving: boolean,
): Promise<void> {
  const range = [from, until].map((time) => `timestamptz '${new Date(time).toISOString()}'`) as [string, string];
  const inMonth = `occurred_at >= ${range[0]} and occurred_at < ${range[1]}`;
  await withShortLocks(dataSource, async (manager) => {
    await manager.query('select pg_advisory_xact_lock($1)', [PARTITIONS_LOCK]);
    if ((await listEventPartitions(manager)).some((partition) => partition.table === table)) return;
    if (!moving) {
      const found = await manager.query<unknown[]>(`select from events_default where ${inMonth} limit 1`);
      if (found.length > 0) return;
    }
    await manager.query(`create table ${table} (like events including all)`);
    await manager.query('lock table events_default in share row exclusive mode');
    await manager.query(
      `with moved as (delete from events_default where ${inMonth} returning *) insert into ${table} select * from moved`,
    );
    // Whoever reads or writes events now may not know of the new partition, and would miss what was moved: until they are done.
    await manager.query('lock table only events in access exclusive mode');
    await manager.query(
      `alter table events attach partition ${table} for values from (${range[0]}) to (${range[1]})`.replaceAll(
        'timestamptz ',
        '',
      ),
    );
  });
}
