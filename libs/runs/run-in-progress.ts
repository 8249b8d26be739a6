import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { CheckpointStore } from './checkpoint-store.js';
import type { RunEnd, RunNotes } from './run-notes.js';

const HEARTBEAT_MS = 10_000;
/** A database that restarts is back within this time; the end of a run is worth waiting for. */
const END_ATTEMPTS = 30;
const END_PAUSE_MS = 1_000;

/** The record of a run while it is under way. */
export class RunInProgress implements RunNotes {
  readonly checkpoints: CheckpointStore;
  private readonly started = performance.now();
  private readonly stageSeconds: Record<string, number> = {};
  private stageName: string | null = null;
  private stageStarted = this.started;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly dataSource: DataSource,
    private readonly store: string,
    readonly id: string,
  ) {
    this.checkpoints = new CheckpointStore(dataSource, store, id);
    this.timer = setInterval(() => {
      this.beat();
    }, HEARTBEAT_MS).unref();
  }

  stage(name: string): void {
    if (name === this.stageName) return;
    this.closeStage();
    this.stageName = name;
    this.beat();
  }

  async note(details: Readonly<Record<string, unknown>>): Promise<void> {
    await this.dataSource.query(
      'update training_runs set details = details || $3::jsonb, heartbeat_at = now() where store = $1 and id = $2',
      [this.store, this.id, JSON.stringify(details)],
    );
  }

  async finish(manager: EntityManager, { outcome, reason, version }: RunEnd): Promise<void> {
    this.closeStage();
    const usage = {
      seconds: (performance.now() - this.started) / 1000,
      stages: this.stageSeconds,
      peakMemoryMb: process.resourceUsage().maxRSS / 1024,
    };
    await manager.query(
      `with ended as (
         update training_runs set outcome = $3, reason = $4, version = $5, finished_at = now(), heartbeat_at = now(),
           stage = $6, details = details || jsonb_build_object('usage', $7::jsonb)
         where store = $1 and id = $2 and outcome = 'running'
         returning store, outcome)
       delete from training_checkpoints where store in (select store from ended where outcome <> 'failed')`,
      [this.store, this.id, outcome, reason, version, this.stageName, JSON.stringify(usage)],
    );
  }

  /** Ends the record, unless that is done. Without a database it stays open, and is ended by the next run. */
  async end(end: RunEnd): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.finish(this.dataSource.manager, end);
        return;
      } catch {
        if (attempt === END_ATTEMPTS) return;
        await pause(END_PAUSE_MS);
      }
    }
  }

  /** Gives no more signs of life. */
  stop(): void {
    clearInterval(this.timer);
  }

  private closeStage(): void {
    const now = performance.now();
    if (this.stageName !== null) {
      const before = this.stageSeconds[this.stageName] ?? 0;
      this.stageSeconds[this.stageName] = before + (now - this.stageStarted) / 1000;
    }
    this.stageStarted = now;
  }

  /** One that fails is missing, nothing more: the run's own queries say what is wrong with the database. */
  private beat(): void {
    this.dataSource
      .query(
        `update training_runs set heartbeat_at = now(), stage = $3 where store = $1 and id = $2 and outcome = 'running'`,
        [this.store, this.id, this.stageName],
      )
      .catch(() => undefined);
  }
}
