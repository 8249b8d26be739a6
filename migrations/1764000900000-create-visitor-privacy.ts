import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which visitors are one and the same, which were erased, and the receipts; and what finds all that is stored of a visitor. */
export class CreateVisitorPrivacy1764000900000 implements MigrationInterface {
  name = 'CreateVisitorPrivacy1764000900000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table visitor_aliases (
        store text not null,
        visitor_id text not null,
        into_id text not null,
        merged_at timestamptz(3) not null,
        constraint visitor_aliases_pkey primary key (store, visitor_id)
      )`);
    await runner.query('create index visitor_aliases_by_target on visitor_aliases (store, into_id)');
    await runner.query(`
      create table visitor_tombstones (
        store text not null,
        visitor_hash bytea not null,
        erased_at timestamptz(3) not null,
        constraint visitor_tombstones_pkey primary key (store, visitor_hash)
      )`);
    await runner.query(`
      create table visitor_receipts (
        store text not null,
        id uuid not null,
        kind text not null,
        visitor_hash bytea not null,
        at timestamptz(3) not null,
        counts jsonb not null,
        constraint visitor_receipts_pkey primary key (store, id)
      )`);
    await runner.query('create index events_by_visitor on events (store, visitor_id)');
    // A key may be longer than what a B-tree takes.
    await runner.query('create index dead_letters_by_key on dead_letters using hash (key)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index dead_letters_by_key, events_by_visitor');
    await runner.query('drop table visitor_receipts, visitor_tombstones, visitor_aliases');
  }
}
