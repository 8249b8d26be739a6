import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { FileFacts } from '#platform';

/** What a training run that is under way, or was cut off, leaves for the next one to go on from. */
@Entity('training_checkpoints')
export class TrainingCheckpointEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'training_checkpoints_pkey' })
  store!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'training_checkpoints_pkey' })
  name!: string;

  @Column({ type: 'timestamptz', name: 'written_at', precision: 3 })
  writtenAt!: Date;

  /** Of the run that wrote it. */
  @Column('uuid', { name: 'run_id' })
  runId!: string;

  @Column('jsonb')
  facts!: Record<string, unknown>;

  /** By name. */
  @Column('jsonb')
  files!: Record<string, FileFacts>;
}

/** A piece of one file of a checkpoint. */
@Entity('training_checkpoint_chunks')
@ForeignKey(() => TrainingCheckpointEntity, ['store', 'name'], ['store', 'name'], {
  name: 'training_checkpoint_chunks_checkpoint',
  onDelete: 'CASCADE',
})
export class TrainingCheckpointChunkEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'training_checkpoint_chunks_pkey' })
  store!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'training_checkpoint_chunks_pkey' })
  name!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'training_checkpoint_chunks_pkey' })
  file!: string;

  /** From 0. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'training_checkpoint_chunks_pkey' })
  chunk!: number;

  @Column('bytea')
  bytes!: Buffer;
}
