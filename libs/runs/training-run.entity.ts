import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TrainingRun } from './training-run.js';

/** What a training run did and how it ended. */
@Entity('training_runs')
@Index('training_runs_by_start', ['store', 'startedAt'])
export class TrainingRunEntity implements TrainingRun {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'training_runs_pkey' })
  store!: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'training_runs_pkey' })
  id!: string;

  /** `running`, `promoted`, `kept` or `failed`. */
  @Column('text')
  outcome!: TrainingRun['outcome'];

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3 })
  startedAt!: Date;

  /** The last sign of life. */
  @Column({ type: 'timestamptz', name: 'heartbeat_at', precision: 3 })
  heartbeatAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null;

  /** What it does, or did when it ended. */
  @Column('text', { nullable: true })
  stage!: string | null;

  /** A sentence; null while it runs. */
  @Column('text', { nullable: true })
  reason!: string | null;

  /** The model that it stored. */
  @Column('text', { nullable: true })
  version!: string | null;

  /** `command` or `schedule`. */
  @Column('text')
  origin!: TrainingRun['origin'];

  /** Its number and machine. */
  @Column('text')
  process!: string;

  /** See `RunNotes.note`. */
  @Column('jsonb')
  details!: Record<string, unknown>;
}
