import '#access';
import '#attribution';
import '#catalog';
import '#events';
import '#recommender';
import '#registry';
import '#runs';
import '#retention';
import '#sessions';
import '#visitors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDataSource, openDataSource, runMigrations } from '#platform';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

describe('the schema', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });

  it('is the same in the migrations and in the entities', async () => {
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
    expect(database.dataSource.entityMetadatas.map(({ tableName }) => tableName)).toEqual(
      expect.arrayContaining(['events', 'sessions', 'items', 'imports']) as string[],
    );
  });

  it('has the store first in every key but those of streams, whose records are of any store', async () => {
    const keys = await database.dataSource.query<{ table: string; column: string }[]>(
      `select key.conrelid::regclass::text as table, attname as column
       from pg_constraint as key join pg_attribute on attrelid = key.conrelid and attnum = key.conkey[1]
       where key.contype = 'p' and key.connamespace = 'public'::regnamespace and key.conrelid <> 'migrations'::regclass`,
    );
    expect(keys.length).toBeGreaterThanOrEqual(4);
    const others = keys.filter(({ column }) => column !== 'store').map(({ table }) => table);
    expect(others.sort()).toEqual(['dead_letters', 'stream_offsets']);
  });

  it('can be taken back, and made by several processes that start at once', async () => {
    const { dataSource, url } = database;
    for (let left = dataSource.migrations.length; left > 0; left -= 1) {
      await dataSource.undoLastMigration({ transaction: 'each' });
    }
    const left: unknown = await dataSource.query(`select tablename from pg_tables where schemaname = 'public'`);
    expect(left).toEqual([{ tablename: 'migrations' }]);

    const others = await Promise.all([1, 2, 3].map(() => createDataSource(url).initialize()));
    await Promise.all(others.map((other) => runMigrations(other)));
    await Promise.all(others.map((other) => other.destroy()));
    const done = await dataSource.query<unknown[]>('select name from migrations');
    expect(done).toHaveLength(dataSource.migrations.length);
  });

  it('says where it could not connect to, without the password', async () => {
    await expect(openDataSource('postgres://shop:secret@127.0.0.1:1/next')).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'database_unreachable',
      message: expect.stringMatching(
        /^Cannot connect to the database at 127\.0\.0\.1:1\/next: .*ECONNREFUSED/,
      ) as string,
    });
    const wrong = new URL(database.url);
    wrong.password = 'secret';
    await expect(openDataSource(wrong.href)).rejects.toMatchObject({
      message: expect.not.stringContaining('secret') as string,
    });
  });
});
