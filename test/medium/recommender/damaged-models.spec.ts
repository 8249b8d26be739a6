import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ModelsInService } from '#recommender';
import { BLEND_FILE, MODEL_FILE, NEIGHBOURS_FILE, VOCABULARY_FILE } from '#registry';
import { evaluateStore } from '../../../apps/trainer/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { flipByte } from '../../support/flip-byte.js';
import { RingShop } from '../../support/ring-shop.js';

const fileNames = [MODEL_FILE, VOCABULARY_FILE, NEIGHBOURS_FILE, BLEND_FILE];

let database: TestDatabase;
let shop: RingShop;

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await createTestDatabase();
  shop = await RingShop.open(database.dataSource, 12);
});
beforeEach(() => database.dataSource.query('delete from model_promotions'));
afterAll(() => database.drop());

const damage = (version: string, file: string) => flipByte(database.dataSource, version, file);
const save = () => shop.registry.save('shop', shop.model.draft, shop.model.files);

/** An API process's models, for as long as `work` takes. */
async function serving(work: (models: ModelsInService) => Promise<void>): Promise<void> {
  const models = new ModelsInService(shop.registry);
  try {
    await models.onApplicationBootstrap();
    await work(models);
  } finally {
    await models.onApplicationShutdown();
  }
}

test('the artefact has just the files of which each is damaged here', () => {
  expect([...shop.model.files.keys()].toSorted()).toEqual(fileNames.toSorted());
});

test.each(fileNames)(
  'with one byte changed in %s a model is refused by all who would use it, and the old one answers',
  async (file) => {
    const [good, bad] = [await save(), await save()];
    await damage(bad, file);
    const refused = {
      code: 'artefact_corrupt',
      message: expect.stringContaining(`${bad} is damaged: ${file}`) as string,
    };
    await shop.registry.promote('shop', good, 'test');

    await expect(evaluateStore(shop, 'shop', { version: bad })).rejects.toMatchObject(refused);
    await expect(shop.registry.promote('shop', bad, 'test')).rejects.toMatchObject(refused);
    await serving(async (models) => {
      await expect(models.promote('shop', bad, 'test')).rejects.toMatchObject(refused);
      expect(models.states()).toEqual([{ store: 'shop', serving: good, problem: null }]);

      await insertPromotion(bad);
      await models.refresh();
      expect(models.states()).toMatchObject([
        { store: 'shop', serving: good, problem: expect.stringContaining(`${bad} is damaged: ${file}`) as string },
      ]);
      const { ids = [] } = (await models.current('shop')?.rank(question)) ?? {};
      expect(ids).toHaveLength(3);
    });
  },
);

test.each(fileNames)('what starts serves the newest whole model that was replaced when %s is damaged', async (file) => {
  const [first, second, third] = [await save(), await save(), await save()];
  await shop.registry.promote('shop', first, 'test');
  await shop.registry.promote('shop', second, 'test');
  await damage(second, file);
  await damage(third, file);
  await insertPromotion(third);
  await expect(shop.registry.rollback('shop')).rejects.toMatchObject({
    code: 'artefact_corrupt',
    message: expect.stringContaining(second) as string,
  });
  expect(await shop.registry.inService('shop')).toBe(third);
  await serving(async (models) => {
    expect(models.states()).toMatchObject([
      { store: 'shop', serving: first, problem: expect.stringContaining(`${third} is damaged: ${file}`) as string },
    ]);
    await damage(second, file);
    expect(await models.rollback('shop')).toBe(second);
    expect(models.states()).toEqual([{ store: 'shop', serving: second, problem: null }]);
  });
});

test('without a whole model popularity answers, and the next good model is taken', async () => {
  const version = await save();
  await damage(version, MODEL_FILE);
  await insertPromotion(version);
  await serving(async (models) => {
    expect(models.states()).toMatchObject([
      { store: 'shop', serving: null, problem: expect.stringContaining(version) as string },
    ]);
    const next = await shop.registry.saveAndPromote('shop', shop.model.draft, shop.model.files, 'test');
    await models.refresh();
    expect(models.states()).toEqual([{ store: 'shop', serving: next, problem: null }]);
  });
});

const question = { items: [1, 2], excluded: [], alwaysExcluded: new BigInt64Array(), count: 3 };

/** As if the version had been damaged between its promotion and the moment when others hear of it. */
async function insertPromotion(version: string): Promise<void> {
  await database.dataSource.query(
    `insert into model_promotions (store, version, promoted_at, reason, returns_to)
     values ('shop', $1, now(), 'test', (select max(id) from model_promotions where store = 'shop'))`,
    [version],
  );
}
