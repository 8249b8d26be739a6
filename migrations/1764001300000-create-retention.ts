import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How long each store keeps what, how far that was carried out, and the figures of days whose events are gone. */
export class CreateRetention1764001300000 implements MigrationInterface {
  name = 'CreateRetention1764001300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table retention (
        store text not null,
        events_days integer,
        sessions_days integer,
        metrics_days integer,
        events_from timestamptz(3),
        settled_until date,
        metrics_from date,
        constraint retention_pkey primary key (store)
      )`);
    await runner.query(`
      create table placement_days (
        store text not null,
        day date not null,
        context_id text not null,
        impressions numeric,
        clicks numeric,
        carts numeric,
        purchases numeric,
        revenue jsonb,
        constraint placement_days_pkey primary key (store, day, context_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table placement_days, retention');
  }
}
