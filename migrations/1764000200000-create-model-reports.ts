import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How good each model is, as data and as a page. */
export class CreateModelReports1764000200000 implements MigrationInterface {
  name = 'CreateModelReports1764000200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table model_reports (
        store text not null,
        version text not null,
        created_at timestamptz(3) not null,
        report jsonb not null,
        page text not null,
        constraint model_reports_pkey primary key (store, version),
        constraint model_reports_version foreign key (store, version)
          references model_versions (store, version) on delete cascade
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table model_reports');
  }
}
