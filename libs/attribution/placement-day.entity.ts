import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What the answers that a serving context gave in a day led to, where the events that say so may be gone. */
@Entity('placement_days')
export class PlacementDayEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'placement_days_pkey' })
  store!: string;

  /** UTC. */
  @PrimaryColumn('date', { primaryKeyConstraintName: 'placement_days_pkey' })
  day!: string;

  @PrimaryColumn('text', { name: 'context_id', primaryKeyConstraintName: 'placement_days_pkey' })
  contextId!: string;

  /** Items shown. */
  @Column('numeric', { nullable: true })
  impressions!: string | null;

  /** Items clicked or viewed. */
  @Column('numeric', { nullable: true })
  clicks!: string | null;

  /** Units put into the cart. */
  @Column('numeric', { nullable: true })
  carts!: string | null;

  /** Units purchased. */
  @Column('numeric', { nullable: true })
  purchases!: string | null;

  /** A list of `currency` and `amount`. */
  @Column('jsonb', { nullable: true })
  revenue!: object[] | null;
}
