import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each partition of a stream is stored, and its records that could not be taken. */
export class CreateStreamOffsetsDeadLetters1764000300000 implements MigrationInterface {
  name = 'CreateStreamOffsetsDeadLetters1764000300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table stream_offsets (
        cluster text not null,
        topic text not null,
        partition integer not null,
        next_offset bigint not null,
        updated_at timestamptz(3) not null,
        constraint stream_offsets_pkey primary key (cluster, topic, partition)
      )`);
    await runner.query(`
      create table dead_letters (
        cluster text not null,
        topic text not null,
        partition integer not null,
        record_offset bigint not null,
        code text not null,
        reason text not null,
        key bytea,
        value bytea,
        headers text not null,
        received_at timestamptz(3) not null,
        published_at timestamptz(3),
        replayed_at timestamptz(3),
        constraint dead_letters_pkey primary key (cluster, topic, partition, record_offset)
      )`);
    await runner.query(`
      create index dead_letters_unpublished on dead_letters (cluster, topic, partition, record_offset)
      where published_at is null`);
    await runner.query(`
      create index dead_letters_open on dead_letters (received_at, cluster, topic, partition, record_offset)
      where replayed_at is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dead_letters, stream_offsets');
  }
}
