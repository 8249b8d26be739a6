import { afterEach, beforeEach, expect, it } from 'vitest';
import { ModelRegistry } from '#registry';
import { TrainingRuns, type TrainingRun } from '#runs';
import { runTraining, type TrainingStage, type TrainStoreOptions } from '../../../apps/trainer/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { fillWithVisits } from '../../support/visits.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
  await fillWithVisits(database.dataSource, (visit) => (visit + 1) * 3_600_000, 200);
});
afterEach(() => database.drop());

const options: TrainStoreOptions = {
  recipe: { dimensions: 8, epochs: 4, targetsPerBatch: 20, candidates: 'all' },
  threads: 1,
  acceptData: true,
  promote: 'always',
  cold: true,
  checkpointSeconds: 0,
};

const train = (changes: Partial<TrainStoreOptions> = {}) =>
  runTraining(
    { dataSource: database.dataSource, store: 'default', sessionGapMs: 1_800_000, origin: 'command', keepModels: 10 },
    { ...options, ...changes },
  );

class PowerCut extends Error {}

/** Breaks a run off in a stage once so much of it is done; resolves to its record. */
async function breakOff(
  stage: TrainingStage,
  share: number,
  changes: Partial<TrainStoreOptions> = {},
): Promise<TrainingRun> {
  await expect(
    train({
      ...changes,
      onProgress: (now, progress) => {
        if (now === stage && (progress?.done ?? 0) >= share) throw new PowerCut();
      },
    }),
  ).rejects.toThrow(PowerCut);
  return newestRun();
}

async function newestRun(): Promise<TrainingRun> {
  const [run] = await new TrainingRuns(database.dataSource).list('default', 1);
  if (!run) throw new Error('there is no run');
  return run;
}

/** Stages that a run went through. */
async function finish(
  changes: Partial<TrainStoreOptions> = {},
): Promise<{ run: TrainingRun; stages: Set<TrainingStage> }> {
  const stages = new Set<TrainingStage>();
  await train({ ...changes, onProgress: (stage) => stages.add(stage) });
  return { run: await newestRun(), stages };
}

async function filesInService(): Promise<ReadonlyMap<string, Uint8Array>> {
  const registry = new ModelRegistry(database.dataSource);
  return (await registry.load('default', (await registry.inService('default')) ?? '')).files;
}

const rowsLeft = async (): Promise<number> => {
  const [row] = await database.dataSource.query<[{ count: number }]>(
    `select ((select count(*) from training_checkpoints) + (select count(*) from training_checkpoint_chunks))::int as count`,
  );
  return row.count;
};

it.each<[TrainingStage, number, readonly TrainingStage[]]>([
  ['validation', 0.6, ['reading', 'validation', 'choosing', 'judging', 'training', 'saving']],
  ['choosing', 0, ['reading', 'choosing', 'judging', 'training', 'saving']],
  ['training', 0.4, ['reading', 'training', 'saving']],
  ['saving', 0, ['reading', 'saving']],
])(
  'a run broken off in %s goes on from there, and makes the model that it would have made',
  async (stage, share, rest) => {
    await finish();
    const whole = await filesInService();
    expect(await rowsLeft()).toBe(0);
    const broken = await breakOff(stage, share);
    expect(broken.outcome).toBe('failed');
    expect(await rowsLeft()).toBeGreaterThan(0);
    const { run, stages } = await finish();
    expect(run.outcome).toBe('promoted');
    expect(run.details.resumed).toEqual({ ...(broken.details.checkpoint as object), run: broken.id });
    expect([...stages]).toEqual(rest);
    expect(await filesInService()).toEqual(whole);
    expect(await rowsLeft()).toBe(0);
  },
);

it('does not go on with other options, nor from a damaged checkpoint', async () => {
  await breakOff('validation', 0.6);
  await database.dataSource.query(
    `update training_checkpoint_chunks set bytes = set_byte(bytes, 5, get_byte(bytes, 5) # 1) where file = 'items/embeddings'`,
  );
  expect((await breakOff('validation', 0)).details.resumed).toBeNull();
  const { run } = await finish({ recipe: { ...options.recipe, epochs: 3 } });
  expect(run.details).not.toHaveProperty('resumed');
  expect(run.outcome).toBe('promoted');
});

it('goes on with the items that there are when sessions came in between', async () => {
  await breakOff('validation', 0.6);
  await database.dataSource.query(
    `update sessions set item_ids = array_replace(item_ids, item_ids[1], 'brand-new')
     where id in (select id from sessions order by id limit 3)`,
  );
  const { run } = await finish();
  expect(run.details.resumed).toMatchObject({ stage: 'validation' });
  expect(run.outcome).toBe('promoted');
});
