import 'reflect-metadata';
import { DataSource, getMetadataArgsStorage, QueryFailedError, type EntityManager } from 'typeorm';
import { DomainError } from '#domain';
import { migrations } from '#migrations';
import type { Configuration } from './configuration.js';
import { startEmbeddedPostgres, type RunningDatabase } from './embedded-postgres.js';

/** A command line works with few; the API has a setting. */
const defaultConnections = 10;

/** A connection that nobody used for so long is closed, in milliseconds. */
const IDLE_MS = 600_000;

/** Names the advisory lock that lets one process migrate at a time. */
const MIGRATION_LOCK = 7_271_001;

/** The server that DATABASE_URL names, or the embedded one. */
export async function resolveDatabase(configuration: Configuration): Promise<RunningDatabase> {
  if (configuration.databaseUrl !== undefined) {
    return { url: configuration.databaseUrl, stop: () => Promise.resolve() };
  }
  return startEmbeddedPostgres(configuration.dataDirectory);
}

/**
 * A TypeORM data source, not yet initialised, with every migration and every entity class that the process has loaded.
 * The schema comes from the migrations alone.
 * @param url a `postgres://` address
 * @param connections to be opened at most
 */
export function createDataSource(url: string, connections = defaultConnections): DataSource {
  const entities = getMetadataArgsStorage().tables.flatMap(({ target }) =>
    typeof target === 'function' ? [target] : [],
  );
  return new DataSource({
    type: 'postgres',
    url,
    entities,
    migrations,
    synchronize: false,
    // Errors are thrown; TypeORM would also print them, with the parameters: visitors' data, on standard output.
    logging: false,
    poolSize: connections,
    // Milliseconds that a query waits for a connection: longer means that the database is stuck, and whoever asks should hear of it.
    connectTimeoutMS: 10_000,
    // A connection whose other end is gone without a word is noticed in the end. One that is open stays so between two bursts of requests: to
    // open one takes Postgres some 40 ms of a processor, and all that share its first query wait for it.
    extra: { keepAlive: true, idleTimeoutMillis: IDLE_MS },
    applicationName: 'nextpick',
  });
}

/**
 * Connects to a database and brings its schema up to date.
 * @param url a `postgres://` address
 * @param connections to be opened at most
 * @throws DomainError `database_unreachable` that says where it tried to connect, without the password
 */
export async function openDataSource(url: string, connections?: number): Promise<DataSource> {
  const dataSource = createDataSource(url, connections);
  try {
    await dataSource.initialize();
  } catch (cause) {
    const { host, pathname } = new URL(url);
    const reason = cause instanceof AggregateError ? (cause.errors as Error[]).at(-1) : (cause as Error);
    throw new DomainError(
      'unavailable',
      'database_unreachable',
      `Cannot connect to the database at ${host}${pathname}: ${reason?.message ?? ''}. Check that it runs and that ` +
        'DATABASE_URL is right, or unset DATABASE_URL to use the embedded database.',
      { host, database: pathname.slice(1) },
      { cause },
    );
  }
  try {
    await runMigrations(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** Brings the schema up to date. Processes that start together wait for the one that migrates. */
export async function runMigrations(dataSource: DataSource): Promise<void> {
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await lock.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  } finally {
    await lock.release();
  }
}

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const TRANSACTION_ATTEMPTS = 5;

/** Runs `work` in a transaction, again if Postgres ended it because of another one. */
export async function inTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await dataSource.transaction(work);
    } catch (error) {
      const code = error instanceof QueryFailedError ? (error.driverError as { code?: string }).code : undefined;
      const again = code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
      if (!again || attempt === TRANSACTION_ATTEMPTS) throw error;
    }
  }
}
