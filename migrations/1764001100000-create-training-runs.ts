import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each training run did and how it ended. */
export class CreateTrainingRuns1764001100000 implements MigrationInterface {
  name = 'CreateTrainingRuns1764001100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table training_runs (
        store text not null,
        id uuid not null,
        outcome text not null,
        started_at timestamptz(3) not null,
        heartbeat_at timestamptz(3) not null,
        finished_at timestamptz(3),
        stage text,
        reason text,
        version text,
        origin text not null,
        process text not null,
        details jsonb not null,
        constraint training_runs_pkey primary key (store, id)
      )`);
    await runner.query('create index training_runs_by_start on training_runs (store, started_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table training_runs');
  }
}
