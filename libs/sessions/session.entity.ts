import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** A row of `sessions`. The three arrays are parallel: one entry for each step. */
@Entity('sessions')
@Index('sessions_named', ['store', 'visitorId', 'sessionId'], { unique: true, where: 'session_id is not null' })
@Index('sessions_by_visitor', ['store', 'visitorId', 'endedAt'])
@Index('sessions_by_end', ['store', 'endedAt', 'id'])
@Index('sessions_with_purchases', ['store', 'endedAt'], { where: "'purchase' = any(event_types)" })
export class SessionEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'sessions_pkey' })
  store!: string;

  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'sessions_pkey',
  })
  id!: string;

  @Column('text', { name: 'visitor_id' })
  visitorId!: string;

  @Column('text', { name: 'session_id', nullable: true })
  sessionId!: string | null;

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3 })
  startedAt!: Date;

  @Column({ type: 'timestamptz', name: 'ended_at', precision: 3 })
  endedAt!: Date;

  @Column('text', { name: 'item_ids', array: true })
  itemIds!: string[];

  @Column('text', { name: 'event_types', array: true })
  eventTypes!: string[];

  /** Milliseconds since the epoch. */
  @Column('bigint', { name: 'occurred_at', array: true })
  occurredAt!: string[];
}
