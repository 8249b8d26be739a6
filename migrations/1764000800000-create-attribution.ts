import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which placements and models gave answers and how many, and ways to find the events that answers led to. */
export class CreateAttribution1764000800000 implements MigrationInterface {
  name = 'CreateAttribution1764000800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table serving_contexts (
        store text not null,
        id text not null,
        placement text,
        model text,
        constraint serving_contexts_pkey primary key (store, id)
      )`);
    await runner.query(`
      create table placement_requests (
        store text not null,
        day date not null,
        context_id text not null,
        requests bigint not null,
        items bigint not null,
        constraint placement_requests_pkey primary key (store, day, context_id)
      )`);
    // Request ids are in order of time when they are in order of bytes.
    await runner.query(`
      create index events_by_request on events (store, lower((details ->> 'requestId') collate "C"))
        where details ? 'requestId'`);
    await runner.query(`
      create index events_touches on events (store, visitor_id, occurred_at)
        where type in ('view', 'click') and details ? 'requestId'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index events_touches, events_by_request');
    await runner.query('drop table placement_requests, serving_contexts');
  }
}
