import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SessionStore } from '#sessions';
import { colourOf, idsOf, ofColour, RingApi } from '../../support/ring-api.js';

let shop: RingApi;

beforeAll(async () => {
  shop = await RingApi.start();
  await shop.put('/v1/placements/next', { count: 6 });
  await shop.put('/v1/placements/best', { strategy: 'popular', count: 5 });
  await shop.put('/v1/placements/pinned', { count: 3, rules: [{ pin: 'ring-0', position: 1 }] });
});
afterAll(() => shop.stop());

const items = ['ring-20', 'ring-21'];
const named = (...names: string[]): object[] => names.map((placement) => ({ placement }));

test('each placement has its answer, in order; no item comes twice, and the earlier ones choose first', async () => {
  const answers = await shop.recommendAll({ items, placements: named('next', 'best', 'next', 'pinned') });
  expect(answers.map(({ placement }) => placement)).toEqual(['next', 'best', 'next', 'pinned']);
  expect(new Set(answers.map(({ requestId }) => requestId)).size).toBe(4);
  expect(new Set(answers.map(({ model }) => model)).size).toBe(1);
  const [next, best, again, pinned] = answers.map(idsOf);
  const all = answers.flatMap(idsOf);
  expect(all).toHaveLength(6 + 5 + 6 + 3);
  expect(new Set(all).size).toBe(all.length);
  const alone = idsOf(await shop.recommend({ items, count: 12 }));
  expect(next).toEqual(alone.slice(0, 6));
  const popular = idsOf(await shop.recommend({ items, placement: 'best', exclude: next ?? [] }));
  expect(best).toEqual(popular);
  expect(again).toEqual(idsOf(await shop.recommend({ items, count: 6, exclude: [...(next ?? []), ...popular] })));
  // ring-0 is the most popular item, and so in an earlier answer: its pin gives up the place.
  expect(best).toContain('ring-0');
  expect(pinned).not.toContain('ring-0');
});

test('the fields of a placement in the request count for it alone; exclude beside the placements for all', async () => {
  const [red, next] = await shop.recommendAll({
    items,
    exclude: ['ring-0', 'ring-22'],
    placements: [
      { placement: 'best', count: 2, filter: ofColour('Red'), exclude: ['ring-4'] },
      { placement: 'next', repeat: 'none', count: 50 },
    ],
  });
  expect(red && idsOf(red)).toEqual(['ring-8', 'ring-12']);
  const others = next ? idsOf(next) : [];
  expect(others).toHaveLength(50);
  expect(others.filter((id) => ['ring-0', 'ring-22', 'ring-8', 'ring-12', ...items].includes(id))).toEqual([]);
  expect(others).toContain('ring-4');
  expect(new Set(others.map(colourOf)).size).toBeGreaterThan(3);
});

test('the session of the visitor is read, once for all', async () => {
  const visitorId = 'walker';
  await shop.happens([
    { visitorId, type: 'view', itemId: 'ring-20' },
    { visitorId, type: 'view', itemId: 'ring-21' },
  ]);
  const read = vi.spyOn(shop.api.app.get(SessionStore, { strict: false }), 'openSession');
  const [answer] = await shop.recommendAll({ visitorId, placements: named('next', 'best', 'pinned') });
  expect(read).toHaveBeenCalledTimes(1);
  expect(answer?.recommendations).toEqual((await shop.recommend({ items, count: 6 })).recommendations);
  const anonymous = await shop.recommendAll({ visitorId, consent: false, placements: named('next', 'best') });
  expect(anonymous.flatMap(idsOf)).toEqual(idsOf(await shop.recommend({ count: 11 })));
});

test('20 placements of 100 items run out of items, not of time', async () => {
  const answers = await shop.recommendAll({
    items,
    placements: Array.from({ length: 20 }, () => ({ placement: 'next', count: 100 })),
  });
  expect(answers).toHaveLength(20);
  const all = answers.flatMap(idsOf);
  // All of the ring but the item looked at now, and the one that only the popular items have.
  expect(all).toHaveLength(60);
  expect(new Set(all).size).toBe(60);
});

test('one unknown placement fails the whole, with its index', async () => {
  const reply = await shop.api.ask('POST', '/v1/recommendations/batch', {
    body: { items, placements: named('next', 'best', 'no such') },
  });
  expect(reply).toMatchObject({ status: 404, body: { code: 'placement_not_found' } });
  expect(reply.text).toMatch(/placements\[2\]\.placement: There is no placement \\"no such\\"/);
});
