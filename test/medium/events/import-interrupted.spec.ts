import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventIntake, importEvents, type ImportOptions, type ImportReport } from '#events';
import { SessionStore } from '#sessions';
import { clicksTable, digest, expectedSessions, makeClicks, STORED_SESSIONS } from '../../support/clicks.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const CLICKS = makeClicks(40_000, 7);
/** The key of the lock that stops an import in the middle of a transaction. */
const GATE = 4242;

describe('an import that is interrupted', () => {
  let database: TestDatabase;
  let folder: string;
  let path: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'nextpick-interrupted-'));
    path = join(folder, 'clicks.tsv');
    await writeFile(path, clicksTable(CLICKS));
  });
  afterEach(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const run = (options: Partial<ImportOptions> = {}): Promise<ImportReport> => {
    const intake = new EventIntake(database.dataSource, new SessionStore(database.dataSource, 30 * 60_000));
    return importEvents(database.dataSource, intake, { store: 'default', path, ...options });
  };
  const query = <Row>(text: string): Promise<Row[]> => database.dataSource.query<Row[]>(text);
  const linesDone = async (): Promise<number> =>
    Number((await query<{ lines_done: string }>('select lines_done from imports'))[0]?.lines_done ?? 0);

  /** What Postgres does in the third batch, after its events and sessions and before the commit. */
  const inThirdBatch = async (statement: string): Promise<void> => {
    await query(
      `create function interrupt() returns trigger language plpgsql as $$ begin ${statement}; return new; end $$`,
    );
    await query(`create trigger interrupt before update of lines_done on imports for each row
      when (new.lines_done > 25000) execute function interrupt()`);
  };
  const waiting = `from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`;
  const untilWaiting = (): Promise<void> =>
    vi.waitFor(
      async () => {
        expect(await query(`select pid ${waiting}`)).toHaveLength(1);
      },
      { timeout: 60_000, interval: 20 },
    );
  /** The database holds what the clicks up to here make, and nothing else. */
  const expectState = async (clicks: typeof CLICKS): Promise<void> => {
    const rows = await query<{ name: string; steps: string }>(STORED_SESSIONS);
    expect(digest(new Map(rows.map(({ name, steps }) => [name, steps])))).toBe(digest(expectedSessions(clicks)));
    expect(await query('select count(*)::int as events from events')).toEqual([{ events: clicks.length }]);
  };
  const expectToGoOn = async (): Promise<void> => {
    expect(await linesDone()).toBe(20_001);
    await expectState(CLICKS.slice(0, 20_000));
    await query('drop function interrupt cascade');
    expect(await run()).toMatchObject({ resumedAfterLine: 20_001, accepted: 20_000, duplicates: 0, rejected: 0 });
    await expectState(CLICKS);
  };

  it('by nothing at all gives the sessions of the file, and twice changes nothing', async () => {
    expect(await run()).toMatchObject({ accepted: 40_000, duplicates: 0, resumedAfterLine: 0, alreadyImported: false });
    await expectState(CLICKS);
    const before = await query('select * from sessions order by id');
    expect(await run()).toMatchObject({ accepted: 0, alreadyImported: true });
    expect(await run({ again: true })).toMatchObject({ accepted: 0, duplicates: 40_000, alreadyImported: false });
    expect(await query('select * from sessions order by id')).toEqual(before);
  });

  it('by a kill goes on where it was', async () => {
    await inThirdBatch(`perform pg_advisory_xact_lock(${GATE})`);
    const holder = database.dataSource.createQueryRunner();
    let child: ChildProcess | undefined;
    try {
      await holder.query(`select pg_advisory_lock(${GATE})`);
      child = spawn(
        process.execPath,
        [
          '--conditions=source',
          '--import',
          './test/support/typescript.mjs',
          'apps/cli/main.ts',
          'import',
          'events',
          path,
        ],
        { env: { ...process.env, DATABASE_URL: database.url }, stdio: 'inherit' },
      );
      await untilWaiting();
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
    } finally {
      child?.kill('SIGKILL');
      // The server notices a dead client only when it answers; ending the statement stands for that.
      await query(`select pg_terminate_backend(pid, 10000) ${waiting}`);
      await holder.query(`select pg_advisory_unlock(${GATE})`);
      await holder.release();
    }
    await expectToGoOn();
  });

  it('by a lost connection says so, and goes on where it was', async () => {
    await inThirdBatch(`perform pg_advisory_xact_lock(${GATE})`);
    const holder = database.dataSource.createQueryRunner();
    await holder.query(`select pg_advisory_lock(${GATE})`);
    const outcome = run().catch((error: unknown) => error);
    await untilWaiting();
    await query(`select pg_terminate_backend(pid, 10000) ${waiting}`);
    expect(await outcome).toMatchObject({
      kind: 'unavailable',
      code: 'import_interrupted',
      message: expect.stringMatching(/clicks\.tsv stopped after line 20001: .*same command goes on/) as string,
    });
    await holder.query(`select pg_advisory_unlock(${GATE})`);
    await holder.release();
    await expectToGoOn();
  });

  it('by a full disk says so, and goes on where it was', async () => {
    await inThirdBatch(
      `raise exception 'could not extend file "base/5/16384": No space left on device' using errcode = 'disk_full'`,
    );
    await expect(run()).rejects.toMatchObject({
      code: 'import_interrupted',
      message: expect.stringMatching(/stopped after line 20001: .*No space left on device/) as string,
    });
    await expectToGoOn();
  });

  it('by its signal stops between batches, and goes on where it was', async () => {
    const stop = new AbortController();
    const onProgress = (): void => {
      stop.abort(new Error('stopped'));
    };
    await expect(run({ signal: stop.signal, onProgress })).rejects.toThrow('stopped');
    const done = (await linesDone()) - 1;
    expect([10_000, 20_000, 30_000]).toContain(done);
    await expectState(CLICKS.slice(0, done));
    expect(await run()).toMatchObject({ accepted: 40_000 - done, duplicates: 0, rejected: 0 });
    await expectState(CLICKS);
  });
});
