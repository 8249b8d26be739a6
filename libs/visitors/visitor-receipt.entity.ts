import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `visitor_receipts`: what was done with the data of a visitor, who cannot be read from it. */
@Entity('visitor_receipts')
export class VisitorReceiptEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'visitor_receipts_pkey' })
  store!: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'visitor_receipts_pkey' })
  id!: string;

  /** `merge`, `export` or `erasure`. */
  @Column('text')
  kind!: string;

  /** See `visitorHash`; of a merge, the one merged into. */
  @Column('bytea', { name: 'visitor_hash' })
  visitorHash!: Buffer;

  @Column({ type: 'timestamptz', precision: 3 })
  at!: Date;

  @Column('jsonb')
  counts!: Record<string, number>;
}
