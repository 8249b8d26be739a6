import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CatalogStore } from '#catalog';
import type { StrategyName } from '#domain';
import { parseFilter } from '#filters';
import { loadConfiguration, PlatformModule } from '#platform';
import {
  Assortment,
  ModelsInService,
  RecommenderModule,
  refreshPopularity,
  refreshRelations,
  Strategies,
  type Candidate,
  type Wish,
} from '#recommender';
import { ModelRegistry } from '#registry';
import { applicationOptions } from '../../../apps/application-options.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { adds, buys, ShopHistory } from '../../support/shop-history.js';
import { trainRingModel } from '../../support/tiny-model.js';

@Module({})
class TestModule {}

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.now();

let database: TestDatabase;
let app: INestApplicationContext;
let shop: ShopHistory;
let catalog: CatalogStore;

beforeAll(async () => {
  database = await createTestDatabase();
  const configuration = loadConfiguration({ DATABASE_URL: database.url, LOG_LEVEL: 'fatal' });
  app = await NestFactory.createApplicationContext(
    { module: TestModule, imports: [PlatformModule.forRoot(configuration), RecommenderModule] },
    applicationOptions(configuration),
  );
  shop = new ShopHistory(database.dataSource);
  catalog = new CatalogStore(database.dataSource);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

interface Wanted extends Partial<Pick<Wish, 'session' | 'visitorId' | 'count'>> {
  readonly exclude?: readonly string[];
  readonly filter?: object;
}

/** What a strategy offers; 20 items for nobody in particular, unless something else is wanted. */
async function offered(name: StrategyName, store: string, wanted: Wanted = {}): Promise<readonly Candidate[]> {
  const { session = [], visitorId = null, count = 20, exclude = [], filter } = wanted;
  const assortment = app.get(Assortment);
  const sieve = { filters: filter ? [parseFilter(filter, 'filter')] : [], hidden: [], weights: [] };
  const [segment] = await assortment.sorted(store, sieve, session.at(-1));
  if (!segment) return [];
  return app
    .get(Strategies)
    .named(name)
    .candidates({
      store,
      session,
      visitorId,
      count,
      excluded: new Set(exclude),
      unavailable: await assortment.offSale(store),
      selection: segment.selection,
    });
}

const items = async (name: StrategyName, store: string, wanted?: Wanted): Promise<string[]> =>
  (await offered(name, store, wanted)).map(({ itemId }) => itemId);

async function refresh(store: string): Promise<void> {
  await refreshPopularity(database.dataSource, store);
  await refreshRelations(database.dataSource, store);
  app.get(Strategies).catalogueChanged(store);
}

const descending = (offer: readonly Candidate[]): boolean =>
  offer.every(({ score }, place) => score <= (offer[place - 1]?.score ?? Infinity));

/** A shop in which tents are looked at with tents and bought with pegs; everybody looks at the lamp. */
async function fillCamp(store: string): Promise<void> {
  await catalog.put(
    store,
    ['dome', 'tunnel', 'yurt', 'pegs', 'mat', 'lamp', 'rope', 'stove'].map((itemId) => ({
      itemId,
      categories: ['dome', 'tunnel', 'yurt'].includes(itemId) ? ['Tents'] : ['Things'],
      available: itemId !== 'stove',
    })),
  );
  for (let i = 0; i < 4; i++) {
    await shop.visitOfStranger(store, now - i * day, 'dome', 'tunnel', 'lamp');
    await shop.visitOfStranger(store, now - i * day, 'tunnel', 'dome');
    await shop.visitOfStranger(store, now - i * day, 'dome', buys('dome', 'pegs'));
    await shop.visitOfStranger(store, now - i * day, 'lamp', 'mat', 'rope');
    await shop.visitOfStranger(store, now - i * day, 'lamp', 'stove');
  }
  await shop.visitOfStranger(store, now - day, 'dome', 'yurt');
  await shop.visitOfStranger(store, now - day, 'dome', 'stove');
  await shop.visitOfStranger(store, now - day, buys('dome', 'lamp'));
  await refresh(store);
}

test('similar items: of the newest item, and behind them what goes with the one before, each with the item that led to it', async () => {
  await fillCamp('camp');
  expect((await items('similar-items', 'camp', { session: ['dome'] })).slice(0, 2)).toEqual(['tunnel', 'pegs']);
  const offer = await offered('similar-items', 'camp', { session: ['mat', 'lamp', 'dome'], exclude: ['dome'] });
  const because = new Map(offer.map((candidate) => [candidate.itemId, candidate.because]));
  expect(because.get('tunnel')).toBe('dome');
  expect(because.get('rope')).toBe('lamp');
  expect(offer.findIndex(({ itemId }) => itemId === 'rope')).toBeGreaterThan(3);
  expect(new Set(because.keys()).size).toBe(offer.length);
  expect(descending(offer)).toBe(true);
});

test('a bestseller does not go with everything', async () => {
  for (let i = 0; i < 30; i++) await shop.visitOfStranger('fair', now - i * hour, 'hit', `thing-${i}`);
  for (let i = 0; i < 2; i++) await shop.visitOfStranger('fair', now, 'cup', 'saucer', 'hit');
  await shop.visitOfStranger('fair', now, 'cup', 'hit');
  await refresh('fair');
  expect(await items('similar-items', 'fair', { session: ['cup'] })).toEqual(['saucer', 'hit']);
});

test('bought together is of purchases alone, and not what is looked at together', async () => {
  expect(await items('bought-together', 'camp', { session: ['tunnel', 'dome'] })).toEqual(['pegs']);
  expect(await offered('bought-together', 'camp', { session: ['mat'] })).toEqual([]);
  // The pair of one purchase alone is better than none.
  expect(await items('bought-together', 'camp', { session: ['lamp'] })).toEqual(['dome']);
});

test('bought together goes by the cart when there is one, and leaves out what is in it', async () => {
  await shop.visit('camp', 'cora', now - hour, 'dome', adds('dome'), 'lamp', 'mat');
  expect(await offered('bought-together', 'camp', { session: ['mat'], visitorId: 'cora' })).toMatchObject([
    { itemId: 'pegs', because: 'dome' },
  ]);
  await shop.visit('camp', 'cora', now - hour / 2, adds('pegs'));
  expect(await items('bought-together', 'camp', { session: ['mat'], visitorId: 'cora' })).toEqual([]);
});

test('what is excluded, off sale or not let through by the filter is left out before the cut', async () => {
  const session = ['dome'];
  const things = { field: 'categories', eq: 'Things' };
  const all = await items('similar-items', 'camp', { session });
  expect(all).not.toContain('stove');
  expect(all[0]).toBe('tunnel');
  expect(await items('similar-items', 'camp', { session, exclude: ['tunnel'], count: 2 })).toEqual(all.slice(1, 3));
  expect(await items('similar-items', 'camp', { session, filter: things, count: 1 })).toEqual(['pegs']);
  expect(await items('bought-together', 'camp', { session, exclude: ['pegs'] })).toEqual([]);
  expect(await items('popular', 'camp', { filter: { field: 'categories', eq: 'Tents' }, count: 1 })).toEqual(['dome']);
  expect(await items('popular', 'camp')).not.toContain('stove');
});

test('another store has none of it, and a second refresh changes nothing', async () => {
  const session = ['dome', 'lamp'];
  for (const name of ['similar-items', 'bought-together', 'popular', 'new-arrivals'] as const) {
    expect(await items(name, 'elsewhere', { session })).toEqual([]);
  }
  const relations = () =>
    database.dataSource.query<unknown[]>(
      'select store, kind, item_id, related, scores from item_relations order by store, kind, item_id',
    );
  await refreshRelations(database.dataSource, 'camp');
  const before = await relations();
  expect(before.length).toBeGreaterThan(10);
  await Promise.all([refreshRelations(database.dataSource, 'camp'), refreshRelations(database.dataSource, 'camp')]);
  expect(await relations()).toEqual(before);
});

test('trending: a trend of this morning is before one of yesterday, and what is always asked for is none', async () => {
  await catalog.put(
    'news',
    ['morning', 'yesterday', 'always', 'quiet', 'risen'].map((itemId) => ({
      itemId,
      categories: [itemId === 'quiet' || itemId === 'risen' ? 'Small' : 'Large'],
    })),
  );
  for (let i = 0; i < 100; i++) await shop.visitOfStranger('news', now - i * 6 * hour, 'always');
  for (let i = 0; i < 12; i++) await shop.visitOfStranger('news', now - 4 * hour, 'morning');
  for (let i = 0; i < 24; i++) await shop.visitOfStranger('news', now - 22 * hour, 'yesterday');
  for (let i = 1; i < 20; i++) await shop.visitOfStranger('news', now - i * day, 'quiet');
  for (let i = 0; i < 2; i++) await shop.visitOfStranger('news', now - hour, 'risen');
  await refresh('news');
  expect(await items('trending', 'news')).toEqual(['morning', 'yesterday']);
  // Too little for the whole store, but the most in its category.
  expect(await items('trending', 'news', { filter: { field: 'categories', eq: 'Small' } })).toEqual(['risen']);
  expect((await items('popular', 'news'))[0]).toBe('always');
});

test('new arrivals: by the time when they came on sale or were first put, which a later put does not change', async () => {
  const put = (...list: object[]) => catalog.put('shop', list);
  const since = (days: number) => new Date(now - days * day).toISOString();
  await put(
    { itemId: 'first' },
    { itemId: 'old', availableFrom: since(300) },
    { itemId: 'sold out', available: false },
  );
  await put({ itemId: 'coming', availableFrom: since(-3) }, { itemId: 'new', availableFrom: since(1) });
  await database.dataSource.query(
    `update items set created_at = now() - interval '7 days' where store = 'shop' and item_id = 'first'`,
  );
  await put({ itemId: 'first', title: 'Changed', categories: ['A'] });
  app.get(Strategies).catalogueChanged('shop');
  app.get(Assortment).changed('shop');
  const offer = await offered('new-arrivals', 'shop');
  expect(offer.map(({ itemId }) => itemId)).toEqual(['new', 'first', 'old']);
  // On sale for a day: half of 1.
  expect(offer[0]?.score).toBeCloseTo(0.5, 3);
  expect(await items('new-arrivals', 'shop', { count: 1, exclude: ['new'] })).toEqual(['first']);
  const filter = { field: 'itemId', in: ['old', 'first', 'coming', 'sold out'] };
  expect(await items('new-arrivals', 'shop', { filter, count: 2 })).toEqual(['first', 'old']);
});

test('recently viewed: across sessions, the newest first, but not the item looked at now', async () => {
  await shop.visit('camp', 'vera', now - 3 * day, 'yurt', 'dome');
  await shop.visit('camp', 'vera', now - 2 * day, 'stove', 'rope');
  await shop.visit('camp', 'vera', now - hour / 4, 'mat', 'lamp');
  const vera = { visitorId: 'vera', session: ['mat', 'lamp'] };
  expect(await items('recently-viewed', 'camp', vera)).toEqual(['mat', 'rope', 'dome', 'yurt']);
  const tents = { field: 'categories', eq: 'Tents' };
  expect(await items('recently-viewed', 'camp', { ...vera, filter: tents, count: 1 })).toEqual(['dome']);
  expect(await items('recently-viewed', 'camp', { session: ['rope', 'mat'] })).toEqual(['rope']);
  expect(await items('recently-viewed', 'elsewhere', { visitorId: 'vera' })).toEqual([]);
});

test('buy again: first what is due, then what was bought often and lately', async () => {
  for (const days of [95, 65, 35]) await shop.visit('camp', 'gus', now - days * day, buys('rope', 'stove'));
  for (const days of [61, 31, 1]) await shop.visit('camp', 'gus', now - days * day, buys('lamp'));
  await shop.visit('camp', 'gus', now - 200 * day, buys('pegs'));
  await shop.visit('camp', 'gus', now - 20 * day, buys('mat'));
  const offer = await offered('buy-again', 'camp', { visitorId: 'gus' });
  expect(offer.map(({ itemId }) => itemId)).toEqual(['rope', 'mat', 'pegs', 'lamp']);
  expect(descending(offer)).toBe(true);
  expect(await items('buy-again', 'camp', { visitorId: 'gus', exclude: ['rope'], count: 1 })).toEqual(['mat']);
  expect(await items('buy-again', 'camp')).toEqual([]);
});

test('the model’s items name the item of the session that they are most similar to, where there is one', async () => {
  const { draft, files } = await trainRingModel();
  await app.get(ModelRegistry).saveAndPromote('ring', draft, files, 'test');
  await app.get(ModelsInService).refresh();
  for (let i = 0; i < 5; i++) await shop.visitOfStranger('ring', now - i * hour, 'ring-3', 'ring-5');
  await shop.visitOfStranger('ring', now, 'ring-4', 'ring-5', 'ring-6');
  await shop.visitOfStranger('ring', now, 'ring-9', 'ring-10');
  await refresh('ring');
  const because = async (...session: string[]): Promise<string[]> => {
    const offer = await offered('next-item', 'ring', { session });
    expect(offer.length).toBeGreaterThan(8);
    expect(offer.every(({ source }) => source === 'network' || source === 'neighbours')).toBe(true);
    return offer.flatMap(({ itemId, because: led }) => (led === undefined ? [] : [`${led} > ${itemId}`])).sort();
  };
  expect(await because('ring-2', 'ring-3', 'ring-4')).toEqual(['ring-3 > ring-5', 'ring-4 > ring-6']);
  expect(await because('ring-7', 'ring-8')).toEqual([]);
  // Only the newest five items are looked at.
  expect(await because('ring-9', 'ring-1', 'ring-2', 'ring-7', 'ring-8', 'ring-0')).toEqual([]);
});
