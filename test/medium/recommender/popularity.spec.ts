import { afterAll, beforeAll, expect, test } from 'vitest';
import { EventIntake } from '#events';
import { ItemPopularityEntity, refreshPopularity } from '#recommender';
import { SessionStore } from '#sessions';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let intake: EventIntake;

beforeAll(async () => {
  database = await createTestDatabase();
  intake = new EventIntake(database.dataSource, new SessionStore(database.dataSource, 30 * 60_000));
});
afterAll(() => database.drop());

const day = 86_400_000;
const newest = Date.UTC(2016, 5, 1);
let sequence = 0;

/** One session of a new visitor. */
async function visit(store: string, daysBefore: number, ...items: string[]): Promise<void> {
  const visitorId = `visitor-${sequence++}`;
  const events = items.map((itemId, i) => ({
    store,
    eventId: `${visitorId}-${i}`,
    type: 'view' as const,
    visitorId,
    items: [{ itemId }],
    occurredAt: newest - daysBefore * day + (i - items.length + 1) * 1_000,
  }));
  await intake.write(events);
}

async function counted(store: string): Promise<Record<string, [number, number]>> {
  const rows = await database.dataSource.getRepository(ItemPopularityEntity).findBy({ store });
  return Object.fromEntries(rows.map(({ itemId, popularity, trend }) => [itemId, [popularity, trend]]));
}

test('popularity counts the sessions of four weeks, back from the newest; a session counts an item once', async () => {
  await visit('shoes', 0, 'boot', 'boot', 'lace');
  await visit('shoes', 27, 'boot');
  await visit('shoes', 29, 'sandal', 'boot');
  await visit('hats', 0, 'cap');
  expect(await refreshPopularity(database.dataSource, 'shoes')).toBe(2);
  const { boot, lace, ...others } = await counted('shoes');
  expect([boot?.[0], lace?.[0]]).toEqual([2, 1]);
  expect(others).toEqual({});
});

test('trend is what the recent sessions of an item weigh against those of the others, in deviations', async () => {
  for (let daysBefore = 0; daysBefore <= 10; daysBefore++) await visit('socks', daysBefore, 'steady');
  for (let i = 0; i < 9; i++) await visit('socks', 0.5, 'rising');
  await visit('socks', 10, 'falling');
  await refreshPopularity(database.dataSource, 'socks');
  const { steady, rising, falling } = await counted('socks');
  expect(steady).toEqual([11, 0]);
  expect(rising?.[0]).toBe(9);
  // The half-life is 12 hours, so a day is worth a quarter; the others are the 11 steady ones and the falling one.
  const days = [...Array(11).keys(), 10];
  const others = days.reduce((sum, d) => sum + 4 ** -d, 0) / days.length;
  const squares = days.reduce((sum, d) => sum + 16 ** -d, 0) / days.length;
  expect(rising?.[1]).toBeCloseTo((9 / 2 - 9 * others) / Math.sqrt(9 * squares + 1), 9);
  expect(falling).toEqual([1, 0]);
});

test('a trend fades: what came a day before is less than half of what comes now, and an hour when all is asked for more is none', async () => {
  for (let i = 0; i < 200; i++) await visit('rush', i / 10, `item-${i % 20}`);
  for (let i = 0; i < 20; i++) {
    await visit('rush', 0.1, 'today');
    await visit('rush', 1.1, 'yesterday');
    for (let n = 0; n < 3; n++) await visit('rush', 0, `item-${i}`);
  }
  await refreshPopularity(database.dataSource, 'rush');
  const { today, yesterday, ...others } = await counted('rush');
  expect(today?.[1]).toBeGreaterThan(2 * (yesterday?.[1] ?? 0));
  expect(today?.[1]).toBeGreaterThan(2);
  expect(Math.max(...Object.values(others).map(([, trend]) => trend))).toBeLessThan(2);
});

test('a refresh takes away what is no longer in a session; other stores stay', async () => {
  await visit('gloves', 0, 'old');
  await refreshPopularity(database.dataSource, 'gloves');
  await visit('gloves', -40, 'new');
  await refreshPopularity(database.dataSource, 'gloves');
  expect(Object.keys(await counted('gloves'))).toEqual(['new']);
  expect(Object.keys(await counted('socks'))).toHaveLength(3);
});

test('a store without sessions has nothing popular, and refreshes at once do not get in each other’s way', async () => {
  expect(await refreshPopularity(database.dataSource, 'empty')).toBe(0);
  const both = await Promise.all([1, 2, 3].map(() => refreshPopularity(database.dataSource, 'socks')));
  expect(both).toEqual([3, 3, 3]);
});
