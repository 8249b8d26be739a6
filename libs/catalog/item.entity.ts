import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A row of `items`: the shop's catalogue. */
@Entity('items')
@Index('items_unavailable', ['store'], { where: 'not available' })
export class ItemEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'items_pkey' })
  store!: string;

  @PrimaryColumn('text', { name: 'item_id', primaryKeyConstraintName: 'items_pkey' })
  itemId!: string;

  @Column('text', { nullable: true })
  title!: string | null;

  @Column('text', { nullable: true })
  url!: string | null;

  @Column('text', { name: 'image_url', nullable: true })
  imageUrl!: string | null;

  @Column('double precision', { nullable: true })
  price!: number | null;

  @Column('text', { nullable: true })
  currency!: string | null;

  @Column('text', { array: true })
  categories!: string[];

  @Column('boolean')
  available!: boolean;

  @Column('jsonb')
  attributes!: Record<string, unknown>;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
