import { setTimeout as pause } from 'node:timers/promises';
import { Like, MoreThanOrEqual, type DataSource } from 'typeorm';
import { TrainingRunEntity, type TrainingRun } from '#runs';
import { until } from '../faults/bounded.js';
import { withClosedGate, type Gate } from './gates.js';
import type { TrainingJob } from './job.js';
import { MOMENTS, type Moment } from './moments.js';
import type { PlannedKill } from './plan.js';
import { checkpointOf, resumedOf } from './resumption.js';

/** A kill that was. */
export interface Kill {
  readonly moment: Moment;
  /** As the killed process left its record. */
  readonly run: TrainingRun;
  /** What of a network's training was lost; null where none was under way. */
  readonly lossSeconds: number | null;
}

/** How often it is asked what a run is doing. */
const WATCH_MS = 5;
/** For a run to get to the moment of its death; machines that test are busy. */
const PATIENCE_SECONDS = 300;
const NETWORK_STAGES: readonly string[] = ['validation', 'training'] satisfies Moment[];

/** Kills runs at the moment that is planned for them. */
export class Hunter {
  /** @param undisturbed a run that nothing disturbed: how long each stage takes */
  constructor(
    private readonly dataSource: DataSource,
    private readonly undisturbed: TrainingRun,
  ) {}

  /** @returns null when the run ended by itself before */
  async hunt(job: TrainingJob, { moment, share, gate }: PlannedKill): Promise<Kill | null> {
    const { killed, began } = gate ? await this.killAtGate(job, gate) : await this.killInStage(job, moment, share);
    if (killed === null) return null;
    await until('the database to notice that a process was killed', PATIENCE_SECONDS, async () => {
      const query = 'select from pg_stat_activity where application_name = $1';
      return (await this.dataSource.query<unknown[]>(query, [job.name])).length === 0;
    });
    const run = await this.runOf(job);
    if (!run) throw new Error(`the job was killed before it began a run:\n${job.log}`);
    const met = gate ? moment : MOMENTS.find((each) => each === run.stage);
    if (met === undefined || (gate && run.stage !== 'saving')) {
      throw new Error(`a run was killed while ${moment}, but its record says ${run.stage}`);
    }
    const lossSeconds = began !== null && run.stage === moment ? lossOf(run, began, killed) : null;
    return { moment: met, run, lossSeconds };
  }

  /** Milliseconds since the epoch: when it was killed, null when it ended by itself before; and when the stage began. */
  private async killInStage(
    job: TrainingJob,
    moment: Moment,
    share: number,
  ): Promise<{ killed: number | null; began: number | null }> {
    let run: TrainingRun | null = null;
    for (const end = Date.now() + PATIENCE_SECONDS * 1_000; job.running && run?.stage !== moment;) {
      if (Date.now() > end)
        throw new Error(`waited ${PATIENCE_SECONDS} s for a run to be ${moment}, in vain:\n${job.log}`);
      await pause(WATCH_MS);
      run = await this.runOf(job);
    }
    const began = Date.now();
    if (run) await Promise.race([pause(share * this.leftOf(run, moment) * 1_000), job.end()]);
    const killed = Date.now();
    return { killed: (await job.kill()) ? killed : null, began };
  }

  private async killAtGate(job: TrainingJob, gate: Gate): Promise<{ killed: number | null; began: null }> {
    return withClosedGate(this.dataSource, gate, async (isReached) => {
      await until(`a run to be ${gate.moment}`, PATIENCE_SECONDS, async () => !job.running || (await isReached()));
      const killed = Date.now();
      return { killed: (await job.kill()) ? killed : null, began: null };
    });
  }

  /** Seconds that a stage takes, or has left where the run goes on from a checkpoint within it. */
  private leftOf(run: TrainingRun, moment: Moment): number {
    const { stages } = this.undisturbed.details.usage as { stages: Readonly<Record<string, number>> };
    const resumed = resumedOf(run);
    return (stages[moment] ?? 0) * (resumed?.stage === moment ? 1 - resumed.share : 1);
  }

  private runOf(job: TrainingJob): Promise<TrainingRun | null> {
    return this.dataSource.manager.findOneBy(TrainingRunEntity, {
      process: Like(`${job.pid} on %`),
      startedAt: MoreThanOrEqual(job.startedAt),
    });
  }
}

/** Seconds from the last checkpoint of the stage that is under way, or from its beginning. */
function lossOf(run: TrainingRun, began: number, killed: number): number | null {
  if (run.stage === null || !NETWORK_STAGES.includes(run.stage)) return null;
  const checkpoint = checkpointOf(run);
  const written = checkpoint?.stage === run.stage ? Date.parse(checkpoint.at) : 0;
  return (killed - Math.max(began, written)) / 1_000;
}
