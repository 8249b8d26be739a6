import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `retention`: how long a store keeps what, and how far that was carried out. A store without one keeps everything. */
@Entity('retention')
export class RetentionEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'retention_pkey' })
  store!: string;

  /** Null where all are kept, as in the other two. */
  @Column('integer', { name: 'events_days', nullable: true })
  eventsDays!: number | null;

  @Column('integer', { name: 'sessions_days', nullable: true })
  sessionsDays!: number | null;

  @Column('integer', { name: 'metrics_days', nullable: true })
  metricsDays!: number | null;

  /** Events that occurred before it are dropped, and not taken any more. */
  @Column({ type: 'timestamptz', name: 'events_from', precision: 3, nullable: true })
  eventsFrom!: Date | null;

  /** What answers of days before it led to is in `placement_days`. */
  @Column('date', { name: 'settled_until', nullable: true })
  settledUntil!: string | null;

  /** Figures of days before it are dropped. */
  @Column('date', { name: 'metrics_from', nullable: true })
  metricsFrom!: string | null;
}
