import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A row of `visitor_aliases`: a visitor that was merged into another. */
@Entity('visitor_aliases')
@Index('visitor_aliases_by_target', ['store', 'intoId'])
export class VisitorAliasEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'visitor_aliases_pkey' })
  store!: string;

  @PrimaryColumn('text', { name: 'visitor_id', primaryKeyConstraintName: 'visitor_aliases_pkey' })
  visitorId!: string;

  /** The last of a chain: never itself an alias. */
  @Column('text', { name: 'into_id' })
  intoId!: string;

  @Column({ type: 'timestamptz', name: 'merged_at', precision: 3 })
  mergedAt!: Date;
}
