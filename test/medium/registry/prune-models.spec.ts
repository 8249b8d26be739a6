import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ModelFileEntity,
  ModelPromotionEntity,
  ModelRegistry,
  ModelReportEntity,
  pruneModels,
  type ManifestDraft,
} from '#registry';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let registry: ModelRegistry;

beforeAll(async () => {
  database = await createTestDatabase();
  registry = new ModelRegistry(database.dataSource);
});
afterAll(() => database.drop());

const draft: ManifestDraft = {
  trainingWindow: { from: '2026-01-01T00:00:00.000Z', until: '2026-01-02T00:00:00.000Z' },
  counts: { sessions: 3, items: 2, clicks: 7 },
  maximumLength: 20,
  recipe: {},
  seed: 7,
  metrics: {},
};
const files = new Map([['model.onnx', Buffer.from('a model')]]);
const report = { report: { good: true }, page: '<!doctype html>' };

/** Versions of a store, the oldest first; the tests need their order, which is that of the milliseconds in which they were made. */
async function versionsOf(store: string, count: number): Promise<string[]> {
  const versions: string[] = [];
  for (let i = 0; i < count; i++) {
    const version = await registry.save(store, draft, files, report);
    versions.push(version);
    await expect.poll(() => new Date().toISOString().replace(/[-:.]/g, '') > version.split('-', 1).join()).toBe(true);
  }
  return versions;
}

const kept = async (store: string): Promise<string[]> =>
  (await registry.list(store)).map(({ version }) => version).reverse();

/** Statements of others that wait for a lock. */
const waiting = async (): Promise<number> => {
  const [row] = await database.dataSource.query<{ count: number }[]>(
    `select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return row?.count ?? 0;
};

test('the newest stay, with the one in service and those that rollbacks return to; the rest is gone whole', async () => {
  const versions = await versionsOf('shoes', 12);
  const other = await registry.save('hats', draft, files, report);
  // Seven promotions: five rollbacks from the last return to 4, 3, 0, 2 and 1.
  for (const place of [5, 1, 2, 0, 3, 4, 6]) await registry.promote('shoes', versions[place] ?? '', 'test');
  const staying = versions.filter((_, place) => [0, 1, 2, 3, 4, 6, 9, 10, 11].includes(place));
  expect(await pruneModels(database.dataSource, 'shoes', 3)).toEqual([5, 7, 8].map((place) => versions[place]));
  expect(await kept('shoes')).toEqual(staying);
  for (const entity of [ModelFileEntity, ModelReportEntity]) {
    const rows = await database.dataSource.getRepository(entity).find({ where: { store: 'shoes' } });
    expect(rows.map(({ version }) => version).toSorted()).toEqual(staying);
  }
  expect(await kept('hats')).toEqual([other]);
  expect(await pruneModels(database.dataSource, 'shoes', 3)).toEqual([]);

  const returned: string[] = [];
  for (let i = 0; i < 5; i++) returned.push(await registry.rollback('shoes'));
  expect(returned).toEqual([4, 3, 0, 2, 1].map((place) => versions[place]));
  await expect(registry.rollback('shoes')).rejects.toMatchObject({
    code: 'model_pruned',
    message: expect.stringMatching(
      new RegExp(`cannot go back to model ${versions[5] ?? ''}.*KEEP_MODELS.*models list`),
    ) as string,
  });
  expect(await registry.inService('shoes')).toBe(versions[1]);
  expect(await database.dataSource.getRepository(ModelPromotionEntity).countBy({ store: 'shoes' })).toBe(12);
});

test('files that belong to no model are dropped, those of a model that is being stored are not', async () => {
  const [version = ''] = await versionsOf('coats', 1);
  const insert = `insert into model_files (store, version, name, chunk, bytes) values ('coats', $1, 'model.onnx', 0, '')`;
  await database.dataSource.query(insert, ['nobody']);
  const storing = database.dataSource.createQueryRunner();
  await storing.startTransaction();
  try {
    await storing.query(insert, ['somebody']);
    expect(await pruneModels(database.dataSource, 'coats', 1)).toEqual([]);
    await storing.commitTransaction();
  } finally {
    await storing.release();
  }
  const rows = await database.dataSource.getRepository(ModelFileEntity).find({ where: { store: 'coats' } });
  expect(rows.map((row) => row.version).toSorted()).toEqual([version, 'somebody']);
});

test('a version that is pruned while it is read is not found', async () => {
  const [old = ''] = await versionsOf('socks', 2);
  const pruning = database.dataSource.createQueryRunner();
  await pruning.startTransaction();
  let loading: Promise<unknown> | undefined;
  try {
    await pruning.query('lock table model_files in access exclusive mode');
    loading = expect(registry.load('socks', old)).rejects.toMatchObject({ code: 'model_not_found' });
    // It has found the version, and waits for its files.
    await expect.poll(waiting, { timeout: 60_000 }).toBe(1);
    await pruning.query(`delete from model_versions where store = 'socks' and version = $1`, [old]);
    await pruning.query(`delete from model_files where store = 'socks' and version = $1`, [old]);
    await pruning.commitTransaction();
  } finally {
    await pruning.release();
  }
  await loading;
});

test('pruning waits for a promotion under way, and leaves what it put in service', async () => {
  const [old = ''] = await versionsOf('gloves', 2);
  const promoting = database.dataSource.createQueryRunner();
  await promoting.startTransaction();
  let pruned: Promise<string[]> | undefined;
  try {
    await promoting.query("select pg_advisory_xact_lock(hashtextextended('model_promotions gloves', 0))");
    pruned = pruneModels(database.dataSource, 'gloves', 1);
    await expect.poll(waiting).toBe(1);
    await promoting.query(
      `insert into model_promotions (store, version, promoted_at, reason) values ('gloves', $1, now(), 'test')`,
      [old],
    );
    await promoting.commitTransaction();
  } finally {
    await promoting.release();
  }
  expect(await pruned).toEqual([]);
});
