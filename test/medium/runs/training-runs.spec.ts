import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDataSource } from '#platform';
import { trainingFigures, TrainingRuns, type RunInProgress } from '#runs';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let runs: TrainingRuns;

beforeAll(async () => {
  database = await createTestDatabase();
  runs = new TrainingRuns(database.dataSource);
});
afterAll(() => database.drop());

const about = { origin: 'command', options: { seed: 7 } } as const;
const kept = { outcome: 'kept', reason: 'It was no better.', version: null } as const;

test('a run says what it does while it does it, and how it ended', async () => {
  const { runId } = await runs.record('shop', about, async (run) => {
    run.stage('reading');
    await run.note({ metrics: { p20: 1 }, data: { sessions: 3 } });
    await run.note({ metrics: { p20: 2 } });
    await vi.waitFor(async () => {
      expect(await runs.show('shop', run.id)).toMatchObject({ outcome: 'running', stage: 'reading', finishedAt: null });
    });
    return kept;
  });
  const run = await runs.show('shop', runId);
  expect(run).toMatchObject({
    ...kept,
    stage: 'reading',
    origin: 'command',
    details: { options: { seed: 7 }, metrics: { p20: 2 }, data: { sessions: 3 } },
  });
  expect(run.process).toContain(String(process.pid));
  expect(run.finishedAt?.getTime()).toBeGreaterThanOrEqual(run.startedAt.getTime());
  const usage = run.details.usage as { seconds: number; peakMemoryMb: number; stages: Record<string, number> };
  expect(usage.seconds).toBeGreaterThan(0);
  expect(usage.peakMemoryMb).toBeGreaterThan(10);
  expect(Object.keys(usage.stages)).toEqual(['reading']);
  expect(await runs.list('other', 10)).toEqual([]);
  await expect(runs.show('other', runId)).rejects.toMatchObject({ code: 'run_not_found' });
  await expect(runs.show('shop', 'no-uuid')).rejects.toMatchObject({ code: 'run_not_found' });
});

test('a store has one run at a time, over all connections; another store has its own', async () => {
  await runs.record('busy', about, async () => {
    const again = runs.record('busy', about, () => Promise.resolve(kept));
    await expect(again).rejects.toMatchObject({
      code: 'training_under_way',
      message: expect.stringContaining('since 20') as string,
    });
    await runs.record('idle', about, () => Promise.resolve(kept));
    return kept;
  });
  expect(await runs.list('busy', 10)).toHaveLength(1);
  await runs.record('busy', about, () => Promise.resolve(kept));
  expect(await runs.list('busy', 10)).toHaveLength(2);
});

test('what goes wrong is the reason in the record', async () => {
  const failure = new Error('could not extend file "base/5/16384": No space left on device');
  await expect(runs.record('full', about, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await runs.list('full', 1)).toMatchObject([{ outcome: 'failed', reason: failure.message, version: null }]);
});

test('the end is part of the transaction that stores the model', async () => {
  const promoted = { outcome: 'promoted', reason: 'It was better.', version: 'v1' } as const;
  const interrupted = new Error('the transaction failed');
  await expect(
    runs.record('shop', about, (run: RunInProgress) =>
      database.dataSource.transaction(async (manager) => {
        await run.finish(manager, promoted);
        throw interrupted;
      }),
    ),
  ).rejects.toBe(interrupted);
  expect(await runs.list('shop', 1)).toMatchObject([{ outcome: 'failed', reason: 'the transaction failed' }]);

  await expect(
    runs.record('shop', about, async (run) => {
      await database.dataSource.transaction((manager) => run.finish(manager, promoted));
      throw new Error('after the model was stored');
    }),
  ).rejects.toThrow('after');
  expect(await runs.list('shop', 1)).toMatchObject([promoted]);
});

test('a run whose process died is told to have failed, as soon as anybody looks', async () => {
  const dying = await createDataSource(database.url).initialize();
  const run = await new Promise<RunInProgress>((resolve) => {
    new TrainingRuns(dying)
      .record('dead', about, (begun) => {
        begun.stage('training');
        resolve(begun);
        return new Promise<typeof kept>(() => undefined);
      })
      .catch(() => undefined);
  });
  await vi.waitFor(async () => {
    expect(await runs.show('dead', run.id)).toMatchObject({ outcome: 'running', stage: 'training' });
  });
  // As Postgres ends the connections of a process that is gone.
  await database.dataSource.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()
       and database = (select oid from pg_database where datname = current_database())`,
  );
  run.stop();
  await vi.waitFor(async () => {
    expect(await runs.show('dead', run.id)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(
        /^Interrupted while training: its process \(\d+ on .*\) was gone, after a last sign of life at 20/,
      ) as string,
    });
  });
  await runs.record('dead', about, () => Promise.resolve(kept));
  expect((await runs.list('dead', 10)).map(({ outcome }) => outcome)).toEqual(['kept', 'failed']);
  await dying.destroy();
});

test('the figures are those of the newest runs', async () => {
  await runs.record('figures', about, async (run) => {
    await run.note({ gate: { differences: { p20: { value: 1.5 }, mrr20: { value: -0.25 } } } });
    return kept;
  });
  await expect(runs.record('figures', about, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const found = (await trainingFigures(database.dataSource)).find(({ store }) => store === 'figures');
  expect(found).toMatchObject({ lastFailed: true, modelAge: null, p20Margin: 1.5, mrr20Margin: -0.25 });
  expect(found?.lastSuccess).toBeGreaterThan(1.7e9);
});
