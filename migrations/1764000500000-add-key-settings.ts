import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which pages may use a key, how often, until when, when it was last used, and what replaced it. */
export class AddKeySettings1764000500000 implements MigrationInterface {
  name = 'AddKeySettings1764000500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table api_keys
        add column origins text[] not null default '{}',
        add column rate_per_second double precision,
        add column rate_burst integer,
        add column client_rate_per_second double precision,
        add column client_rate_burst integer,
        add column expires_at timestamptz(3),
        add column last_used_at timestamptz(3),
        add column replaced_by uuid`);
    await runner.query('alter table api_keys alter column origins drop default');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table api_keys
        drop column origins,
        drop column rate_per_second,
        drop column rate_burst,
        drop column client_rate_per_second,
        drop column client_rate_burst,
        drop column expires_at,
        drop column last_used_at,
        drop column replaced_by`);
  }
}
