import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { DomainError } from '#domain';
import { runProgram } from './postgres-binaries.js';
import { exists } from './exists.js';
import { findFreePort, isPortFree } from './free-port.js';
import { DATABASE_USER, endOf, openCluster, type Cluster } from './postgres-cluster.js';

/** A Postgres server to work with; `stop` ends only what was started for it. */
export interface RunningDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** What Postgres writes down about a running server. */
interface ServerRecord {
  readonly pid: number;
  readonly port: number;
}

const START_TIMEOUT_MS = 60_000;
const START_ATTEMPTS = 3;

/** Every process that uses the server holds this advisory lock, shared; who gets it alone may stop the server. */
const LEASE_LOCK = 7_271_002;

/**
 * Durability stays as Postgres has it (fsync, synchronous_commit). The rest suits one machine with few cores:
 * no replication, fewer checkpoints during an import, no parallel workers (they need more /dev/shm than containers have).
 * A failed statement is not logged, because it may hold visitors' data.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '256MB',
  maintenance_work_mem: '128MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  log_min_error_statement: 'panic',
};

/**
 * Runs a real Postgres server, on the loopback interface alone, with its data in `dataDirectory/postgres`.
 * The first call makes the cluster. A server that is already running there, because another process uses it or because
 * its starter was killed, is shared; `stop` ends the server unless another process still uses it.
 * @throws DomainError that says why it cannot start
 */
export async function startEmbeddedPostgres(dataDirectory: string): Promise<RunningDatabase> {
  const cluster = await openCluster(resolve(dataDirectory));
  const deadline = Date.now() + START_TIMEOUT_MS;
  let attempts = 0;
  for (;;) {
    const server = await readServerRecord(cluster);
    const lease = server && (await takeLease(cluster, server));
    if (server && lease) {
      return { url: urlOf(cluster, server), stop: () => giveLeaseBack(cluster, lease) };
    }
    if (server && (await isPostgres(server))) {
      // Another process is starting or stopping it.
      if (Date.now() > deadline) throw await startFailure(cluster);
      await pause(100);
    } else {
      if (attempts === START_ATTEMPTS) throw await startFailure(cluster);
      // The children of a server that was killed need a moment to notice.
      if (attempts > 0) await pause(1_000);
      attempts += 1;
      // Postgres clears the record of a dead server itself, unless another program has its number by now.
      if (server && isAlive(server)) await rm(join(cluster.data, 'postmaster.pid'), { force: true });
      await startServer(cluster);
    }
  }
}

async function startServer({ binaries, data, folder, log, user }: Cluster): Promise<void> {
  const settings = Object.entries({ ...SETTINGS, port: String(await choosePort(folder)) });
  await runProgram(
    binaries.pg_ctl,
    [
      'start',
      '--wait',
      `--timeout=${START_TIMEOUT_MS / 1000}`,
      `--pgdata=${data}`,
      `--options=${settings.map(([name, value]) => `-c ${name}=${value}`).join(' ')}`,
    ],
    { user, folder, log },
  );
}

/** @returns a connection that holds the lease, or undefined when the server cannot be used (yet, or any more) */
async function takeLease(cluster: Cluster, server: ServerRecord): Promise<pg.Client | undefined> {
  const client = new pg.Client({
    connectionString: urlOf(cluster, server),
    connectionTimeoutMillis: 5_000,
    application_name: 'nextpick lease',
    keepAlive: true,
  });
  // Losing the server is noticed by whoever queries it; here it only means that there is nothing to stop any more.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock_shared($1) as held', [
      LEASE_LOCK,
    ]);
    if (rows[0]?.held === true) return client;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
  await endQuietly(client);
  return undefined;
}

async function giveLeaseBack(cluster: Cluster, lease: pg.Client): Promise<void> {
  const last = await releaseLease(lease);
  if (last === undefined) {
    // The server died, or lost its connections; what runs now may be somebody else's.
    const server = await readServerRecord(cluster);
    const again = server && (await takeLease(cluster, server));
    if (again) await giveLeaseBack(cluster, again);
  }
  if (last) {
    const { binaries, data, folder, log, user } = cluster;
    await runProgram(binaries.pg_ctl, ['stop', '--wait', '--mode=fast', `--pgdata=${data}`], { user, folder, log });
  }
  await endQuietly(lease);
}

/** @returns whether nobody else has a lease, undefined when the connection is lost */
async function releaseLease(lease: pg.Client): Promise<boolean | undefined> {
  try {
    await lease.query('select pg_advisory_unlock_shared($1)', [LEASE_LOCK]);
    const { rows } = await lease.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [LEASE_LOCK]);
    return rows[0]?.held === true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

/** Ends a connection whose server may be gone. */
async function endQuietly(client: pg.Client): Promise<void> {
  await client.end().catch(() => undefined);
}

/** Lines 1 and 4 of Postgres' `postmaster.pid` are the process number and the port. */
async function readServerRecord({ data }: Cluster): Promise<ServerRecord | undefined> {
  const path = join(data, 'postmaster.pid');
  if (!(await exists(path))) return undefined;
  const lines = (await readFile(path, 'utf8')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 ? { pid, port } : undefined;
}

function isAlive({ pid }: ServerRecord): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Whether that process lives and is Postgres: not a program that got the number of a dead server, nor a dead server that
 * nobody has reaped (in a container without an init process).
 */
async function isPostgres(server: ServerRecord): Promise<boolean> {
  if (!isAlive(server)) return false;
  const path = `/proc/${server.pid}/stat`;
  // Elsewhere than on Linux the number alone decides.
  return !(await exists(path)) || /^\d+ \(postgres\) [^ZX]/.test(await readFile(path, 'utf8'));
}

/** The port of last time if it is free, so that addresses written down stay right; else any free one. */
async function choosePort(folder: string): Promise<number> {
  const file = join(folder, 'port');
  const last = (await exists(file)) ? Number(await readFile(file, 'utf8')) : undefined;
  const port = last !== undefined && (await isPortFree(last)) ? last : await findFreePort();
  await writeFile(file, String(port));
  return port;
}

const urlOf = ({ password }: Cluster, { port }: ServerRecord): string =>
  `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/postgres`;

async function startFailure({ folder, log }: Cluster): Promise<DomainError> {
  return new DomainError(
    'unavailable',
    'embedded_postgres_failed',
    `The embedded Postgres in ${folder} did not start. The end of ${log}:\n${await endOf(log)}\n` +
      'Correct that, or set DATABASE_URL to a Postgres server.',
    { folder },
  );
}
