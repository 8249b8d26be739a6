import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '#platform';

/** Runs something against an empty Postgres server of its own, which is removed afterwards with all that is in it. */
export async function withOwnDatabase<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'nextpick-bench-'));
  try {
    // Postgres refuses to run as root; the user that it then runs as must be able to enter.
    await chmod(folder, 0o711);
    const server = await startEmbeddedPostgres(folder);
    try {
      return await work(server.url);
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
