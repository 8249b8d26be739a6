import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDataset, splitByTime } from '#dataset';
import { predictionCases, Tally } from '#evaluation';
import { EventIntake } from '#events';
import { decodeVocabulary, ModelRegistry, VOCABULARY_FILE } from '#registry';
import { SessionStore } from '#sessions';
import { simulateShop } from '#simulator';
import { trainStore, type TrainingPorts, type TrainStoreOptions } from '../../../apps/trainer/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let ports: TrainingPorts & { sessions: SessionStore; registry: ModelRegistry };
let intake: EventIntake;

beforeAll(async () => {
  database = await createTestDatabase();
  const sessions = new SessionStore(database.dataSource, 30 * 60_000);
  ports = { sessions, registry: new ModelRegistry(database.dataSource) };
  intake = new EventIntake(database.dataSource, sessions);
});
afterAll(() => database.drop());

const until = Date.UTC(2026, 0, 31);
const validationShare = 0.1;
const quick: TrainStoreOptions = {
  recipe: { dimensions: 48, epochs: 6, candidates: 'all', inputDropout: 0.1, readoutDropout: 0.1, learningRate: 0.012 },
};

/** Views of one visitor, a minute apart. */
const visit = (visitorId: string, minute: number, ...items: string[]): unknown[] =>
  items.map((itemId, step) => ({
    eventId: `${visitorId}-${minute}-${step}`,
    type: 'view',
    visitorId,
    itemId,
    occurredAt: new Date(until + (minute + step) * 60_000).toISOString(),
  }));

/** P@20 of the items that most often came next after the last one, on the newest sessions, by what the others did. */
async function countingPrecision(store: string): Promise<number> {
  const { sessions } = await buildDataset(ports.sessions.streamForTraining(store));
  const { older, newest } = splitByTime(sessions, validationShare);
  const lists = ({ items, offsets, endedAt }: typeof older): Int32Array[] =>
    Array.from(endedAt, (_, session) => items.subarray(offsets[session], offsets[session + 1]));
  const followers = new Map<number, Map<number, number>>();
  for (const { prefix, target } of predictionCases(lists(older))) {
    const last = prefix.at(-1) ?? 0;
    const counts = followers.get(last) ?? new Map<number, number>();
    followers.set(last, counts.set(target, (counts.get(target) ?? 0) + 1));
  }
  const known = new Set(older.items);
  const tally = new Tally(20);
  for (const { prefix, target } of predictionCases(lists(newest), (item) => known.has(item))) {
    const counts = [...(followers.get(prefix.at(-1) ?? 0) ?? [])].sort(([, a], [, b]) => b - a);
    tally.add(
      counts.map(([item]) => item),
      target,
    );
  }
  return 100 * tally.metrics().precision;
}

test('trains on the sessions of a shop, beats counting, and puts a model in service that says what it is', async () => {
  const shop = simulateShop({ seed: 3, items: 800, views: 14_000, days: 14, until });
  const events = [...shop.events()];
  for (let start = 0; start < events.length; start += 5_000) {
    await intake.accept('shop', events.slice(start, start + 5_000));
  }
  const stages = new Set<string>();
  const result = await trainStore(ports, 'shop', {
    ...quick,
    validationShare,
    onProgress: (stage) => stages.add(stage),
  });
  expect([...stages]).toEqual(['reading', 'validation', 'training', 'saving']);
  expect(await ports.registry.inService('shop')).toBe(result.version);
  const { manifest, files } = await ports.registry.load('shop', result.version);
  expect(manifest.counts).toEqual(result.counts);
  expect(manifest.metrics).toEqual(result.metrics);
  expect(manifest.recipe).toMatchObject({ dimensions: 48, epochs: 6, minimumSupport: 1 });
  expect(decodeVocabulary(files.get(VOCABULARY_FILE) ?? new Uint8Array())).toHaveLength(result.counts.items);
  expect(Date.parse(manifest.trainingWindow.until)).toBeLessThan(until);
  expect(result.metrics.p20).toBeGreaterThan(await countingPrecision('shop'));
});

test('what a minimum support and a window leave out, the model does not know', async () => {
  await intake.accept('window', [
    ...visit('old', 0, 'a', 'b', 'a', 'b'),
    ...visit('one', 100, 'b', 'c', 'b', 'rare'),
    ...visit('two', 200, 'c', 'b', 'c'),
  ]);
  const { counts, version } = await trainStore(ports, 'window', {
    recipe: { epochs: 1, dimensions: 4 },
    from: until + 50 * 60_000,
    minimumSupport: 2,
  });
  expect(counts).toEqual({ sessions: 2, items: 2, clicks: 6 });
  const { files } = await ports.registry.load('window', version);
  expect(decodeVocabulary(files.get(VOCABULARY_FILE) ?? new Uint8Array()).sort()).toEqual(['b', 'c']);
});

test.each([
  ['no events', [], /no session with two items or more/],
  ['one session', visit('v', 0, 'a', 'b', 'c'), /only one session with two items or more/],
  ['sessions of one item each', [...visit('v', 0, 'a'), ...visit('w', 0, 'b')], /no session with two items or more/],
  ['one item', [...visit('v', 0, 'a', 'a'), ...visit('w', 0, 'a', 'a')], /sessions with one item only/],
])('%s: a clear message, and no model', async (what, events, message) => {
  await intake.accept(what, events);
  await expect(trainStore(ports, what)).rejects.toThrow(message);
  expect(await ports.registry.list(what)).toEqual([]);
  expect(await ports.registry.inService(what)).toBeNull();
});

test.each<[string, TrainStoreOptions, RegExp]>([
  [
    'a loss that is no number',
    { recipe: { epochs: 3, learningRate: 1e38, temperature: 1e38 } },
    /no longer a finite number/,
  ],
  ['a recipe that cannot be', { recipe: { dimensions: 0 } }, /recipe: dimensions must be/],
  ['a wish to stop', { signal: AbortSignal.abort(new Error('stopped by a test')) }, /stopped by a test/],
])('%s leaves the model in service that was', async (what, options, message) => {
  await intake.accept(what, [...visit('v', 0, 'a', 'b', 'c'), ...visit('w', 0, 'b', 'c', 'a')]);
  const { version } = await trainStore(ports, what, { recipe: { epochs: 1, dimensions: 4 } });
  await expect(trainStore(ports, what, options)).rejects.toThrow(message);
  expect((await ports.registry.list(what)).map((model) => model.version)).toEqual([version]);
  expect(await ports.registry.inService(what)).toBe(version);
});
