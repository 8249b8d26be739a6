import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '#domain';
import { exists } from './exists.js';
import {
  findPostgresBinaries,
  findServerUser,
  requireReachable,
  runProgram,
  type PostgresBinaries,
  type ServerUser,
} from './postgres-binaries.js';

/** The owner of the embedded database. */
export const DATABASE_USER = 'nextpick';

/** A Postgres cluster on disk. */
export interface Cluster {
  /** Holds `data` (Postgres' own), `password` and `server.log`. */
  readonly folder: string;
  readonly data: string;
  readonly log: string;
  readonly password: string;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser | undefined;
}

/** Finds the cluster in `dataDirectory/postgres`, or makes it. */
export async function openCluster(dataDirectory: string): Promise<Cluster> {
  const binaries = await findPostgresBinaries();
  const folder = join(dataDirectory, 'postgres');
  try {
    await mkdir(dataDirectory, { recursive: true });
    const rootUser = await findServerUser();
    if (rootUser) {
      await chmod(dataDirectory, (await stat(dataDirectory)).mode | 0o011);
      await requireReachable(dataDirectory, rootUser);
      await requireReachable(dirname(binaries.initdb), rootUser);
    }
    if (!(await exists(folder))) await createCluster(folder, binaries, rootUser);
    const { uid, gid } = await stat(join(folder, 'data'));
    return {
      folder,
      data: join(folder, 'data'),
      log: join(folder, 'server.log'),
      password: await readFile(join(folder, 'password'), 'utf8'),
      binaries,
      // Root runs the server of an ordinary user as that user.
      user: rootUser && { uid, gid },
    };
  } catch (cause) {
    if (cause instanceof DomainError || !(cause instanceof Error)) throw cause;
    throw new DomainError(
      'unavailable',
      'embedded_postgres_folder',
      `The embedded database in ${folder} cannot be opened: ${cause.message}. Make the folder readable and writable ` +
        'for this user, set NEXTPICK_DATA to another folder, or set DATABASE_URL to a Postgres server.',
      { folder },
      { cause },
    );
  }
}

/** Makes the cluster beside its place and moves it there whole, so that a kill or a second process cannot spoil it. */
async function createCluster(folder: string, binaries: PostgresBinaries, user: ServerUser | undefined): Promise<void> {
  const draft = `${folder}-${randomBytes(6).toString('hex')}.new`;
  const password = join(draft, 'password');
  const log = join(draft, 'server.log');
  await mkdir(draft, { mode: 0o700 });
  try {
    await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (user) {
      await chown(password, user.uid, user.gid);
      await chown(draft, user.uid, user.gid);
    }
    const status = await runProgram(
      binaries.initdb,
      [
        `--pgdata=${join(draft, 'data')}`,
        `--username=${DATABASE_USER}`,
        `--pwfile=${password}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
      ],
      { user, folder: draft, log },
    );
    if (status !== 0) throw new Error(`initdb ended with status ${status}: ${await endOf(log)}`);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was faster.
    if (await exists(join(folder, 'data'))) return;
    throw error;
  }
}

/** The last lines of a log file. */
export async function endOf(log: string): Promise<string> {
  return (await readFile(log, 'utf8')).trim().split('\n').slice(-8).join('\n');
}
