import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL_FILE, ModelRegistry } from '#registry';
import { runKills, type FinishedKills } from '../../kills/kill-run.js';
import { stateFaults } from '../../kills/state-faults.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { flipByte } from '../../support/flip-byte.js';

/** While training the model for service, then, going on from there, while reading, and then while promoting. */
const SEED = 20_260_121;
const KILLS = 3;

describe('the training job, while it is killed again and again', () => {
  let database: TestDatabase;
  let temporaryFolder: string;
  let run: FinishedKills;

  beforeAll(async () => {
    database = await createTestDatabase();
    temporaryFolder = await mkdtemp(join(tmpdir(), 'nextpick-kills-'));
    run = await runKills({
      seed: SEED,
      kills: KILLS,
      epochs: 20,
      checkpointEverySeconds: 0.5,
      databaseUrl: database.url,
      commandLine: fileURLToPath(new URL('../../../dist/apps/cli/main.js', import.meta.url)),
      temporaryFolder,
      report: () => undefined,
    });
  });
  afterAll(async () => {
    await database.drop();
    await rm(temporaryFolder, { recursive: true });
  });

  const faults = (): Promise<string[]> => stateFaults(database.dataSource, run.history, temporaryFolder);

  it('answers all the time, goes on from its checkpoints, and leaves nothing behind', async () => {
    expect(run.faults).toEqual([]);
    expect(await faults()).toEqual([]);
    const { summary } = run;
    expect(summary).toMatchObject({ failedRequests: 0 });
    expect(summary.kills).toBeGreaterThanOrEqual(KILLS);
    expect(Object.values(summary.killsByStage).filter((kills) => kills > 0).length).toBeGreaterThanOrEqual(KILLS);
    expect(summary.requests).toBeGreaterThan(20);
    expect(summary.resumed).toBeGreaterThan(0);
  });

  it('would have noticed what is left, what is damaged, what began too far back, and a record that tells nothing', async () => {
    const { dataSource } = database;
    const inService = (await new ModelRegistry(dataSource).inService('default')) ?? '';
    await flipByte(dataSource, inService, MODEL_FILE);
    await writeFile(join(temporaryFolder, 'model.onnx'), 'left');
    for (const change of [
      `insert into model_files (store, version, name, chunk, bytes) values ('default', 'gone', 'model.onnx', 0, 'left')`,
      `insert into training_checkpoints values ('default', 'left', now(), gen_random_uuid(), '{}', '{}')`,
      `insert into training_checkpoint_chunks (store, name, file, chunk, bytes) values ('default', 'left', 'network', 0, 'left')`,
      `update training_runs set details = jsonb_set(details, '{resumed,share}', '0.001')
         where id = (select id from training_runs where details ? 'resumed' limit 1)`,
      `update training_runs set reason = 'Nobody knows.'
         where id = (select id from training_runs where outcome = 'failed' limit 1)`,
      `delete from model_promotions where version = '${inService}'`,
    ]) {
      await dataSource.query(change);
    }
    const found = await faults();
    for (const fault of [
      /^1 pieces of files belong to no model$/,
      /^1 checkpoints are left$/,
      /^1 pieces of checkpoints are left$/,
      new RegExp(`^Model ${inService} is damaged: ${MODEL_FILE} `),
      /^the promoted models are .*, but the runs say /,
      /^run \S+ went on from 0\.001 of \S+ by run \S+, but must from \S+ of \S+ by run /,
      /^the record of run \S+ says failed \(Nobody knows\.\), but it was killed when it said running$/,
      /^files are left in the folder for temporary files: model\.onnx$/,
    ]) {
      expect(found).toContainEqual(expect.stringMatching(fault));
    }
    expect(found).toHaveLength(8);
  });
});
