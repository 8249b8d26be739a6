import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CatalogStore } from '#catalog';
import { DeadLetters, EventIntake } from '#events';
import { ModelRegistry } from '#registry';
import { TrainingRuns } from '#runs';
import { SessionStore } from '#sessions';
import { VisitorPrivacy, VisitorReceipts } from '#visitors';
import { registerTrain } from '../../../apps/cli/train.js';
import { runCommandLine } from '../../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const DAY_MS = 86_400_000;
const UNTIL = Date.UTC(2026, 0, 31);
const ITEMS = ['a', 'b', 'c', 'd', 'e'];

let database: TestDatabase;
let intake: EventIntake;
let catalog: CatalogStore;
let registry: ModelRegistry;

beforeAll(async () => {
  database = await createTestDatabase();
  intake = new EventIntake(database.dataSource, new SessionStore(database.dataSource, 30 * 60_000));
  catalog = new CatalogStore(database.dataSource);
  registry = new ModelRegistry(database.dataSource);
});
afterAll(() => database.drop());

let events = 0;
/** Views of one visitor. */
const visit = (visitorId: string, at: number, items: readonly string[], stepMs = 20_000): Promise<unknown> =>
  intake.accept(
    'default',
    items.map((itemId, step) => ({
      eventId: `event-${events++}`,
      type: 'view',
      visitorId,
      itemId,
      occurredAt: new Date(at + step * stepMs).toISOString(),
    })),
  );

/** So many visits, spread over a day. */
const day = async (number: number, visits: number): Promise<void> => {
  for (let i = 0; i < visits; i++) {
    const items = [0, 1, 2].map((step) => ITEMS[(i + step) % ITEMS.length] ?? '');
    await visit(`visitor-${number}-${i}`, UNTIL - number * DAY_MS + (i / visits) * 0.9 * DAY_MS, items);
  }
};

const train = (...words: string[]): Promise<string> =>
  runCommandLine(
    database.dataSource,
    [registerTrain],
    [
      'train',
      '--json',
      '--promote',
      'always',
      '--recipe',
      '{"epochs":1,"dimensions":4}',
      '--until',
      '2026-01-31T00:00:00Z',
      ...words,
    ],
  );

test('what was learnt and what was left out stands in the manifest and in the record of the run', async () => {
  await visit('erased', UNTIL - 3 * DAY_MS, ['a', 'b', 'c']);
  const { dataSource } = database;
  await dataSource.query('create table backup as select * from sessions');
  const sessions = new SessionStore(dataSource, 30 * 60_000);
  const receipts = new VisitorReceipts(dataSource);
  await new VisitorPrivacy(dataSource, sessions, new DeadLetters(dataSource), receipts).erase('default', 'erased');
  await dataSource.query('insert into sessions select * from backup');
  // 150 steps, four a second; and 150 steps of a person, one in ten seconds.
  await visit(
    'robot',
    UNTIL - 2 * DAY_MS,
    Array.from({ length: 150 }, (_, i) => ITEMS[i % 5] ?? ''),
    250,
  );
  await visit(
    'person',
    UNTIL - 1.5 * DAY_MS,
    Array.from({ length: 150 }, (_, i) => ITEMS[i % 5] ?? ''),
    10_000,
  );
  await visit('visitor', UNTIL - 1.2 * DAY_MS, ['b', 'a']);
  await visit('later', UNTIL + DAY_MS, ['a', 'b', 'c']);

  const { version, runId } = JSON.parse(await train('--longest-session', '40', '--days', '30')) as {
    version: string;
    runId: string;
  };
  const { data, counts } = await registry.show('default', version);
  const lines = [
    [UNTIL - 1.5 * DAY_MS + 149 * 10_000, ...Array.from({ length: 40 }, (_, i) => ITEMS[(110 + i) % 5])],
    [UNTIL - 1.2 * DAY_MS + 20_000, 'b', 'a'],
  ];
  expect(data).toEqual({
    window: { from: new Date(UNTIL - 30 * DAY_MS).toISOString(), until: new Date(UNTIL).toISOString() },
    minimumSupport: 1,
    leftOut: { erasedVisitors: 1, erasedSessions: 1, automatedSessions: 1, shortenedSessions: 1 },
    sha256: createHash('sha256')
      .update(lines.map((line) => `${line.join('\t')}\n`).join(''))
      .digest('hex'),
    days: [{ day: '2026-01-29', sessions: 2, clicks: 42 }],
    catalogue: { known: 0, available: 0 },
  });
  expect(counts).toEqual({ sessions: 2, items: 5, clicks: 42 });
  const run = await new TrainingRuns(dataSource).show('default', runId);
  expect(run.details).toMatchObject({
    data: { ...counts, leftOut: { automatedSessions: 1 } },
    options: { longestSession: 40 },
  });
});

test('data that do not look right train nothing, unless a person says so; the old model stays', async () => {
  await database.dataSource.query('delete from sessions');
  for (let number = 10; number > 1; number--) await day(number, 120);
  await catalog.put(
    'default',
    ITEMS.map((itemId) => ({ itemId })),
  );
  const champion = (JSON.parse(await train()) as { version: string }).version;
  await day(1, 20);
  await expect(train()).rejects.toMatchObject({
    code: 'data_suspicious',
    message: expect.stringContaining('Visits dropped') as string,
  });
  expect(await registry.inService('default')).toBe(champion);
  const [run] = await new TrainingRuns(database.dataSource).list('default', 1);
  expect(run).toMatchObject({
    outcome: 'failed',
    stage: 'reading',
    reason: expect.stringContaining('Visits dropped') as string,
  });

  await day(1, 120);
  await catalog.put(
    'default',
    ITEMS.map((itemId) => ({ itemId, available: false })),
  );
  await expect(train()).rejects.toMatchObject({
    message: expect.stringContaining('no longer matches the events: 0% of') as string,
  });
  for (const itemId of ITEMS) await catalog.remove('default', itemId);
  await expect(train()).rejects.toMatchObject({ message: expect.stringContaining('has the items of 0% of') as string });
  expect(await registry.inService('default')).toBe(champion);
  expect(JSON.parse(await train('--accept-data'))).toMatchObject({ outcome: 'promoted' });
});
