import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A placement and a model version that answered together; `contextIdOf` makes the id. */
@Entity('serving_contexts')
export class ServingContextEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'serving_contexts_pkey' })
  store!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'serving_contexts_pkey' })
  id!: string;

  /** Null for answers to requests that named none. */
  @Column('text', { nullable: true })
  placement!: string | null;

  /** Null for answers before the first model. */
  @Column('text', { nullable: true })
  model!: string | null;
}
