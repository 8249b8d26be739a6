import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From when until when an item is on sale, and which items changed lately. */
export class AddSaleWindows1764000400000 implements MigrationInterface {
  name = 'AddSaleWindows1764000400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'alter table items add column available_from timestamptz(3), add column available_until timestamptz(3)',
    );
    await runner.query('drop index items_unavailable');
    await runner.query(`
      create index items_off_sale on items (store)
      where not available or available_from is not null or available_until is not null`);
    await runner.query('create index items_by_change on items (store, updated_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index items_by_change, items_off_sale');
    await runner.query('create index items_unavailable on items (store) where not available');
    await runner.query('alter table items drop column available_from, drop column available_until');
  }
}
