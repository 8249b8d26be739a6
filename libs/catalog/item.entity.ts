import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A row of `items`: the shop's catalogue. */
@Entity('items')
@Index('items_off_sale', ['store'], {
  where: 'not available or available_from is not null or available_until is not null',
})
@Index('items_by_change', ['store', 'updatedAt'])
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

  @Column({ type: 'timestamptz', name: 'available_from', precision: 3, nullable: true })
  availableFrom!: Date | null;

  @Column({ type: 'timestamptz', name: 'available_until', precision: 3, nullable: true })
  availableUntil!: Date | null;

  @Column('jsonb')
  attributes!: Record<string, unknown>;

  /** When it was first put; what comes after it does not change it. */
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
