import { afterEach, beforeEach, expect, it } from 'vitest';
import { EventIntake } from '#events';
import { ModelRegistry, VOCABULARY_FILE, type Manifest } from '#registry';
import { TrainingRuns } from '#runs';
import { SessionStore } from '#sessions';
import { runTraining, type TrainStoreOptions } from '../../../apps/trainer/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { fillWithVisits } from '../../support/visits.js';

const GAP_MS = 1_800_000;
let database: TestDatabase;
let registry: ModelRegistry;

beforeEach(async () => {
  database = await createTestDatabase();
  registry = new ModelRegistry(database.dataSource);
  await fillWithVisits(database.dataSource, (visit) => (visit + 2) * 600_000);
});
afterEach(() => database.drop());

/** A night; resolves to what it began from, and the model that it made. */
async function night(options: TrainStoreOptions = {}): Promise<{ start: unknown; manifest: Manifest }> {
  const { dataSource } = database;
  const place = { dataSource, store: 'default', sessionGapMs: GAP_MS, origin: 'command', keepModels: 10 } as const;
  const result = await runTraining(place, {
    recipe: { dimensions: 8, epochs: 10 },
    promote: 'always',
    acceptData: true,
    ...options,
  });
  const { details } = await new TrainingRuns(dataSource).show('default', result.runId);
  return { start: details.start, manifest: await registry.show('default', result.version ?? '') };
}

it('a night begins from the model in service, with fewer epochs, and learns the items that are new', async () => {
  const first = await night();
  expect(first.start).toEqual({ why: 'No model is in service.' });
  expect(first.manifest.recipe.epochs).toBe(10);
  const visit = ['a', 'new', 'b', 'new'].map((itemId, step) => ({
    eventId: `new-${step}`,
    type: 'view',
    visitorId: 'new',
    itemId,
    occurredAt: new Date(Date.now() - 60_000 + 1_000 * step).toISOString(),
  }));
  await new EventIntake(database.dataSource, new SessionStore(database.dataSource, GAP_MS)).accept('default', visit);
  const second = await night();
  expect(second.start).toMatchObject({ version: first.manifest.version, newItems: 1 });
  expect(second.manifest.recipe.epochs).toBeLessThan(10);
  expect(second.manifest.counts.items).toBe(first.manifest.counts.items + 1);
  // The recipe stays the one asked for, however many nights go on from each other.
  expect((await night()).manifest.recipe).toEqual(second.manifest.recipe);
});

it('a night begins from nothing when it is asked to, or when the model in service is no beginning', async () => {
  const { manifest } = await night();
  expect((await night({ cold: true })).start).toEqual({ why: 'As asked.' });
  const other = await night({ recipe: { dimensions: 6, epochs: 1 } });
  expect(other.start).toEqual({ why: expect.stringContaining('in service has another dimensions') as string });
  await registry.promote('default', manifest.version, 'test');
  await database.dataSource.query(
    `update model_files set bytes = set_byte(bytes, 0, get_byte(bytes, 0) # 1) where version = $1 and name = $2`,
    [manifest.version, VOCABULARY_FILE],
  );
  const after = await night();
  expect(after.start).toEqual({ why: expect.stringContaining(`${manifest.version} is damaged`) as string });
  expect(after.manifest.recipe.epochs).toBe(10);
});

it('a challenger does not go on from a model that knows what judges it', async () => {
  await fillWithVisits(database.dataSource, (visit) => (visit + 2) * 600_000, 200);
  const { manifest } = await night();
  const again = await night();
  expect(again.start).toEqual({ why: `Model ${manifest.version} in service has learnt from the sessions that judge.` });
  expect(again.manifest.metrics.p20).toBeCloseTo(manifest.metrics.p20 ?? NaN, 0);
});
