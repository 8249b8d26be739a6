import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PlacementSettings } from './settings.js';

/** How answers are made for one place of a shop's pages. */
@Entity('placements')
export class PlacementEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'placements_pkey' })
  store!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'placements_pkey' })
  name!: string;

  @Column('jsonb')
  settings!: PlacementSettings;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
