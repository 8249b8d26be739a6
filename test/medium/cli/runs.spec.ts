import { afterAll, beforeAll, expect, test } from 'vitest';
import { TrainingRuns } from '#runs';
import { registerRuns } from '../../../apps/cli/runs.js';
import { registerSchedule } from '../../../apps/cli/schedule.js';
import { runCommandLine } from '../../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const nextpick = (...words: string[]): Promise<string> =>
  runCommandLine(database.dataSource, [registerRuns, registerSchedule], words);

test('runs are listed and shown', async () => {
  expect(await nextpick('runs', 'list')).toBe('Store default has no runs. To train a model: train');
  const { runId } = await new TrainingRuns(database.dataSource).record(
    'default',
    { origin: 'schedule', options: { seed: 3 } },
    () => Promise.resolve({ outcome: 'kept', reason: 'It was no better.', version: null } as const),
  );
  const [header, row] = (await nextpick('runs', 'list')).split('\n');
  expect(header).toMatch(/^id +started +minutes +outcome +model +why$/);
  expect(row).toMatch(new RegExp(`^${runId} .* 0\\.0 +kept +- +It was no better\\.$`));
  expect(JSON.parse(await nextpick('runs', 'list', '--json'))).toMatchObject({ runs: [{ id: runId }] });
  expect(JSON.parse(await nextpick('runs', 'show', runId))).toMatchObject({
    origin: 'schedule',
    details: { options: { seed: 3 } },
  });
  await expect(nextpick('runs', 'show', 'none')).rejects.toThrow(/no training run none.*runs list/);
});

test.each([
  [['--cron', 'nightly'], /--cron "nightly" with --time-zone "UTC" names no time: .*Right is such as/],
  [['--time-zone', 'Europe/Atlantis'], /--time-zone "Europe\/Atlantis" names no time/],
  [['--', '--epochs', '3'], /options for `train` behind -- are wrong: .*--epochs/],
])('schedule %j says what would be right before the first night', async (words, message) => {
  await expect(nextpick('schedule', ...words)).rejects.toThrow(message);
});
