import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type QueryRunner } from 'typeorm';
import { DomainError } from '#domain';
import { reasonOf } from '#platform';
import type { RunEnd } from './run-notes.js';
import { RunInProgress } from './run-in-progress.js';
import { TrainingRunEntity } from './training-run.entity.js';
import type { RunOrigin, TrainingRun } from './training-run.js';

/** As Postgres tells the lock of a store's runs from others; $1 is the store. */
const LOCK_KEY = "hashtextextended('training_runs ' || $1, 0)";

/** The training runs of every store. A store has one at a time, whatever processes and machines there are. */
@Injectable()
export class TrainingRuns {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Does something as a run of a store, and takes down how it ended. The lock that keeps other runs of the store away belongs to a connection,
   * so that it goes with the process, however that ends.
   * @returns what `work` resolved to; unless `work` has ended the record itself, that ends it
   * @throws DomainError `training_under_way`, or whatever `work` throws; then that is the reason in the record
   */
  async record<Result extends RunEnd>(
    store: string,
    { origin, options }: { readonly origin: RunOrigin; readonly options: object },
    work: (run: RunInProgress) => Promise<Result>,
  ): Promise<Result & { readonly runId: string }> {
    const lock = this.dataSource.createQueryRunner();
    try {
      await this.take(lock, store);
      await this.buryDead(store);
      const run = await this.begin(store, origin, options);
      try {
        const result = await work(run);
        await run.end(result);
        return { ...result, runId: run.id };
      } catch (error) {
        await run.end({ outcome: 'failed', reason: reasonOf(error), version: null });
        throw error;
      } finally {
        run.stop();
      }
    } finally {
      await release(lock, store);
    }
  }

  /** The newest first. */
  async list(store: string, limit: number): Promise<TrainingRun[]> {
    await this.buryIfNoneRuns(store);
    return this.dataSource.manager.find(TrainingRunEntity, {
      where: { store },
      order: { startedAt: 'DESC', id: 'DESC' },
      take: limit,
    });
  }

  /** @throws DomainError `run_not_found`. */
  async show(store: string, id: string): Promise<TrainingRun> {
    await this.buryIfNoneRuns(store);
    // The id may be no UUID.
    const [row] = await this.dataSource.manager
      .createQueryBuilder(TrainingRunEntity, 'run')
      .where('run.store = :store and run.id::text = :id', { store, id })
      .getMany();
    if (row) return row;
    throw new DomainError(
      'notFound',
      'run_not_found',
      `Store ${store} has no training run ${id}. The runs are in \`runs list\` and GET /v1/runs.`,
      { store, id },
    );
  }

  /**
   * Ends the records of runs whose process is gone, whatever is left of them; the newest one gets the reason, if there is one.
   * Does nothing while a run is under way.
   */
  async buryIfNoneRuns(store: string, reason?: string): Promise<void> {
    const [row] = await this.dataSource.query<{ open: boolean; held: boolean }[]>(
      `select exists (select from training_runs where store = $1 and outcome = 'running') as open,
         exists (select from pg_locks
           where locktype = 'advisory' and objsubid = 1 and granted
             and database = (select oid from pg_database where datname = current_database())
             and classid::bigint = (${LOCK_KEY} >> 32) & 4294967295 and objid::bigint = ${LOCK_KEY} & 4294967295) as held`,
      [store],
    );
    if (row?.open && !row.held) await this.buryDead(store, reason);
  }

  private async buryDead(store: string, reason?: string): Promise<void> {
    await this.dataSource.query(
      `update training_runs set outcome = 'failed', finished_at = heartbeat_at,
         reason = 'Interrupted' || coalesce(' while ' || stage, '') || ': its process (' || process || ') was gone, after a last sign of life at '
           || to_char(heartbeat_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '.' || coalesce(' ' || $2, '')
       where store = $1 and outcome = 'running'`,
      [store, reason ?? null],
    );
  }

  private async take(lock: QueryRunner, store: string): Promise<void> {
    const [row] = (await lock.query(`select pg_try_advisory_lock(${LOCK_KEY}) as taken`, [store])) as [
      { taken: boolean },
    ];
    if (row.taken) return;
    const [other] = await this.list(store, 1);
    throw new DomainError(
      'conflict',
      'training_under_way',
      `Store ${store} is being trained already` +
        (other ? `, since ${other.startedAt.toISOString()} by process ${other.process}` : '') +
        '. A store has one run at a time: wait for its end (`runs list`), or stop it.',
      { store },
    );
  }

  private async begin(store: string, origin: RunOrigin, options: object): Promise<RunInProgress> {
    const now = new Date();
    const id = randomUUID();
    await this.dataSource.manager.insert(TrainingRunEntity, {
      store,
      id,
      outcome: 'running',
      startedAt: now,
      heartbeatAt: now,
      finishedAt: null,
      stage: null,
      reason: null,
      version: null,
      origin,
      process: `${process.pid} on ${hostname()}`,
      details: { options },
    });
    return new RunInProgress(this.dataSource, store, id);
  }
}

/** A connection that broke has lost the lock already. */
async function release(lock: QueryRunner, store: string): Promise<void> {
  try {
    await lock.query(`select pg_advisory_unlock(${LOCK_KEY})`, [store]);
  } catch {
    // The reason is that of the run.
  } finally {
    await lock.release();
  }
}
