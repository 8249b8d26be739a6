import { afterAll, beforeAll, expect, test } from 'vitest';
import { CatalogStore } from '#catalog';
import { EventIntake } from '#events';
import { ModelRegistry } from '#registry';
import { SessionStore } from '#sessions';
import { simulateShop, type SimulatedEvent, type SimulatedShop } from '#simulator';
import { trainStore, type TrainingPorts, type TrainStoreResult } from '../../../apps/trainer/index.js';
import { garbageOf } from '../../load/nightly/garbage.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const DAY_MS = 86_400_000;
/** Midnight: the shop that was ends, and something else begins. */
const TURN = Date.UTC(2026, 0, 20);
/** A day. */
const VISITS = 180;
const VIEWS_PER_VISIT = 5.5;

let database: TestDatabase;
let ports: TrainingPorts & { sessions: SessionStore; catalog: CatalogStore; registry: ModelRegistry };
let intake: EventIntake;

const recipe = { dimensions: 32, epochs: 5, candidates: 'all', learningRate: 0.012 } as const;
/** A person has looked at the data and lets them be learnt from; whether a model comes of it the gate alone says. */
const train = (store: string, daysAfter: number): Promise<TrainStoreResult> =>
  trainStore(ports, store, { recipe, until: TURN + daysAfter * DAY_MS, acceptData: true, cold: true });

const shop = (seed: number, days: number, until: number): SimulatedShop =>
  simulateShop({ seed, items: 400, views: VISITS * VIEWS_PER_VISIT * days, days, until });
const before = shop(5, 10, TURN + 2 * DAY_MS);
const after = shop(6, 9, TURN + 9 * DAY_MS);

async function take(store: string, events: readonly SimulatedEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += 5_000)
    await intake.accept(store, events.slice(start, start + 5_000));
}

/** A shop with eight days and its first model. */
async function open(store: string): Promise<string> {
  await ports.catalog.put(store, before.items);
  await take(
    store,
    [...before.events()].filter(({ occurredAt }) => Date.parse(occurredAt) < TURN),
  );
  return (await train(store, 0)).version ?? '';
}

/** Another shop's visits, to items of its own. */
const renewed = (): SimulatedEvent[] =>
  [...after.events()]
    .filter(({ type }) => type === 'view')
    .map(({ eventId, type, visitorId, itemId = '', occurredAt }) => ({
      eventId: `new-${eventId}`,
      type,
      visitorId: `new-${visitorId}`,
      itemId: `new-${itemId}`,
      occurredAt,
    }));

let first: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const sessions = new SessionStore(database.dataSource, 30 * 60_000);
  const catalog = new CatalogStore(database.dataSource);
  ports = { sessions, catalog, registry: new ModelRegistry(database.dataSource) };
  intake = new EventIntake(database.dataSource, sessions);
  first = await open('renewed');
  await take('renewed', renewed());
});
afterAll(() => database.drop());

test('clicks on other items than before are the new shop once they have gone on for a week', async () => {
  const { outcome, reason } = await train('renewed', 3);
  expect(outcome).toBe('kept');
  expect(reason).toMatch(/^the newest day is unlike the days before: the champion finds 0\.0%/);
  expect(await train('renewed', 9)).toMatchObject({
    outcome: 'promoted',
    gate: { champion: { version: first, p20: 0 } },
  });
});

test('and at once where the catalogue has these items', async () => {
  await ports.registry.promote('renewed', first, 'a test');
  await ports.catalog.put(
    'renewed',
    after.items.map((item) => ({ ...item, itemId: `new-${item.itemId}` })),
  );
  expect(await train('renewed', 3)).toMatchObject({
    outcome: 'promoted',
    gate: { champion: { version: first, p20: 0 } },
  });
});

test('garbage promotes nothing on its second day either, when a model has learnt it', async () => {
  const version = await open('spoilt');
  await take(
    'spoilt',
    [...before.events()].filter(({ occurredAt }) => Date.parse(occurredAt) >= TURN),
  );
  for (const day of [0, 1]) {
    const from = TURN + day * DAY_MS;
    const spoilt = { from, until: from + DAY_MS, items: before.items, events: [] };
    await take('spoilt', garbageOf(spoilt, 2 * VISITS, day).events);
  }
  const { outcome, reason, gate } = await train('spoilt', 2);
  expect(gate?.differences?.p20.low).toBeGreaterThan(10);
  expect(outcome).toBe('kept');
  expect(reason).toMatch(/unlike the days before/);
  expect(await ports.registry.inService('spoilt')).toBe(version);
});
