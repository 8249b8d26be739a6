import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How much an item is asked for; made anew from the sessions by every refresh. */
@Entity('item_popularity')
export class ItemPopularityEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'item_popularity_pkey' })
  store!: string;

  @PrimaryColumn('text', { name: 'item_id', primaryKeyConstraintName: 'item_popularity_pkey' })
  itemId!: string;

  /** Sessions with the item in the last four weeks. */
  @Column('double precision')
  popularity!: number;

  /** By how many standard deviations the last hours are above what is usual; 0 when they are not. */
  @Column('double precision')
  trend!: number;

  @Column({ type: 'timestamptz', name: 'refreshed_at', precision: 3 })
  refreshedAt!: Date;
}
