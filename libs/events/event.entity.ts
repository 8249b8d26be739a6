import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A row of `events`: what a visitor did, as it was received. Partitioned by month; that an id is there once, `event_ids` holds. */
@Entity('events')
// Of an expression, which TypeORM has no words for.
@Index('events_by_request', { synchronize: false })
@Index('events_touches', ['store', 'visitorId', 'occurredAt'], {
  where: "type in ('view', 'click') and details ? 'requestId'",
})
@Index('events_of_carts_and_purchases', ['store', 'visitorId', 'occurredAt'], {
  where: "type in ('add_to_cart', 'remove_from_cart', 'purchase')",
})
export class EventEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'events_pkey' })
  store!: string;

  @PrimaryColumn('text', { name: 'visitor_id', primaryKeyConstraintName: 'events_pkey' })
  visitorId!: string;

  @PrimaryColumn({ type: 'timestamptz', name: 'occurred_at', precision: 3, primaryKeyConstraintName: 'events_pkey' })
  occurredAt!: Date;

  @PrimaryColumn('text', { name: 'event_id', primaryKeyConstraintName: 'events_pkey' })
  eventId!: string;

  @Column('text')
  type!: string;

  @Column('text', { name: 'user_id', nullable: true })
  userId!: string | null;

  @Column('text', { name: 'session_id', nullable: true })
  sessionId!: string | null;

  /** The first item of the event; all of them are in `details.items` when there is more to say. */
  @Column('text', { name: 'item_id', nullable: true })
  itemId!: string | null;

  @Column({ type: 'timestamptz', name: 'received_at', precision: 3 })
  receivedAt!: Date;

  /** `items` (when more than an id), `currency`, `orderId`, `requestId`: those that were given. */
  @Column('jsonb', { nullable: true })
  details!: Record<string, unknown> | null;
}
