import { Entity, PrimaryColumn } from 'typeorm';

/** A row of `event_ids`: an event that is stored. Its id is known whatever time it comes with next. */
@Entity('event_ids')
export class EventIdEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'event_ids_pkey' })
  store!: string;

  @PrimaryColumn('text', { name: 'event_id', primaryKeyConstraintName: 'event_ids_pkey' })
  eventId!: string;
}
