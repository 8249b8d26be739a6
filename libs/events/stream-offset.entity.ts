import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `stream_offsets`: how far a partition is stored. */
@Entity('stream_offsets')
export class StreamOffsetEntity {
  /** The broker's own id of its cluster: the same topic name elsewhere is another stream. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'stream_offsets_pkey' })
  cluster!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'stream_offsets_pkey' })
  topic!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'stream_offsets_pkey' })
  partition!: number;

  /** Every record before it is stored, or is a dead letter. */
  @Column('bigint', { name: 'next_offset' })
  nextOffset!: string;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
