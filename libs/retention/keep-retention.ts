import type { DataSource } from 'typeorm';
import { dropPlacementDays, settlePlacementDays } from '#attribution';
import { keepEventPartitions } from '#events';
import { expireEvents } from './expire-events.js';
import { eventsFrom, RetentionSettings } from './retention-settings.js';

/** What was dropped, of all stores together. */
export interface Dropped {
  /** Events that are gone. */
  readonly events: number;
  /** Months of events that were dropped as a whole. */
  readonly months: number;
  readonly sessions: number;
  /** Days of figures of placements. */
  readonly metricsDays: number;
}

const dayMs = 86_400_000;
const BATCH = 5_000;

/**
 * Makes the partitions that events need next, and drops what the stores keep no longer, of every store that set how long: the last store
 * whose events of a month are past takes the whole month with it. Before events are dropped, what the answers of those days led to is
 * stored as figures; then older events are not taken any more, so that one that is sent again is not taken for a new one. Each
 * transaction is small, none waits long for others, and what an interrupted call left is dropped by the next.
 * @param now milliseconds since the epoch
 * @throws DomainError `tables_busy`
 */
export async function keepRetention(dataSource: DataSource, now: number): Promise<Dropped> {
  await keepEventPartitions(dataSource, now);
  const limits = new Map<string, number>();
  let [sessions, metricsDays] = [0, 0];
  for (const { store, ...retention } of await new RetentionSettings(dataSource).all()) {
    if (retention.events !== null) {
      const from = eventsFrom(retention.events, now);
      // A day more: the clock of a visitor may have been behind when an event named an answer of the day after.
      await settlePlacementDays(dataSource, store, from / dayMs + 1);
      await refuseBefore(dataSource, store, from);
      limits.set(store, from);
    }
    if (retention.sessions !== null) {
      sessions += await expireSessions(dataSource, store, startOfDay(now) - retention.sessions * dayMs);
    }
    if (retention.metrics !== null) {
      metricsDays += await dropPlacementDays(dataSource, store, Math.floor(now / dayMs) - retention.metrics);
    }
  }
  return { ...(await expireEvents(dataSource, limits)), sessions, metricsDays };
}

const startOfDay = (now: number): number => now - (now % dayMs);

/** Events on their way in hold the row: when this returns they are in, and whatever comes next heeds the time. */
async function refuseBefore(dataSource: DataSource, store: string, from: number): Promise<void> {
  await dataSource.query('update retention set events_from = $2 where store = $1 and events_from is distinct from $2', [
    store,
    new Date(from),
  ]);
}

async function expireSessions(dataSource: DataSource, store: string, from: number): Promise<number> {
  for (let dropped = 0; ;) {
    const [, rows] = await dataSource.query<[unknown, number]>(
      `delete from sessions where store = $1 and id = any(array(
         select id from sessions where store = $1 and ended_at < $2 order by ended_at limit $3))`,
      [store, new Date(from), BATCH],
    );
    dropped += rows;
    if (rows < BATCH) return dropped;
  }
}
