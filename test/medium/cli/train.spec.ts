import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelRegistry } from '#registry';
import { registerTrain } from '../../../apps/cli/train.js';
import { runCommandLine } from '../../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { fillWithVisits } from '../../support/visits.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await fillWithVisits(database.dataSource, (visit) => (visit + 0.5) * 86_400_000, 200);
});
afterAll(() => database.drop());

const nextpick = (...words: string[]): Promise<string> => runCommandLine(database.dataSource, [registerTrain], words);

const small = ['--recipe', '{"epochs":2,"dimensions":8}'];

test('a person is told which model is in service, and how good the recipe is', async () => {
  const registry = new ModelRegistry(database.dataSource);
  const text = await nextpick('train', '--promote', 'always', '--budget', '10m', ...small);
  expect(text).toMatch(/The recipe that the search chose: \{"dimensions":\d+,.*"epochs":\d+/);
  const version = (await registry.inService('default')) ?? '';
  expect(text).toContain(`Model ${version} is in service for store default: 800 clicks in 200 sessions with 4 items`);
  // With 4 items every target is among 20.
  expect(text).toMatch(/found 100\.0% of their next items among 20 \(MRR \d+\.\d%\)/);
  expect((await registry.report('default', version)).report).toMatchObject({ store: 'default' });
});

test('a machine gets one object; popularity is counted too', async () => {
  const result = JSON.parse(
    await nextpick('train', '--promote', 'always', '--json', '--days', '10', ...small),
  ) as Record<string, unknown>;
  expect(result).toMatchObject({ outcome: 'promoted', items: 4, sessions: 10, clicks: 40 });
  // Of 10 sessions none is held out.
  expect(result).not.toHaveProperty('p20');
  expect(result.version).toBe(await new ModelRegistry(database.dataSource).inService('default'));
  for (const figure of ['loss', 'trainSeconds', 'artefactMb', 'peakMemoryMb'])
    expect(result[figure]).toBeGreaterThan(0);
  const [row] = await database.dataSource.query<{ items: string }[]>('select count(*) as items from item_popularity');
  expect(row?.items).toBe('4');
});

test.each([
  [['--recipe', 'epochs=3'], /--recipe must be JSON/],
  [['--recipe', '[1]'], /--recipe must be a JSON object/],
  [['--recipe', '{"epoch":3}'], /--recipe has no field "epoch"; the fields are dimensions, /],
  [['--recipe', '{"epochs":"3"}'], /epochs must be like \d+/],
  [['--recipe', '{"epochs":0}'], /epochs must be a whole number from 1/],
  [
    ['--budget', 'soon'],
    /--budget must be a number above 0 with s, m, h or d behind it, such as 30m or 7d, not "soon"/,
  ],
  [['--budget', '0m'], /--budget must be a number above 0/],
  [['--budget', '30'], /--budget must be a number above 0/],
  [['--days', 'ten'], /--days must be a whole number from 1, not "ten"/],
  [['--store', 'nobody'], /Store nobody has no session with two items or more/],
])('train %j says what would be right', async (words, message) => {
  await expect(nextpick('train', ...words)).rejects.toThrow(message);
});
