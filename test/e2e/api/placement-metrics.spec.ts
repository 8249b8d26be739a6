import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiKeys } from '#access';
import { startTestApi, type Reply, type TestApi } from '../../support/api.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const today = () => new Date().toISOString().slice(0, 10);
const read = (query: string, key = api.secretKey): Promise<Reply> =>
  api.ask('GET', `/v1/metrics/placements${query}`, { key });

async function ask(key: string): Promise<string> {
  const { status, body } = await api.ask('POST', '/v1/recommendations', { key, body: { count: 3 } });
  expect(status).toBe(200);
  return (body as { requestId: string }).requestId;
}

async function send(...events: object[]): Promise<void> {
  const stamped = events.map((event, i) => ({
    eventId: `e-${i}`,
    visitorId: 'v-1',
    occurredAt: new Date().toISOString(),
    ...event,
  }));
  const { body } = await api.ask('POST', '/v1/events', { key: api.publicKey, body: { events: stamped } });
  expect(body).toMatchObject({ accepted: events.length, rejected: [] });
}

test('from the answer to the purchase: what came of it is read a few seconds later, by the shop alone', async () => {
  const from = today();
  await api.ask('PUT', '/v1/items', { body: { items: [{ itemId: 'boot' }, { itemId: 'lace' }] } });
  const { key: ofHats } = await api.app.get(ApiKeys).create('hats', 'secret', 'test');
  await ask(ofHats);
  const requestId = await ask(api.publicKey);
  await ask(api.publicKey);
  await send(
    { type: 'impression', requestId, items: [{ itemId: 'boot' }, { itemId: 'lace' }] },
    { type: 'click', requestId, itemId: 'boot' },
    { type: 'add_to_cart', itemId: 'boot' },
    { type: 'purchase', requestId, currency: 'EUR', items: [{ itemId: 'boot', quantity: 2, price: 24.9 }] },
    { type: 'view', requestId: 'from elsewhere', itemId: 'lace' },
  );
  const question = `?from=${from}&until=${today()}&placement=`;
  const figures = async (key: string) => ((await read(question, key)).body as { figures: object[] }).figures;
  await expect
    .poll(() => figures(api.secretKey), { timeout: 30_000 })
    .toEqual([
      {
        day: from,
        placement: null,
        model: null,
        requests: 2,
        items: expect.any(Number) as number,
        impressions: 2,
        clicks: 1,
        carts: 1,
        purchases: 2,
        revenue: [{ currency: 'EUR', amount: 49.8 }],
        clickThroughRate: 0.5,
      },
    ]);
  expect(await figures(ofHats)).toMatchObject([{ requests: 1, impressions: 0, revenue: [] }]);
});

test('a public key may not read them', async () => {
  expect(await read('', api.publicKey)).toMatchObject({ status: 403 });
});

test('a query string that is wrong is a 400 that names the parameter', async () => {
  const faults = {
    '?from=2026-02-30': ['from', 'from must be a day from 1970 on, such as 2026-01-31'],
    '?until=2026-1-1': ['until', 'until must be a day from 1970 on, such as 2026-01-31'],
    '?from=2026-01-01&from=2026-01-02': ['from', 'from must be a day from 1970 on, such as 2026-01-31'],
    '?from=0001-01-01': ['from', 'from must be a day from 1970 on, such as 2026-01-31'],
    '?from=2026-02-01&until=2026-01-31': ['from', 'from must not be after the last day, which is 2026-01-31.'],
    '?from=2026-01-01&until=2026-04-03': [
      'from',
      'from must be 2026-01-02 or later: until 2026-04-03, that makes 92 days.',
    ],
    '?placement=%00': ['placement', 'placement must not contain control characters or broken Unicode'],
    '?palcement=home': ['palcement', 'palcement is not a known field'],
  };
  for (const [query, [field, message]] of Object.entries(faults)) {
    const { status, body } = await read(query);
    expect({ query, status, body }).toMatchObject({ query, status: 400, body: { errors: [{ field, message }] } });
  }
  expect(await read('?from=9999-12-31&until=9999-12-31')).toMatchObject({ status: 200, body: { figures: [] } });
});

test('a server that is stopped has counted its last answers', async () => {
  const stopped = await startTestApi();
  await stopped.ask('POST', '/v1/recommendations', { body: { count: 3 } });
  await stopped.app.close();
  expect(await stopped.database.dataSource.query('select store, requests from placement_requests')).toEqual([
    { store: 'default', requests: '1' },
  ]);
  await stopped.database.drop();
});
