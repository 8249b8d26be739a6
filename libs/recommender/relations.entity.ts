import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What goes with an item; made anew from the sessions by every refresh. */
@Entity('item_relations')
export class ItemRelationsEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'item_relations_pkey' })
  store!: string;

  /** `similar` or `bought-together`. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'item_relations_pkey' })
  kind!: string;

  @PrimaryColumn('text', { name: 'item_id', primaryKeyConstraintName: 'item_relations_pkey' })
  itemId!: string;

  /** At most 50 items, the closest first. */
  @Column('text', { array: true })
  related!: string[];

  /** Of each of them, above 0 and below 1. */
  @Column('real', { array: true })
  scores!: number[];

  @Column({ type: 'timestamptz', name: 'refreshed_at', precision: 3 })
  refreshedAt!: Date;
}
