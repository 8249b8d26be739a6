import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What training runs leave for the next one to go on from. */
export class CreateTrainingCheckpoints1764001400000 implements MigrationInterface {
  name = 'CreateTrainingCheckpoints1764001400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table training_checkpoints (
        store text not null,
        name text not null,
        written_at timestamptz(3) not null,
        run_id uuid not null,
        facts jsonb not null,
        files jsonb not null,
        constraint training_checkpoints_pkey primary key (store, name)
      )`);
    await runner.query(`
      create table training_checkpoint_chunks (
        store text not null,
        name text not null,
        file text not null,
        chunk integer not null,
        bytes bytea not null,
        constraint training_checkpoint_chunks_pkey primary key (store, name, file, chunk),
        constraint training_checkpoint_chunks_checkpoint foreign key (store, name)
          references training_checkpoints (store, name) on delete cascade
      )`);
    // Weights do not get smaller by compression, which would only take time.
    await runner.query('alter table training_checkpoint_chunks alter column bytes set storage external');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table training_checkpoint_chunks, training_checkpoints');
  }
}
