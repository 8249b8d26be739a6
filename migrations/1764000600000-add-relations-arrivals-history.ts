import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What goes with what, since when an item is known, and the way to a visitor's cart and purchases. */
export class AddRelationsArrivalsHistory1764000600000 implements MigrationInterface {
  name = 'AddRelationsArrivalsHistory1764000600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table item_relations (
        store text not null,
        kind text not null,
        item_id text not null,
        related text[] not null,
        scores real[] not null,
        refreshed_at timestamptz(3) not null,
        constraint item_relations_pkey primary key (store, kind, item_id)
      )`);
    await runner.query('alter table items add column created_at timestamptz(3)');
    await runner.query('update items set created_at = updated_at');
    await runner.query('alter table items alter column created_at set not null');
    await runner.query(`
      create index events_of_carts_and_purchases on events (store, visitor_id, occurred_at)
      where type in ('add_to_cart', 'remove_from_cart', 'purchase')`);
    await runner.query(`
      create index sessions_with_purchases on sessions (store, ended_at)
      where 'purchase' = any(event_types)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index sessions_with_purchases, events_of_carts_and_purchases');
    await runner.query('alter table items drop column created_at');
    await runner.query('drop table item_relations');
  }
}
