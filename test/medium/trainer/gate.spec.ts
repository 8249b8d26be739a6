import { afterAll, beforeAll, expect, test } from 'vitest';
import { CatalogStore } from '#catalog';
import { EventIntake } from '#events';
import { ModelRegistry } from '#registry';
import { TrainingRuns } from '#runs';
import { SessionStore } from '#sessions';
import { simulateShop } from '#simulator';
import { runTraining, type TrainingRunResult, type TrainStoreOptions } from '../../../apps/trainer/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const DAY_MS = 86_400_000;
const GAP_MS = 30 * 60_000;
const UNTIL = Date.UTC(2026, 0, 31);

let database: TestDatabase;
let registry: ModelRegistry;
let runs: TrainingRuns;
let first: TrainingRunResult;

const recipe = {
  dimensions: 32,
  epochs: 5,
  candidates: 'all',
  inputDropout: 0.1,
  readoutDropout: 0.1,
  learningRate: 0.012,
} as const;
const train = (options: TrainStoreOptions): Promise<TrainingRunResult> =>
  runTraining(
    { dataSource: database.dataSource, store: 'shop', sessionGapMs: GAP_MS, origin: 'command', keepModels: 10 },
    { recipe, ...options },
  );
const inService = (): Promise<string | null> => registry.inService('shop');

beforeAll(async () => {
  database = await createTestDatabase();
  registry = new ModelRegistry(database.dataSource);
  runs = new TrainingRuns(database.dataSource);
  const shop = simulateShop({ seed: 5, items: 600, views: 12_000, days: 12, until: UNTIL });
  await new CatalogStore(database.dataSource).put('shop', shop.items);
  const intake = new EventIntake(database.dataSource, new SessionStore(database.dataSource, GAP_MS));
  const events = [...shop.events()];
  for (let start = 0; start < events.length; start += 5_000)
    await intake.accept('shop', events.slice(start, start + 5_000));
  // A model of two days, which one of eleven is to beat.
  first = await train({ until: UNTIL - 10 * DAY_MS });
});
afterAll(() => database.drop());

test('a first model has the baselines to beat', async () => {
  expect(first).toMatchObject({ outcome: 'promoted', gate: { champion: null, passed: true } });
  expect(Object.keys(first.gate?.baselines ?? {}).sort()).toEqual([
    'item-kNN',
    'markov',
    'popular',
    'recently popular',
  ]);
  expect(await inService()).toBe(first.version);
});

test('a better one replaces it, and says on which day nobody had seen it was better', async () => {
  const { outcome, version, gate, runId, counts } = await train({ until: UNTIL - 2 * DAY_MS });
  expect(outcome).toBe('promoted');
  expect(await inService()).toBe(version);
  expect(gate?.champion?.version).toBe(first.version);
  expect(gate?.differences?.p20.low).toBeGreaterThan(0);
  expect(Date.parse(gate?.judged.from ?? '')).toBeGreaterThanOrEqual(UNTIL - 3 * DAY_MS - GAP_MS);
  // It was trained once more, with that day.
  const manifest = await registry.show('shop', version ?? '');
  expect(manifest.gate).toEqual(gate);
  expect(Date.parse(manifest.trainingWindow.until)).toBeGreaterThanOrEqual(Date.parse(gate?.judged.until ?? ''));
  expect(await runs.show('shop', runId)).toMatchObject({
    outcome: 'promoted',
    version,
    reason: gate?.why,
    details: { gate: { passed: true }, metrics: { p20: gate?.challenger.p20 }, recipe: { epochs: 5 } },
  });
  expect(counts.sessions).toBe(manifest.counts.sessions);
});

test('one that learnt from a few hours stays out, unless a person wants it', async () => {
  const champion = await inService();
  const hours: TrainStoreOptions = { from: UNTIL - 1.3 * DAY_MS, until: UNTIL };
  const models = (await registry.list('shop')).length;
  const kept = await train(hours);
  expect(kept).toMatchObject({ outcome: 'kept', version: null, gate: { passed: false, override: null } });
  expect(kept.reason).toMatch(/worse than the champion's/);
  expect(await inService()).toBe(champion);
  expect(await registry.list('shop')).toHaveLength(models);
  expect(await runs.show('shop', kept.runId)).toMatchObject({ outcome: 'kept', reason: kept.reason, version: null });

  const stored = await train({ ...hours, promote: 'never' });
  expect(stored).toMatchObject({ outcome: 'kept', gate: { passed: false, override: 'never' } });
  expect(await inService()).toBe(champion);
  expect(await registry.show('shop', stored.version ?? '')).toMatchObject({ gate: { override: 'never' } });

  const forced = await train({ ...hours, promote: 'always' });
  expect(forced).toMatchObject({ outcome: 'promoted', gate: { passed: false, override: 'always' } });
  expect(forced.reason).toMatch(/^By hand: promoted whatever the gate says\./);
  expect(await inService()).toBe(forced.version);
});

test('nothing new: nothing is trained', async () => {
  const champion = await inService();
  const { outcome, reason, gate } = await train({ until: UNTIL });
  expect({ outcome, gate }).toEqual({ outcome: 'kept', gate: null });
  expect(reason).toContain(`model ${champion ?? ''} in service has learnt`);
});

test('a damaged champion is no reason to go without a model', async () => {
  const { version } = await train({ until: UNTIL - 4 * DAY_MS, promote: 'always' });
  await database.dataSource.query(
    `update model_files set bytes = set_byte(bytes, 100, get_byte(bytes, 100) # 1) where version = $1 and name = 'model.onnx' and chunk = 0`,
    [version],
  );
  const next = await train({ until: UNTIL });
  expect(next).toMatchObject({ outcome: 'promoted', gate: { champion: null } });
  expect(next.reason).toMatch(/The champion could not be judged: Model .* is damaged/);
  expect(await inService()).toBe(next.version);
});
