import { afterAll, beforeAll, expect, test } from 'vitest';
import { AnswerLedger, PlacementMetrics, PlacementRequestsEntity, ServingContextEntity } from '#attribution';
import { createDataSource } from '#platform';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const home = { placement: 'home', model: 'm-1' };
const midnight = Date.UTC(2026, 0, 31);

const counted = async (store: string): Promise<{ day: string; requests: string; items: string }[]> =>
  database.dataSource.getRepository(PlacementRequestsEntity).find({
    where: { store },
    select: { day: true, requests: true, items: true },
    order: { day: 'ASC', requests: 'ASC' },
  });

test('answers are counted by store, context and day of UTC, and asking for an id does not touch the database', async () => {
  const ledger = new AnswerLedger(database.dataSource);
  const ids = [
    ledger.issue('shoes', { ...home, items: 20 }, midnight - 1),
    ledger.issue('shoes', { ...home, items: 20 }, midnight),
    ledger.issue('shoes', { ...home, items: 5 }, midnight + 86_399_999),
    ledger.issue('hats', { placement: null, model: null, items: 0 }, midnight),
  ];
  expect(new Set(ids).size).toBe(4);
  expect(await counted('shoes')).toEqual([]);
  await ledger.flush();
  expect(await counted('shoes')).toEqual([
    { day: '2026-01-30', requests: '1', items: '20' },
    { day: '2026-01-31', requests: '2', items: '25' },
  ]);
  expect(await counted('hats')).toEqual([{ day: '2026-01-31', requests: '1', items: '0' }]);
  const contexts = await database.dataSource.getRepository(ServingContextEntity).find({ order: { store: 'ASC' } });
  expect(contexts).toEqual([
    { store: 'hats', id: ids[3]?.slice(-10), placement: null, model: null },
    { store: 'shoes', id: ids[0]?.slice(-10), ...home },
  ]);
});

test('an answer is counted within seconds by itself, and what came after the last flush at shutdown', async () => {
  const ledger = new AnswerLedger(database.dataSource);
  ledger.issue('bags', { ...home, items: 1 }, midnight);
  await expect.poll(() => counted('bags'), { timeout: 30_000 }).toMatchObject([{ requests: '1' }]);
  ledger.issue('bags', { ...home, items: 1 }, midnight);
  await ledger.onApplicationShutdown();
  expect(await counted('bags')).toMatchObject([{ requests: '2', items: '2' }]);
});

test('two processes add up, whatever order they have their contexts in', async () => {
  const other = await createDataSource(database.url).initialize();
  const ledgers = [new AnswerLedger(database.dataSource), new AnswerLedger(other)];
  const models = Array.from({ length: 30 }, (_, i) => `m-${i}`);
  for (let round = 0; round < 10; round += 1) {
    for (const [at, ledger] of ledgers.entries()) {
      for (const model of at === 0 ? models : models.toReversed()) {
        ledger.issue('socks', { placement: 'home', model, items: 2 }, midnight);
      }
    }
    await Promise.all(ledgers.map((ledger) => ledger.flush()));
  }
  await other.destroy();
  const rows = await counted('socks');
  expect(rows).toHaveLength(30);
  expect(new Set(rows.map(({ requests, items }) => `${requests} ${items}`))).toEqual(new Set(['20 40']));
});

test('a database that is away fails no answer, and counts are kept until it is back', async () => {
  const away = createDataSource(database.url);
  const ledger = new AnswerLedger(away);
  expect(ledger.issue('ties', { ...home, items: 3 }, midnight)).toMatch(/^[0-9a-f-]{36}$/);
  await expect(ledger.flush()).resolves.toBeUndefined();
  ledger.issue('ties', { ...home, items: 4 }, midnight);
  expect(await counted('ties')).toEqual([]);
  await away.initialize();
  await ledger.onApplicationShutdown();
  await away.destroy();
  expect(await counted('ties')).toEqual([{ day: '2026-01-31', requests: '2', items: '7' }]);
});

test('an answer without any event is in the figures', async () => {
  const ledger = new AnswerLedger(database.dataSource);
  ledger.issue('gloves', { ...home, items: 20 }, midnight);
  await ledger.flush();
  const question = { from: '2026-01-31', until: '2026-01-31' };
  expect(await new PlacementMetrics(database.dataSource).of('gloves', question)).toEqual({
    ...question,
    figures: [
      {
        ...home,
        day: '2026-01-31',
        requests: 1,
        items: 20,
        impressions: 0,
        clicks: 0,
        carts: 0,
        purchases: 0,
        revenue: [],
        clickThroughRate: null,
      },
    ],
  });
});
