import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres } from '#platform';

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Whether the process runs; a dead one that its parent has not reaped does not. */
const isAlive = async (pid: number): Promise<boolean> => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('embedded Postgres', () => {
  let folder: string;
  const serverPid = async (): Promise<number> =>
    Number((await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0]);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nextpick-embedded-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('keeps its data, its port and a private password, and leaves no process behind', async () => {
    const first = await startEmbeddedPostgres(folder);
    await query(first.url, 'create table kept as select 42 as answer');
    const pid = await serverPid();
    expect((await stat(join(folder, 'postgres/password'))).mode & 0o777).toBe(0o600);
    expect(await query(first.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(first.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
    await first.stop();
    expect(await isAlive(pid)).toBe(false);

    const second = await startEmbeddedPostgres(folder);
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await second.stop();
    expect((await readdir(folder)).sort()).toEqual(['postgres']);
  });

  it('is shared by its users, who may come at once, and stops with the last of them', async () => {
    const users = await Promise.all([1, 2, 3].map(() => startEmbeddedPostgres(folder)));
    const pid = await serverPid();
    expect(new Set(users.map(({ url }) => url)).size).toBe(1);
    expect((await readdir(folder)).sort()).toEqual(['postgres']);
    const [first, ...others] = users;
    await first?.stop();
    expect(await isAlive(pid)).toBe(true);
    expect(await query(first?.url ?? '', 'select 1 as one')).toEqual([{ one: 1 }]);
    await Promise.all(others.map((user) => user.stop()));
    expect(await isAlive(pid)).toBe(false);
  });

  it('recovers from a killed server with its record left behind', async () => {
    const killed = await startEmbeddedPostgres(folder);
    await query(killed.url, 'create table kept as select 42 as answer');
    process.kill(await serverPid(), 'SIGKILL');
    const next = await startEmbeddedPostgres(folder);
    expect(await query(next.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await next.stop();
    await killed.stop();
  });

  it('leaves a server alone that another process started after its own one died', async () => {
    const first = await startEmbeddedPostgres(folder);
    process.kill(await serverPid(), 'SIGKILL');
    const second = await startEmbeddedPostgres(folder);
    await first.stop();
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const pid = await serverPid();
    await second.stop();
    expect(await isAlive(pid)).toBe(false);
  });

  it('starts although another program has the number of the server that died', async () => {
    const first = await startEmbeddedPostgres(folder);
    const record = await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8');
    await first.stop();
    await writeFile(
      join(folder, 'postgres/data/postmaster.pid'),
      [String(process.pid), ...record.split('\n').slice(1)].join('\n'),
    );
    const next = await startEmbeddedPostgres(folder);
    expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await next.stop();
  });

  it('takes over the server of a process that was killed, and stops it', async () => {
    const url = await new Promise<string>((resolve, reject) => {
      const program = `
        const { startEmbeddedPostgres } = await import('#platform');
        console.log((await startEmbeddedPostgres(${JSON.stringify(folder)})).url);
        process.kill(process.pid, 'SIGKILL');`;
      execFile(
        process.execPath,
        ['--conditions=source', '--import', './test/support/typescript.mjs', '--input-type=module', '-e', program],
        (error, stdout) => {
          if (stdout) resolve(stdout.trim());
          else reject(error ?? new Error('no output'));
        },
      );
    });
    const pid = await serverPid();
    expect(await isAlive(pid)).toBe(true);
    const next = await startEmbeddedPostgres(folder);
    expect(next.url).toBe(url);
    await next.stop();
    expect(await isAlive(pid)).toBe(false);
  });

  it('says what is wrong when it cannot start, and leaves no half-made cluster', async () => {
    await mkdir(join(folder, 'postgres/data'), { recursive: true });
    await writeFile(join(folder, 'postgres/password'), 'secret');
    if (process.getuid?.() === 0) await chmod(folder, 0o711);
    await expect(startEmbeddedPostgres(folder)).rejects.toMatchObject({
      kind: 'unavailable',
      code: expect.stringMatching(/^embedded_postgres_/) as string,
      message: expect.stringContaining(join(folder, 'postgres')) as string,
    });
  });
});
