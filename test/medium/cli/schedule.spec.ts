import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TrainingRuns } from '#runs';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { fillWithVisits } from '../../support/visits.js';

let database: TestDatabase;
let runs: TrainingRuns;
let child: ChildProcess | undefined;

beforeEach(async () => {
  database = await createTestDatabase();
  runs = new TrainingRuns(database.dataSource);
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  await database.drop();
});

/** A scheduler of its own process; resolves to what it says of the first event of that kind. */
function schedule(...words: string[]): { heard: (event: string) => Promise<Record<string, unknown>> } {
  const said: Record<string, unknown>[] = [];
  child = spawn(
    process.execPath,
    [
      '--conditions=source',
      '--import',
      './test/support/typescript.mjs',
      'apps/cli/main.ts',
      'schedule',
      '--json',
      ...words,
    ],
    { env: { ...process.env, DATABASE_URL: database.url }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (child.stdout)
    createInterface(child.stdout).on('line', (line) => said.push(JSON.parse(line) as Record<string, unknown>));
  return {
    heard: (event) =>
      vi.waitFor(
        () => {
          const found = said.find((each) => each.event === event);
          if (!found) throw new Error(`not among ${JSON.stringify(said)}`);
          return found;
        },
        { timeout: 60_000, interval: 50 },
      ),
  };
}

/** A run of long ago, so that one was missed since. */
async function runOfOld(): Promise<void> {
  const { runId } = await runs.record('default', { origin: 'schedule', options: {} }, () =>
    Promise.resolve({ outcome: 'kept', reason: 'Of old.', version: null } as const),
  );
  await database.dataSource.query(
    `update training_runs set started_at = started_at - interval '3 days' where id = $1`,
    [runId],
  );
}

const training = ['--', '--recipe', '{"epochs":1,"dimensions":8}'];

test('a run that was missed is made up for, in a process of its own; then it waits for the next', async () => {
  await fillWithVisits(database.dataSource, (visit) => (visit + 1) * 3_600_000);
  await runOfOld();
  const { heard } = schedule('--cron', '0 3 * * *', '--time-zone', 'Europe/Berlin', ...training);
  expect(await heard('missed')).toHaveProperty('due');
  expect(await heard('run')).toMatchObject({ exitCode: 0, result: { outcome: 'promoted' } });
  const [last] = await runs.list('default', 1);
  expect(last).toMatchObject({ outcome: 'promoted', origin: 'schedule' });
  child?.kill('SIGTERM');
  expect(await once(child as ChildProcess, 'close')).toEqual([0, null]);
});

test('one that is killed is told to be, and the scheduler lives on', async () => {
  await fillWithVisits(database.dataSource, (visit) => (visit + 1) * 3_600_000);
  await runOfOld();
  const { heard } = schedule('--', '--recipe', '{"epochs":10000000,"dimensions":8}');
  const pid = await vi.waitFor(
    async () => {
      const [run] = await runs.list('default', 1);
      expect(run).toMatchObject({ outcome: 'running', stage: 'training' });
      return Number(run?.process.split(' ')[0]);
    },
    { timeout: 60_000, interval: 50 },
  );
  process.kill(pid, 'SIGKILL');
  expect(await heard('run')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  expect(await runs.list('default', 1)).toMatchObject([
    {
      outcome: 'failed',
      reason: expect.stringMatching(
        /^Interrupted while training: .*killed by SIGKILL, as the system does when memory/,
      ) as string,
    },
  ]);
  expect(child?.exitCode).toBeNull();
});

test('with --no-catch-up it only says what was missed', async () => {
  await runOfOld();
  const { heard } = schedule('--no-catch-up', ...training);
  await heard('missed');
  await heard('waiting');
  expect(await runs.list('default', 10)).toHaveLength(1);
});
