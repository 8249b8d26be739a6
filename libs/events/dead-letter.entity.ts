import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A row of `dead_letters`: a record of a stream that could not be taken, as it came. */
@Entity('dead_letters')
@Index('dead_letters_unpublished', ['cluster', 'topic', 'partition', 'offset'], { where: 'published_at is null' })
@Index('dead_letters_open', ['receivedAt', 'cluster', 'topic', 'partition', 'offset'], { where: 'replayed_at is null' })
@Index('dead_letters_by_key', ['key'], { type: 'hash' })
export class DeadLetterEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'dead_letters_pkey' })
  cluster!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'dead_letters_pkey' })
  topic!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'dead_letters_pkey' })
  partition!: number;

  @PrimaryColumn('bigint', { name: 'record_offset', primaryKeyConstraintName: 'dead_letters_pkey' })
  offset!: string;

  /** Such as `not_json`. */
  @Column('text')
  code!: string;

  @Column('text')
  reason!: string;

  @Column('bytea', { nullable: true })
  key!: Buffer | null;

  @Column('bytea', { nullable: true })
  value!: Buffer | null;

  /** JSON: name to base64. As text, for a name may hold what `jsonb` refuses. */
  @Column('text')
  headers!: string;

  @Column({ type: 'timestamptz', name: 'received_at', precision: 3 })
  receivedAt!: Date;

  /** When the dead-letter topic had it. */
  @Column({ type: 'timestamptz', name: 'published_at', precision: 3, nullable: true })
  publishedAt!: Date | null;

  /** When it could be taken after all. */
  @Column({ type: 'timestamptz', name: 'replayed_at', precision: 3, nullable: true })
  replayedAt!: Date | null;
}
