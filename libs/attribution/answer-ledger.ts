import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { inTransaction, reasonOf } from '#platform';
import { contextIdOf, requestIdOf, type ServingContext } from './request-id.js';

/** An answer that is about to be given. */
export interface IssuedAnswer extends ServingContext {
  /** How many items are in it. */
  readonly items: number;
}

/** The answers of one serving context in one day that are not written yet. */
interface DayCount extends ServingContext {
  readonly store: string;
  readonly contextId: string;
  /** Days since the epoch, UTC. */
  readonly day: number;
  requests: number;
  items: number;
}

const pauseMs = 5_000;
const dayMs = 86_400_000;

/**
 * Gives every answer its `requestId` and counts it, without a query: counts are kept in memory and added to the database every 5 seconds
 * and at shutdown. So a process that is killed loses the counts of its last 5 seconds, and of the time since the database was lost.
 */
@Injectable()
export class AnswerLedger implements OnApplicationShutdown {
  private readonly logger = new Logger(AnswerLedger.name);
  private counts = new Map<string, DayCount>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Counts an answer.
   * @param at when it is given, milliseconds since the epoch
   * @returns its `requestId`, see `requestIdOf`
   */
  issue(store: string, { placement, model, items }: IssuedAnswer, at = Date.now()): string {
    const day = Math.floor(at / dayMs);
    const key = `${day} ${JSON.stringify([store, placement, model])}`;
    let count = this.counts.get(key);
    if (!count) {
      const contextId = contextIdOf(store, { placement, model });
      this.counts.set(key, (count = { store, placement, model, contextId, day, requests: 0, items: 0 }));
      this.schedule();
    }
    count.requests += 1;
    count.items += items;
    return requestIdOf(count.contextId, at);
  }

  /** Writes what was counted up to now. What cannot be written is logged, kept, and tried again 5 seconds later. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    return (this.writing = this.writing.then(() => this.writeCounts()));
  }

  /** The last requests have their answers by now, and the database is still there. */
  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await this.flush();
  }

  private schedule(): void {
    if (!this.stopped) this.timer ??= setTimeout(() => void this.flush(), pauseMs).unref();
  }

  private async writeCounts(): Promise<void> {
    const counts = this.counts;
    if (counts.size === 0) return;
    this.counts = new Map();
    try {
      await this.add([...counts.values()]);
    } catch (error) {
      this.logger.warn(`The answers given could not be counted in the database yet: ${reasonOf(error)}`);
      this.takeBack(counts);
    }
  }

  private takeBack(counts: ReadonlyMap<string, DayCount>): void {
    for (const [key, count] of counts) {
      const newer = this.counts.get(key);
      if (newer) {
        newer.requests += count.requests;
        newer.items += count.items;
      } else this.counts.set(key, count);
    }
    this.schedule();
  }

  private async add(counts: readonly DayCount[]): Promise<void> {
    const stores = counts.map(({ store }) => store);
    const contextIds = counts.map(({ contextId }) => contextId);
    // In order of their keys, so that two processes wait for each other and don't deadlock.
    await inTransaction(this.dataSource, async (manager) => {
      await manager.query(
        `insert into serving_contexts (store, id, placement, model)
         select distinct on (store, id) store, id, placement, model
         from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as context (store, id, placement, model)
         order by store, id on conflict do nothing`,
        [stores, contextIds, counts.map(({ placement }) => placement), counts.map(({ model }) => model)],
      );
      await manager.query(
        `insert into placement_requests as counted (store, day, context_id, requests, items)
         select store, date '1970-01-01' + day, context_id, sum(requests), sum(items)
         from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[])
           as added (store, context_id, day, requests, items)
         group by store, day, context_id order by store, day, context_id
         on conflict (store, day, context_id) do update
           set requests = counted.requests + excluded.requests, items = counted.items + excluded.items`,
        [
          stores,
          contextIds,
          counts.map(({ day }) => day),
          counts.map(({ requests }) => requests),
          counts.map(({ items }) => items),
        ],
      );
    });
  }
}
