import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How answers are made for each place of a shop's pages. */
export class CreatePlacements1764000700000 implements MigrationInterface {
  name = 'CreatePlacements1764000700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table placements (
        store text not null,
        name text not null,
        settings jsonb not null,
        updated_at timestamptz(3) not null,
        constraint placements_pkey primary key (store, name)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table placements');
  }
}
