import { afterAll, beforeAll, expect, test } from 'vitest';
import { colourOf, ofColour, RingApi, type Recommended } from '../../support/ring-api.js';

let shop: RingApi;

beforeAll(async () => {
  shop = await RingApi.start();
});
afterAll(() => shop.stop());

const items = ['ring-20', 'ring-21'];

/** The answer of a placement that has only these rules. */
async function ruled(
  rules: readonly object[],
  question: object = { items, count: 10 },
): Promise<readonly Recommended[]> {
  await shop.put('/v1/placements/ruled', { rules });
  return (await shop.recommend({ ...question, placement: 'ruled' })).recommendations;
}

/** What the model says of every item, without rules. */
async function modelled(): Promise<readonly Recommended[]> {
  const { recommendations } = await shop.recommend({ items, count: 100 });
  return recommendations.filter(({ source }) => source === 'network' || source === 'neighbours');
}

test('boosts and buries give the best of all items by their new scores', async () => {
  const factors: Readonly<Record<string, number>> = { Red: 50, Blue: 0.01, Green: 8 };
  const rules = [
    { boost: ofColour('Red'), factor: 50 },
    { bury: ofColour('Blue'), factor: 0.01 },
    { boost: ofColour('Green'), factor: 2 },
    { boost: { and: [ofColour('Green'), { field: 'price', gte: 0 }] }, factor: 4 },
  ];
  const all = await modelled();
  expect(all).toHaveLength(59);
  const expected = all
    .map((item) => {
      const factor = factors[colourOf(item.itemId) ?? ''];
      return factor === undefined ? item : { ...item, score: item.score * factor, factor };
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, 10);
  const answer = await ruled(rules);
  expect(answer.map(({ itemId, source, factor }) => ({ itemId, source, factor }))).toEqual(
    expected.map(({ itemId, source, factor }: Recommended) => ({ itemId, source, factor })),
  );
  for (const [i, { score }] of answer.entries()) expect(score).toBeCloseTo(expected[i]?.score ?? 0, 10);
  expect(answer.map(({ itemId }) => itemId)).not.toEqual(all.slice(0, 10).map(({ itemId }) => itemId));
});

test('what is hidden does not come, and others take its place; an item without an entry is not hidden', async () => {
  const answer = await ruled([{ hide: ofColour('Black') }, { hide: { field: 'itemId', exists: true } }]);
  expect(answer).toEqual([{ itemId: 'unlisted', score: 1, source: 'popular' }]);
  const coloured = await ruled([{ hide: ofColour('Black') }, { hide: ofColour('Green') }]);
  expect(coloured).toHaveLength(10);
  const expected = (await modelled()).filter(({ itemId }) => ['Red', 'Blue'].includes(colourOf(itemId) ?? ''));
  expect(coloured.map(({ itemId }) => itemId)).toEqual(expected.slice(0, 10).map(({ itemId }) => itemId));
});

test('pinned items take their positions, once, and give them up when they may not come', async () => {
  const rules = [
    { pin: 'ring-40', position: 3 },
    { pin: 'ring-22', position: 1 },
    { pin: 'ring-23', position: 50 },
  ];
  const plain = (await modelled()).map(({ itemId }) => itemId).filter((id) => id !== 'ring-40' && id !== 'ring-22');
  const answer = await ruled(rules);
  expect(answer[0]).toEqual({ itemId: 'ring-22', score: 0, source: 'rule' });
  expect(answer.map(({ itemId }) => itemId)).toEqual(['ring-22', plain[0], 'ring-40', ...plain.slice(1, 8)]);

  const sources = async (question: object, more: readonly object[] = []): Promise<string[]> =>
    (await ruled([...rules, ...more], { items, count: 10, ...question })).map(({ source }) => source);
  const pins = async (question: object, more: readonly object[] = []): Promise<number> =>
    (await sources(question, more)).filter((source) => source === 'rule').length;
  expect(await pins({})).toBe(2);
  expect(await pins({ exclude: ['ring-40'] })).toBe(1);
  expect(await pins({ items: ['ring-22'] })).toBe(1);
  expect(await pins({ filter: ofColour('Green') })).toBe(1);
  expect(await pins({}, [{ hide: { field: 'itemId', eq: 'ring-40' } }])).toBe(1);
  expect(await pins({ count: 2 })).toBe(1);
  await shop.put('/v1/items', {
    items: [{ itemId: 'ring-40', categories: ['All', 'Red'], price: 40, available: false }],
  });
  expect(await pins({})).toBe(1);
  expect(await sources({})).toHaveLength(10);
  await shop.put('/v1/items', { items: [{ itemId: 'ring-40', categories: ['All', 'Red'], price: 40 }] });
  expect(await pins({})).toBe(2);
});

test('a rule acts only in its time', async () => {
  const hour = 3_600_000;
  const at = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();
  const pinAndTimes = (from: number, until: number) => ({
    pin: 'ring-40',
    position: 1,
    from: at(from),
    until: at(until),
  });
  const first = async (rule: object): Promise<string | undefined> => (await ruled([rule]))[0]?.source;
  expect(await first(pinAndTimes(-hour, hour))).toBe('rule');
  expect(await first(pinAndTimes(hour, 2 * hour))).toBe('network');
  expect(await first(pinAndTimes(-2 * hour, -hour))).toBe('network');
  await shop.put('/v1/placements/soon', { rules: [pinAndTimes(1_000, hour)] });
  await expect
    .poll(async () => (await shop.recommend({ items, placement: 'soon' })).recommendations[0]?.source, {
      timeout: 30_000,
    })
    .toBe('rule');
});

test('diversity brings other categories forward, and leaves the best item first and the pins where they are', async () => {
  const coloursOf = (answer: readonly Recommended[]): (string | undefined)[] =>
    answer.map(({ itemId }) => colourOf(itemId));
  const settings = { rules: [{ boost: ofColour('Red'), factor: 1000 }], count: 3 };
  await shop.put('/v1/placements/red', settings);
  const red = await shop.recommend({ items, placement: 'red' });
  expect(coloursOf(red.recommendations)).toEqual(['Red', 'Red', 'Red']);
  await shop.put('/v1/placements/red', { ...settings, diversity: 1 });
  const coloured = await shop.recommend({ items, placement: 'red' });
  expect(coloured.recommendations[0]).toEqual(red.recommendations[0]);
  expect(new Set(coloursOf(coloured.recommendations)).size).toBe(3);
  await shop.put('/v1/placements/red', {
    ...settings,
    diversity: 1,
    rules: [...settings.rules, { pin: 'ring-4', position: 2 }],
  });
  const pinned = await shop.recommend({ items, placement: 'red' });
  expect(pinned.recommendations[1]).toEqual({ itemId: 'ring-4', score: 0, source: 'rule' });
});
