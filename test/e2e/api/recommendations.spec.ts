import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelsInService, refreshPopularity } from '#recommender';
import { ModelRegistry } from '#registry';
import { startTestApi, type TestApi } from '../../support/api.js';
import { trainRingModel } from '../../support/tiny-model.js';

interface Answer {
  readonly requestId: string;
  readonly model: string | null;
  readonly recommendations: { itemId: string; score: number; source: string }[];
}

let api: TestApi;

async function recommend(question: object, target = api): Promise<Answer> {
  const reply = await target.ask('POST', '/v1/recommendations', { key: target.publicKey, body: question });
  expect(reply.status).toBe(200);
  return reply.body as Answer;
}

const itemsOf = ({ recommendations }: Answer) => recommendations.map(({ itemId }) => itemId);
const sourcesOf = ({ recommendations }: Answer) => [...new Set(recommendations.map(({ source }) => source))];

/** So many visitors view each item, one session each. */
async function sendViews(target: TestApi, views: Record<string, number>, occurredAt = Date.now()): Promise<void> {
  const events = Object.entries(views).flatMap(([itemId, visitors]) =>
    Array.from({ length: visitors }, (_, i) => ({
      eventId: `${itemId}-${i}-${occurredAt}`,
      type: 'view',
      visitorId: `visitor-${itemId}-${i}`,
      itemId,
      occurredAt: new Date(occurredAt).toISOString(),
    })),
  );
  const reply = await target.ask('POST', '/v1/events', { key: target.publicKey, body: { events } });
  expect(reply).toMatchObject({ status: 202, body: { accepted: events.length, duplicates: 0, rejected: [] } });
}

beforeAll(async () => {
  api = await startTestApi();
  await sendViews(api, { 'ring-0': 5, 'ring-1': 4, shelf: 3, bin: 2, attic: 1 });
  await refreshPopularity(api.database.dataSource, 'default');
  const { draft, files } = await trainRingModel();
  await api.app.get(ModelRegistry).saveAndPromote('default', draft, files, 'test');
  await api.app.get(ModelsInService).refresh();
});
afterAll(() => api.stop());

test('network and neighbours answer for a session of known items, best first', async () => {
  const answer = await recommend({ items: ['ring-2', 'ring-3', 'ring-4'], count: 5, repeat: 'none' });
  expect(answer.model).toMatch(/^\d{8}T/);
  expect(answer.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(itemsOf(answer)[0]).toBe('ring-5');
  expect(['network', 'neighbours']).toEqual(expect.arrayContaining(sourcesOf(answer)));
  const scores = answer.recommendations.map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
});

test('20 items are the default; what the model has too few of, popular items fill, none twice', async () => {
  const answer = await recommend({ items: ['ring-2'], repeat: 'all' });
  const items = itemsOf(answer);
  expect(new Set(items).size).toBe(items.length);
  expect(items).toHaveLength(12 + 3);
  expect(items.slice(12)).toEqual(['shelf', 'bin', 'attic']);
  expect(answer.recommendations.slice(12).every(({ source }) => source === 'popular')).toBe(true);
});

test('unknown items of the session are skipped', async () => {
  const answer = await recommend({ items: ['gone', 'ring-3', 'ring-4', 'never seen'], count: 1, repeat: 'none' });
  expect(itemsOf(answer)).toEqual(['ring-5']);
});

test('a session of unknown items alone gets popular items', async () => {
  const answer = await recommend({ items: ['x', 'y'], count: 3 });
  expect(itemsOf(answer)).toEqual(['ring-0', 'ring-1', 'shelf']);
  expect(sourcesOf(answer)).toEqual(['popular']);
});

test('a request about nothing and nobody gets popular items', async () => {
  for (const question of [{}, { items: [] }, { visitorId: 'nobody' }, { visitorId: 'nobody', sessionId: 'none' }]) {
    expect(itemsOf(await recommend({ ...question, count: 2 }))).toEqual(['ring-0', 'ring-1']);
  }
});

test('repeat: all items of the session may come again, all but the newest, or none', async () => {
  const session = ['ring-6', 'ring-7', 'ring-8'];
  const comes = async (repeat?: string) => {
    const items = itemsOf(await recommend({ items: session, count: 15, ...(repeat && { repeat }) }));
    return session.map((item) => items.includes(item));
  };
  expect(await comes('all')).toEqual([true, true, true]);
  expect(await comes('exceptCurrent')).toEqual([true, true, false]);
  expect(await comes()).toEqual([true, true, false]);
  expect(await comes('none')).toEqual([false, false, false]);
});

test('exclude never shortens the answer while the shop has other items', async () => {
  const question = { items: ['ring-2', 'ring-3'], count: 5 };
  const first = itemsOf(await recommend(question));
  const second = itemsOf(await recommend({ ...question, exclude: first }));
  expect(second).toHaveLength(5);
  expect(second.filter((item) => first.includes(item))).toEqual([]);
  const all = Array.from({ length: 12 }, (_, i) => `ring-${i}`);
  const others = await recommend({ ...question, exclude: all });
  expect(itemsOf(others)).toEqual(['shelf', 'bin', 'attic']);
});

test('everything excluded gives an empty answer', async () => {
  const all = [...Array.from({ length: 12 }, (_, i) => `ring-${i}`), 'shelf', 'bin', 'attic'];
  const answer = await recommend({ items: ['ring-1'], exclude: all });
  expect(answer.recommendations).toEqual([]);
});

test('unavailable items are in no answer, and others take their places; available again, they come back', async () => {
  const question = { items: ['ring-2', 'ring-3', 'ring-4'], count: 5, repeat: 'none' };
  const put = async (available: boolean) => {
    const items = ['ring-5', 'shelf'].map((itemId) => ({ itemId, available }));
    expect(await api.ask('PUT', '/v1/items', { body: { items } })).toMatchObject({
      status: 200,
      body: { accepted: 2 },
    });
  };
  await put(false);
  const without = itemsOf(await recommend(question));
  expect(without).toHaveLength(5);
  expect(without).not.toContain('ring-5');
  expect(itemsOf(await recommend({ items: ['x'], count: 3 }))).toEqual(['ring-0', 'ring-1', 'bin']);
  await put(true);
  expect(itemsOf(await recommend(question))[0]).toBe('ring-5');
  expect(itemsOf(await recommend({ items: ['x'], count: 3 }))).toEqual(['ring-0', 'ring-1', 'shelf']);
});

test('the open session of a visitor counts, as soon as its events are in', async () => {
  const view = (visitorId: string, itemId: string, secondsAgo: number, sessionId?: string) => ({
    eventId: `${visitorId}-${itemId}`,
    type: 'view',
    visitorId,
    itemId,
    ...(sessionId && { sessionId }),
    occurredAt: new Date(Date.now() - secondsAgo * 1000).toISOString(),
  });
  const events = [
    view('anna', 'ring-6', 60),
    view('anna', 'ring-7', 40),
    view('anna', 'ring-8', 20),
    view('berta', 'ring-1', 3 * 3600),
    view('clara', 'ring-9', 30, 'phone'),
    view('clara', 'ring-3', 20, 'laptop'),
  ];
  await api.ask('POST', '/v1/events', { body: { events } });
  expect(itemsOf(await recommend({ visitorId: 'anna', count: 1, repeat: 'none' }))).toEqual(['ring-9']);
  expect(sourcesOf(await recommend({ visitorId: 'berta', count: 1 }))).toEqual(['popular']);
  expect(itemsOf(await recommend({ visitorId: 'clara', sessionId: 'phone', count: 1, repeat: 'none' }))).toEqual([
    'ring-10',
  ]);
  expect(
    itemsOf(await recommend({ visitorId: 'anna', items: ['ring-0', 'ring-1'], count: 1, repeat: 'none' })),
  ).toEqual(['ring-2']);
});

test('many at once get what each gets alone', async () => {
  const questions = Array.from({ length: 40 }, (_, i) => ({
    items: [`ring-${i % 12}`, `ring-${(i + 1) % 12}`].slice(0, 1 + (i % 2)),
    count: 1 + (i % 7),
    repeat: 'all',
  }));
  const together = await Promise.all(questions.map((question) => recommend(question)));
  for (const [i, question] of questions.entries()) {
    expect(itemsOf(together[i] as Answer)).toEqual(itemsOf(await recommend(question)));
  }
});

test('an empty shop without a model gives an empty answer, and an answer once events have come', async () => {
  const shop = await startTestApi();
  try {
    expect(await recommend({ items: ['a'] }, shop)).toMatchObject({ model: null, recommendations: [] });
    const yesterday = Date.now() - 3 * 86_400_000;
    await sendViews(shop, { hat: 6, scarf: 5 }, yesterday);
    await sendViews(shop, { scarf: 12 });
    await expect
      .poll(async () => itemsOf(await recommend({ count: 2 }, shop)), { timeout: 60_000, interval: 250 })
      .toEqual(['scarf', 'hat']);
    const { model, recommendations } = await recommend({ count: 2 }, shop);
    expect(model).toBeNull();
    expect(recommendations.map(({ source }) => source)).toEqual(['trending', 'popular']);
  } finally {
    await shop.stop();
  }
});
