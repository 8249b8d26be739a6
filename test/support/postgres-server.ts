import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { createDataSource, runMigrations, startEmbeddedPostgres } from '#platform';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database on the test server with the schema and no rows. Nobody connects to it: it is copied for each test. */
    postgresUrl: string;
  }
}

/** Vitest global setup: one real Postgres server for the run, in a temporary folder. */
export default async function startTestServer(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'nextpick-test-'));
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres(folder);
  const template = new URL(server.url);
  template.pathname = '/nextpick_template';
  await createMigrated(server.url, template);
  project.provide('postgresUrl', template.href);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function createMigrated(server: string, database: URL): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${database.pathname.slice(1)}`);
  await client.end();
  const dataSource = await createDataSource(database.href).initialize();
  await runMigrations(dataSource);
  await dataSource.destroy();
}
