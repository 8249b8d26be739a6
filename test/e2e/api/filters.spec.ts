import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelsInService, refreshPopularity } from '#recommender';
import { ModelRegistry } from '#registry';
import { startTestApi, type TestApi } from '../../support/api.js';
import { trainRingModel } from '../../support/tiny-model.js';

interface Answer {
  readonly recommendations: { itemId: string; score: number; source: string }[];
}

/** The model knows `ring-0` to `ring-1999`; the catalogue also has 1,000 items that nobody ever saw. */
const [known, unseen] = [2_000, 1_000];
const brands = 100;

let api: TestApi;

interface TestItem {
  readonly itemId: string;
  readonly price: number;
  readonly categories: readonly string[];
  readonly attributes: { readonly brand: string; readonly size: { readonly litres: number } };
}

/** One item in a hundred is of a brand; prices go from 0 to 49. */
function testItem(itemId: string, i: number): TestItem {
  return {
    itemId,
    price: i % 50,
    categories: ['All', i % 2 === 0 ? 'Even' : 'Odd'],
    attributes: { brand: `brand-${i % brands}`, size: { litres: i % 10 } },
  };
}

const items = new Map(
  [
    ...Array.from({ length: known }, (_, i) => testItem(`ring-${i}`, i)),
    ...Array.from({ length: unseen }, (_, i) => testItem(`new-${i}`, i)),
  ].map((item) => [item.itemId, item]),
);

async function put(changed: readonly object[]): Promise<void> {
  for (let from = 0; from < changed.length; from += 1_000) {
    const batch = changed.slice(from, from + 1_000);
    const reply = await api.ask('PUT', '/v1/items', { body: { items: batch } });
    expect(reply).toMatchObject({ status: 200, body: { accepted: batch.length } });
  }
}

async function recommend(question: object): Promise<Answer['recommendations']> {
  const reply = await api.ask('POST', '/v1/recommendations', { key: api.publicKey, body: question });
  expect({ status: reply.status, text: reply.status === 200 ? '' : reply.text }).toEqual({ status: 200, text: '' });
  return (reply.body as Answer).recommendations;
}

const idsOf = (recommendations: Answer['recommendations']): string[] => recommendations.map(({ itemId }) => itemId);
const sourcesOf = (recommendations: Answer['recommendations']): string[] => [
  ...new Set(recommendations.map(({ source }) => source)),
];

/** That there are so many, each once, and that each fits. */
function expectFitting(
  recommendations: Answer['recommendations'],
  count: number,
  fits: (item: TestItem) => boolean,
): void {
  const ids = idsOf(recommendations);
  expect(ids).toHaveLength(count);
  expect(new Set(ids).size).toBe(count);
  expect(ids.filter((itemId) => !fits(items.get(itemId) as TestItem))).toEqual([]);
}

beforeAll(async () => {
  api = await startTestApi();
  await put([...items.values()]);
  // 3 visitors each for the first 300 items, one for the others up to 900, and one for an item without an entry.
  const views = Array.from({ length: 1_500 }, (_, i) => ({
    itemId: `ring-${i < 900 ? i % 300 : i - 600}`,
    visitor: i,
  }));
  const events = [...views, { itemId: 'not in the catalogue', visitor: 9_999 }].map(({ itemId, visitor }) => ({
    eventId: `view-${visitor}`,
    type: 'view',
    visitorId: `visitor-${visitor}`,
    itemId,
    occurredAt: new Date().toISOString(),
  }));
  for (let from = 0; from < events.length; from += 1_000) {
    const reply = await api.ask('POST', '/v1/events', { body: { events: events.slice(from, from + 1_000) } });
    expect(reply).toMatchObject({ status: 202, body: { rejected: [] } });
  }
  await refreshPopularity(api.database.dataSource, 'default');
  const { draft, files } = await trainRingModel(known);
  await api.app.get(ModelRegistry).saveAndPromote('default', draft, files, 'test');
  await api.app.get(ModelsInService).refresh();
});
afterAll(() => api.stop());

const isOfBrand =
  (brand: number) =>
  ({ attributes }: TestItem): boolean =>
    attributes.brand === `brand-${brand}`;
const ofBrand = (brand: number): object => ({ field: 'attributes.brand', eq: `brand-${brand}` });

test('a filter that keeps 1% of the catalogue still fills 20 of 20', async () => {
  const answer = await recommend({ items: ['ring-5', 'ring-6', 'ring-7'], filter: ofBrand(7) });
  // One of the 20 that the model knows is looked at now.
  expectFitting(answer, 20, isOfBrand(7));
  expect(idsOf(answer)).not.toContain('ring-7');
  expect(answer.slice(0, 19).every(({ source }) => source === 'network' || source === 'neighbours')).toBe(true);
  const scores = answer.slice(0, 19).map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
});

test('the best of all that fit come first', async () => {
  const session = { items: ['ring-2', 'ring-3', 'ring-4'], repeat: 'none', count: 100 };
  const odd = { field: 'categories', eq: 'Odd' };
  const all = idsOf(await recommend(session)).filter((itemId) => items.get(itemId)?.categories.includes('Odd'));
  const filtered = await recommend({ ...session, filter: odd });
  expectFitting(filtered, 100, ({ categories }) => categories.includes('Odd'));
  expect(idsOf(filtered).slice(0, all.length)).toEqual(all);
});

test('without a session popular items that fit come, and after them those that nobody has seen', async () => {
  const answer = await recommend({ filter: ofBrand(3) });
  expectFitting(answer, 20, isOfBrand(3));
  expect(sourcesOf(answer)).toEqual(['popular']);
  expect(idsOf(answer).slice(0, 3).sort()).toEqual(['ring-103', 'ring-203', 'ring-3']);
  const scores = answer.map(({ score }) => score);
  expect(scores.slice(0, 9)).toEqual([3, 3, 3, 1, 1, 1, 1, 1, 1]);
  expect(scores.slice(9)).toEqual(Array(11).fill(0));
});

test('a filter that leaves fewer than asked gives them all, and one that leaves nothing nothing', async () => {
  const filter = { and: [ofBrand(3), { field: 'itemId', in: ['new-3', 'new-103', 'ring-3', 'ring-4', 'other'] }] };
  for (const session of [['ring-1', 'ring-2'], []]) {
    expect(idsOf(await recommend({ items: session, filter })).sort()).toEqual(['new-103', 'new-3', 'ring-3']);
    expect(await recommend({ items: session, filter: { field: 'price', gt: 1_000 } })).toEqual([]);
  }
});

test('an item that the catalogue does not have fits no filter', async () => {
  expect(idsOf(await recommend({ count: 100, filter: { field: 'itemId', exists: true } }))).toHaveLength(100);
  expect(await recommend({ filter: { field: 'itemId', eq: 'not in the catalogue' } })).toEqual([]);
  expect(
    await recommend({ filter: { not: { field: 'itemId', in: [...items.keys()].slice(0, 1) } }, count: 1 }),
  ).toHaveLength(1);
});

test('a filter over the item looked at now is another for each', async () => {
  const cheaper = { field: 'price', lt: { context: 'price' } };
  const sameBrand = { field: 'attributes.brand', eq: { context: 'attributes.brand' } };
  for (const current of ['ring-10', 'ring-30', 'new-20']) {
    const { price = 0, attributes } = items.get(current) ?? {};
    expectFitting(await recommend({ items: ['ring-1', current], filter: cheaper }), 20, (item) => item.price < price);
    expectFitting(
      await recommend({ items: ['ring-1', current], filter: { and: [sameBrand, { not: cheaper }] } }),
      20,
      (item) => item.attributes.brand === attributes?.brand,
    );
  }
  expect(await recommend({ items: ['ring-1', 'ring-0'], filter: cheaper })).toEqual([]);
  expect(await recommend({ items: [], filter: cheaper })).toEqual([]);
  expect(await recommend({ items: ['ring-1', 'ring-0'], filter: { not: cheaper } })).toHaveLength(20);
  const muchCheaper = { field: 'price', lte: { context: 'price', times: 0.5 } };
  expectFitting(await recommend({ items: ['ring-8'], filter: muchCheaper }), 20, ({ price }) => price <= 4);
});

test('exclude, repeat and unavailable items count beside a filter', async () => {
  const question = { items: ['ring-9', 'ring-11'], repeat: 'none', filter: ofBrand(11), count: 5 };
  const first = idsOf(await recommend(question));
  const [gone = ''] = first;
  await put([{ ...items.get(gone), available: false }]);
  const second = await recommend({ ...question, exclude: first.slice(1) });
  expectFitting(second, 5, isOfBrand(11));
  expect(idsOf(second).filter((itemId) => first.includes(itemId) || itemId === 'ring-11')).toEqual([]);
  await put([items.get(gone) ?? {}]);
  expect(idsOf(await recommend(question))).toEqual(first);
});

test('a changed item is seen by the next request', async () => {
  const filter = { field: 'attributes.edition', eq: 'limited' };
  const question = { items: ['ring-40', 'ring-41'], filter };
  expect(await recommend(question)).toEqual([]);
  await put(['ring-700', 'new-7'].map((itemId) => ({ ...items.get(itemId), attributes: { edition: ['limited', 2] } })));
  await put([{ itemId: 'brand new', attributes: { edition: 'limited' } }]);
  expect(idsOf(await recommend(question)).sort()).toEqual(['brand new', 'new-7', 'ring-700']);
  await put(['ring-700', 'new-7'].map((itemId) => items.get(itemId) ?? {}));
  expect(idsOf(await recommend(question))).toEqual(['brand new']);
  expect((await api.ask('DELETE', '/v1/items/brand%20new')).status).toBe(204);
  expect(await recommend(question)).toEqual([]);
});

test('items come only while they are on sale, and come and go without a request that changes them', async () => {
  const iso = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();
  const hour = 3_600_000;
  const filter = { field: 'attributes.brand', eq: 'timed' };
  const timed = (itemId: string, window: object): object => ({ itemId, attributes: { brand: 'timed' }, ...window });
  const asked = async (question: object): Promise<string[]> =>
    idsOf(await recommend({ count: 100, ...question }))
      .filter((itemId) => /^ring-6[0-3]$/.test(itemId))
      .sort();
  const window = { availableFrom: iso(-hour), availableUntil: iso(hour) };
  await put([
    timed('ring-60', window),
    timed('ring-61', { availableUntil: iso(-hour) }),
    timed('ring-62', { availableFrom: iso(hour) }),
    timed('ring-63', { ...window, available: false }),
  ]);
  for (const question of [{ filter }, { items: ['ring-59'], filter }])
    expect(await asked(question)).toEqual(['ring-60']);
  for (const question of [{}, { items: ['ring-59'] }]) {
    expect(['ring-60']).toEqual(expect.arrayContaining(await asked(question)));
  }
  await put([timed('ring-61', { availableUntil: iso(1_000) }), timed('ring-62', { availableFrom: iso(1_000) })]);
  for (const question of [{ filter }, { items: ['ring-59'], filter }]) {
    await expect.poll(() => asked(question), { timeout: 30_000, interval: 100 }).toEqual(['ring-60', 'ring-62']);
  }
  await put(['60', '61', '62', '63'].map((i) => items.get(`ring-${i}`) ?? {}));
});

test('many requests with different filters at once get what each gets alone', async () => {
  const questions = Array.from({ length: 60 }, (_, i) => ({
    items: [`ring-${i}`, `ring-${i + 1}`],
    count: 1 + (i % 20),
    ...(i % 3 !== 0 && { filter: i % 3 === 1 ? ofBrand(i) : { field: 'price', gt: { context: 'price' } } }),
  }));
  const together = await Promise.all(questions.map((question) => recommend(question)));
  for (const [i, question] of questions.entries()) {
    expect(idsOf(together[i] ?? [])).toEqual(idsOf(await recommend(question)));
  }
});
