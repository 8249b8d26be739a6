import type { MigrationInterface, QueryRunner } from 'typeorm';

const columns = 'store, event_id, type, visitor_id, user_id, session_id, item_id, occurred_at, received_at, details';

/**
 * Events in a table for each month (UTC) in which they occurred, so that a month can be dropped as a whole.
 *
 * An event id is known for all time, whatever time it comes with: many clients send the time of the attempt when they send again. But a
 * unique index of a partitioned table must contain what it is partitioned by, so `events` itself cannot hold that rule, and asking
 * every partition for every id would cost more with every month and still miss two writers at once. So the ids have a slim table of
 * their own, `event_ids`, not partitioned: whoever inserts an id there writes its event, in the same transaction. It takes over what the
 * primary key of `events` was for; the primary key of `events` takes over what the index by visitor was for. So a new event
 * costs as many index entries as before, and one narrow row more.
 *
 * Months, and not days or weeks: what asks for a visitor or a request id asks every partition, and a store that keeps everything
 * for years still has few. What is of no month that there is goes to `events_default`: nothing is refused.
 */
export class PartitionEvents1764001200000 implements MigrationInterface {
  name = 'PartitionEvents1764001200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table events rename to whole_events');
    await runner.query('alter table whole_events drop constraint events_pkey');
    await runner.query(
      'drop index events_by_visitor, events_by_request, events_touches, events_of_carts_and_purchases',
    );
    await runner.query(`create table events (${definition}) partition by range (occurred_at)`);
    await runner.query('create table events_default partition of events default');
    // Fewer rows are not worth a table: a wrong clock may bring some of any month.
    await runner.query(`
      do $$
      declare month timestamp;
      begin
        for month in
          select date_trunc('month', occurred_at at time zone 'UTC') from whole_events group by 1 having count(*) >= 10000
          union
          select date_trunc('month', now() at time zone 'UTC') + make_interval(months => ahead) from generate_series(-1, 2) as ahead
        loop
          execute format('create table %I partition of events for values from (%L) to (%L)', to_char(month, '"events_"YYYY_MM'),
            month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
        end loop;
      end $$`);
    await runner.query(`insert into events (${columns}) select ${columns} from whole_events`);
    await runner.query('create table event_ids (store text not null, event_id text not null)');
    await runner.query('insert into event_ids select store, event_id from whole_events');
    await runner.query('drop table whole_events');
    await runner.query('alter table event_ids add constraint event_ids_pkey primary key (store, event_id)');
    await runner.query(
      'alter table events add constraint events_pkey primary key (store, visitor_id, occurred_at, event_id)',
    );
    await createPartialIndices(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`create table whole_events (${definition})`);
    await runner.query(`insert into whole_events (${columns}) select ${columns} from events`);
    await runner.query('drop table event_ids, events');
    await runner.query('alter table whole_events rename to events');
    await runner.query('alter table events add constraint events_pkey primary key (store, event_id)');
    await createPartialIndices(runner);
    await runner.query('create index events_by_visitor on events (store, visitor_id)');
  }
}

const definition = `
  store text not null,
  event_id text not null,
  type text not null,
  visitor_id text not null,
  user_id text,
  session_id text,
  item_id text,
  occurred_at timestamptz(3) not null,
  received_at timestamptz(3) not null,
  details jsonb`;

async function createPartialIndices(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create index events_of_carts_and_purchases on events (store, visitor_id, occurred_at)
    where type in ('add_to_cart', 'remove_from_cart', 'purchase')`);
  await runner.query(`
    create index events_by_request on events (store, lower((details ->> 'requestId') collate "C"))
      where details ? 'requestId'`);
  await runner.query(`
    create index events_touches on events (store, visitor_id, occurred_at)
      where type in ('view', 'click') and details ? 'requestId'`);
}
