import { Column, Entity, ForeignKey, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import type { Manifest } from './artefact.js';

/** A trained model; immutable. */
@Entity('model_versions')
export class ModelVersionEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'model_versions_pkey' })
  store!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'model_versions_pkey' })
  version!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column('jsonb')
  manifest!: Manifest;
}

/** A piece of one file of a model version. */
@Entity('model_files')
export class ModelFileEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'model_files_pkey' })
  store!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'model_files_pkey' })
  version!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'model_files_pkey' })
  name!: string;

  /** From 0. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'model_files_pkey' })
  chunk!: number;

  @Column('bytea')
  bytes!: Buffer;
}

/** What an evaluation found out about a model version; the one part of it that may be replaced. */
@Entity('model_reports')
@ForeignKey(() => ModelVersionEntity, ['store', 'version'], ['store', 'version'], {
  name: 'model_reports_version',
  onDelete: 'CASCADE',
})
export class ModelReportEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'model_reports_pkey' })
  store!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'model_reports_pkey' })
  version!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column('jsonb')
  report!: object;

  /** HTML. */
  @Column('text')
  page!: string;
}

/** One change of the model in service. The newest row of a store says which version that is. */
@Entity('model_promotions')
export class ModelPromotionEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'model_promotions_pkey' })
  store!: string;

  /** Grows with every promotion. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'model_promotions_pkey',
  })
  id!: string;

  @Column('text')
  version!: string;

  @Column({ type: 'timestamptz', name: 'promoted_at', precision: 3 })
  promotedAt!: Date;

  @Column('text')
  reason!: string;

  /** The promotion that a rollback returns to; null when there was no model before. */
  @Column('bigint', { name: 'returns_to', nullable: true })
  returnsTo!: string | null;
}
