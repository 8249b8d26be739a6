import { afterAll, beforeAll, expect, test } from 'vitest';
import { parsePlacement, PlacementStore } from '#placements';
import { colourOf, idsOf, ofColour, RingApi } from '../../support/ring-api.js';

let shop: RingApi;

beforeAll(async () => {
  shop = await RingApi.start();
});
afterAll(() => shop.stop());

const items = ['ring-20', 'ring-21'];
const defaults = {
  strategy: 'next-item',
  fallbacks: ['trending', 'popular'],
  count: 20,
  repeat: 'exceptCurrent',
  diversity: 0,
  exclude: [],
  excludeCart: false,
  rules: [],
};

test('a placement is stored with what was left out, shown, listed, replaced as a whole, and deleted', async () => {
  const { api } = shop;
  expect(await shop.put('/v1/placements/a%20page', { count: 3, diversity: null })).toEqual({ ...defaults, count: 3 });
  const settings = {
    strategy: 'popular',
    fallbacks: [],
    count: 5,
    repeat: 'none',
    filter: ofColour('Red'),
    diversity: 0.5,
    exclude: ['ring-4'],
    excludeCart: true,
    excludeBoughtDays: 90,
    rules: [{ pin: 'ring-8', position: 2, from: '2026-01-01T00:00:00Z' }, { hide: ofColour('Blue') }],
  };
  expect(await shop.put('/v1/placements/a%20page', settings)).toEqual(settings);
  await shop.put('/v1/placements/another', {});
  expect(await api.ask('GET', '/v1/placements/a%20page')).toMatchObject({ status: 200, body: settings });
  expect((await api.ask('GET', '/v1/placements')).body).toEqual({
    placements: [
      { name: 'a page', ...settings },
      { name: 'another', ...defaults },
    ],
  });
  expect(idsOf(await shop.recommend({ placement: 'a page' }))).toEqual([
    'ring-0',
    'ring-8',
    'ring-12',
    'ring-16',
    'ring-20',
  ]);
  for (const name of ['a%20page', 'another']) {
    expect((await api.ask('DELETE', `/v1/placements/${name}`)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      expect(await api.ask(method, `/v1/placements/${name}`)).toMatchObject({
        status: 404,
        body: { code: 'placement_not_found' },
      });
    }
  }
  expect((await api.ask('GET', '/v1/placements')).body).toEqual({ placements: [] });
});

test('a placement of another store is not seen', async () => {
  await shop.put('/v1/placements/ours', {});
  await shop.api.database.dataSource.query(
    `insert into placements (store, name, settings, updated_at) select 'other', 'theirs', settings, now() from placements`,
  );
  expect((await shop.api.ask('GET', '/v1/placements')).body).toMatchObject({ placements: [{ name: 'ours' }] });
  const asked = await shop.api.ask('POST', '/v1/recommendations', { body: { placement: 'theirs' } });
  expect(asked.status).toBe(404);
});

test.each([
  ['GET', '/v1/placements'],
  ['GET', '/v1/placements/home'],
  ['PUT', '/v1/placements/home'],
  ['DELETE', '/v1/placements/home'],
])('%s %s wants a secret key', async (method, path) => {
  const body = method === 'PUT' ? {} : undefined;
  expect((await shop.api.ask(method, path, { key: shop.api.publicKey, body })).status).toBe(403);
});

test('a placement with nothing said answers as no placement does, and is named in the answer', async () => {
  await shop.put('/v1/placements/plain', {});
  const plain = await shop.recommend({ items, placement: 'plain' });
  const { recommendations, ...answer } = await shop.recommend({ items });
  expect(plain.recommendations).toEqual(recommendations);
  expect(recommendations).toHaveLength(20);
  expect(plain.placement).toBe('plain');
  expect(answer).not.toHaveProperty('placement');
});

test('an unknown placement is a 404 that names it', async () => {
  const reply = await shop.api.ask('POST', '/v1/recommendations', { body: { placement: 'no such' } });
  expect(reply).toMatchObject({ status: 404, body: { code: 'placement_not_found' } });
  expect(reply.text).toMatch(/placement: There is no placement \\"no such\\"/);
});

test('what another process changes is seen here within seconds', async () => {
  const elsewhere = new PlacementStore(shop.api.database.dataSource);
  const length = async (): Promise<number> => idsOf(await shop.recommend({ items, placement: 'shared' })).length;
  await shop.put('/v1/placements/shared', { count: 3 });
  expect(await length()).toBe(3);
  await elsewhere.put('default', 'shared', parsePlacement({ count: 7 }));
  await expect.poll(length, { timeout: 30_000 }).toBe(7);
});

test('count, repeat and exclusions of the request come before those of the placement; filters and excluded ids add up', async () => {
  await shop.put('/v1/placements/strict', {
    count: 4,
    repeat: 'none',
    filter: { not: ofColour('Red') },
    exclude: ['ring-22'],
  });
  const question = { items, placement: 'strict' };
  const strict = idsOf(await shop.recommend(question));
  expect(strict).toHaveLength(4);
  expect(strict.filter((id) => [...items, 'ring-22'].includes(id) || colourOf(id) === 'Red')).toEqual([]);
  const [first = ''] = strict;
  const asked = idsOf(
    await shop.recommend({
      ...question,
      count: 25,
      repeat: 'all',
      filter: { not: ofColour('Blue') },
      exclude: [first],
    }),
  );
  expect(asked).toHaveLength(25);
  expect(new Set(asked.map(colourOf))).toEqual(new Set(['Green', 'Black']));
  expect(asked).not.toContain(first);
  expect(asked).not.toContain('ring-22');
  const repeated = idsOf(await shop.recommend({ ...question, count: 100, repeat: 'all' }));
  expect(repeated).toContain('ring-21');
});

test('fallbacks are asked in their order; popular items fill what is left, unless there are no fallbacks', async () => {
  const ring = { field: 'itemId', in: ['ring-50', 'ring-3', 'ring-9'] };
  await shop.put('/v1/placements/short', { strategy: 'trending', fallbacks: [], filter: ring });
  expect(idsOf(await shop.recommend({ placement: 'short' }))).toEqual([]);
  await shop.put('/v1/placements/short', { strategy: 'trending', fallbacks: ['next-item'], filter: ring });
  const filled = await shop.recommend({ placement: 'short', items: ['ring-49'] });
  expect(idsOf(filled).sort()).toEqual(['ring-3', 'ring-50', 'ring-9']);
  expect(filled.recommendations[0]).toMatchObject({ itemId: 'ring-50', source: 'network' });
  const popular = await shop.recommend({ placement: 'short' });
  expect(popular.recommendations.map(({ itemId, source }) => `${source} ${itemId}`)).toEqual([
    'popular ring-3',
    'popular ring-9',
    'popular ring-50',
  ]);
});

test('what is in the cart and what was bought is excluded where it is asked for', async () => {
  const visitorId = 'buyer';
  await shop.happens([
    { visitorId, type: 'purchase', itemId: 'ring-1' },
    { visitorId, type: 'add_to_cart', itemId: 'ring-2' },
    { visitorId, type: 'add_to_cart', itemId: 'ring-3' },
    { visitorId, type: 'remove_from_cart', itemId: 'ring-3' },
  ]);
  const question = { visitorId, items: [], count: 5, placement: 'for sale' };
  await shop.put('/v1/placements/for%20sale', { strategy: 'popular' });
  expect(idsOf(await shop.recommend(question))).toEqual(['ring-0', 'ring-1', 'ring-2', 'ring-3', 'ring-4']);
  expect(idsOf(await shop.recommend({ ...question, excludeCart: true }))).toEqual([
    'ring-0',
    'ring-1',
    'ring-3',
    'ring-4',
    'ring-5',
  ]);
  await shop.put('/v1/placements/for%20sale', { strategy: 'popular', excludeCart: true, excludeBoughtDays: 7 });
  expect(idsOf(await shop.recommend(question))).toEqual(['ring-0', 'ring-3', 'ring-4', 'ring-5', 'ring-6']);
  const inCart = idsOf(await shop.recommend({ ...question, excludeCart: false }));
  expect(inCart).toEqual(['ring-0', 'ring-2', 'ring-3', 'ring-4', 'ring-5']);
  const other = idsOf(await shop.recommend({ ...question, visitorId: 'somebody else' }));
  expect(other).toEqual(['ring-0', 'ring-1', 'ring-2', 'ring-3', 'ring-4']);
});

test('without consent nothing that is stored of the visitor is read', async () => {
  const visitorId = 'private';
  await shop.happens([
    { visitorId, type: 'view', itemId: 'ring-30' },
    { visitorId, type: 'purchase', itemId: 'ring-0' },
  ]);
  const question = { visitorId, excludeBoughtDays: 30, count: 3, repeat: 'none' };
  expect((await shop.recommend(question)).recommendations[0]).toMatchObject({ itemId: 'ring-1', source: 'network' });
  const anonymous = await shop.recommend({ ...question, consent: false });
  expect(anonymous.recommendations).toEqual((await shop.recommend({ count: 3 })).recommendations);
  expect(idsOf(anonymous)).toContain('ring-0');
  const given = await shop.recommend({ ...question, consent: false, items });
  expect(given.recommendations).toEqual((await shop.recommend({ items, count: 3, repeat: 'none' })).recommendations);
});
