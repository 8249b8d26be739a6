import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { inject } from 'vitest';
import { createDataSource } from '#platform';

/** A database of its own on the test server. */
export interface TestDatabase {
  readonly url: string;
  /** Initialised. */
  readonly dataSource: DataSource;
  /** Closes `dataSource` and removes the database, whoever else is still connected. */
  drop(): Promise<void>;
}

/** Makes a fresh database with the schema and no rows, by copying a migrated one. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = new URL(inject('postgresUrl'));
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(template, `create database ${name} template ${template.pathname.slice(1)}`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  const dataSource = await createDataSource(url.href).initialize();
  return {
    url: url.href,
    dataSource,
    drop: async () => {
      if (dataSource.isInitialized) await dataSource.destroy();
      await onServer(template, `drop database ${name} with (force)`);
    },
  };
}

/** Runs one statement from outside the test databases: Postgres copies only a database that nobody uses. */
async function onServer(server: URL, statement: string): Promise<void> {
  const address = new URL(server);
  address.pathname = '/postgres';
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
