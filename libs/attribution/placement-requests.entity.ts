import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many answers a serving context gave in a day. */
@Entity('placement_requests')
export class PlacementRequestsEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'placement_requests_pkey' })
  store!: string;

  /** UTC. */
  @PrimaryColumn('date', { primaryKeyConstraintName: 'placement_requests_pkey' })
  day!: string;

  @PrimaryColumn('text', { name: 'context_id', primaryKeyConstraintName: 'placement_requests_pkey' })
  contextId!: string;

  @Column('bigint')
  requests!: string;

  /** Items in those answers. */
  @Column('bigint')
  items!: string;
}
