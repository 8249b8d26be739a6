import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `visitor_tombstones`: somebody was erased. Who cannot be read from it. */
@Entity('visitor_tombstones')
export class VisitorTombstoneEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'visitor_tombstones_pkey' })
  store!: string;

  /** See `visitorHash`. */
  @PrimaryColumn('bytea', { name: 'visitor_hash', primaryKeyConstraintName: 'visitor_tombstones_pkey' })
  visitorHash!: Buffer;

  /** What occurred until then, then included, is erased. */
  @Column({ type: 'timestamptz', name: 'erased_at', precision: 3 })
  erasedAt!: Date;
}
