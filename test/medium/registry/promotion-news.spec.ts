import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDataSource } from '#platform';
import { ModelRegistry, type ManifestDraft, type PromotionNews } from '#registry';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { severable, type SeverableConnection } from '../../support/severable-connection.js';

const draft: ManifestDraft = {
  trainingWindow: { from: '2026-01-01T00:00:00.000Z', until: '2026-01-02T00:00:00.000Z' },
  counts: { sessions: 3, items: 2, clicks: 7 },
  maximumLength: 20,
  recipe: {},
  seed: 7,
  metrics: {},
};
const files = new Map([['model.onnx', Buffer.from('a model')]]);

let database: TestDatabase;
let way: SeverableConnection;
let here: ModelRegistry;
let news: PromotionNews;
let heard: number;

beforeEach(async () => {
  database = await createTestDatabase();
  way = await severable(database.url);
  here = new ModelRegistry(database.dataSource);
  heard = 0;
  // Asks for nothing but the news, so it need not be initialised.
  news = new ModelRegistry(createDataSource(way.url)).hearPromotions(() => (heard += 1));
  await listens();
  heard = 0;
});
afterEach(async () => {
  news.stop();
  await expect.poll(listeners).toBe(0);
  await way.sever();
  await database.drop();
});

const listeners = async (): Promise<number> => {
  const [row] = await database.dataSource.query<{ count: number }[]>(
    `select count(*)::int from pg_stat_activity
     where datname = current_database() and application_name = 'nextpick news' and query like 'listen %'`,
  );
  return row?.count ?? 0;
};
/** Whoever begins to listen hears first that something may have been missed. */
const listens = () => expect.poll(() => heard, { timeout: 60_000 }).toBeGreaterThan(0);

test('a promotion and a rollback are heard, once each; what changes nothing is not', async () => {
  const first = await here.saveAndPromote('shop', draft, files, 'first');
  await expect.poll(() => heard).toBe(1);
  const second = await here.save('shop', draft, files);
  await here.promote('shop', first, 'in service already');
  await here.promote('shop', second, 'second');
  await expect.poll(() => heard).toBe(2);
  await here.rollback('shop');
  await expect.poll(() => heard).toBe(3);
  await expect(here.saveAndPromote('shop', draft, files, 'Postgres takes no NUL: \0')).rejects.toThrow();
  await here.rollback('shop').catch(() => undefined);
  await here.saveAndPromote('other', draft, files, 'another store');
  await expect.poll(() => heard).toBe(4);
});

test('when the connection is lost it is made anew, and what was missed is heard of', async () => {
  await way.sever();
  await here.saveAndPromote('shop', draft, files, 'unheard');
  expect(heard).toBe(0);
  await way.mend();
  await listens();
  heard = 0;
  await database.dataSource.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'nextpick news'`,
  );
  await listens();
  heard = 0;
  await here.saveAndPromote('shop', draft, files, 'heard');
  await listens();
});
