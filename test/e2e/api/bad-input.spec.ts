import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type Reply, type TestApi } from '../../support/api.js';
import { badPlacementRequests } from './bad-placement-requests.js';
import { badRecommendationRequests } from './bad-recommendation-requests.js';
import { events, items, longId, recommendations } from './bad-request.js';
import { badRequests } from './bad-requests.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

test.each([...badRecommendationRequests, ...badPlacementRequests, ...badRequests])(
  '$name: $status',
  async ({ method = 'POST', path, key, status, tells, body, type }) => {
    const keys = {
      public: api.publicKey,
      none: null,
      unknown: `npk_secret_${'A'.repeat(43)}`,
      misshapen: "npk_secret_' or 1=1 --",
    };
    const reply = await api.ask(method, path, {
      body,
      ...(type && { type }),
      ...(key && { key: keys[key] }),
    });
    expectProblem(reply, status);
    expect(reply.text).toMatch(tells);
    expect(reply.text.length).toBeLessThan(10_000);
    expect((await api.ask('GET', '/health/ready')).status).toBe(200);
  },
);

function expectProblem({ status, type, body, text }: Reply, expected: number): void {
  expect({ status, type }).toEqual({ status: expected, type: 'application/problem+json; charset=utf-8' });
  expect(body).toMatchObject({
    type: 'about:blank',
    status: expected,
    title: expect.stringMatching(/./) as string,
    detail: expect.stringMatching(/./) as string,
    code: expect.stringMatching(/^[a-z_]+$/) as string,
  });
  expect(text).not.toMatch(/\bat .*\.[jt]s:|node_modules|node:internal/);
}

test('SQL in every string is text: stored as given, or just unknown', async () => {
  const sql = `'; drop table events; drop table sessions; -- " $1 \\`;
  const event = {
    eventId: sql,
    visitorId: sql,
    userId: sql,
    sessionId: sql,
    itemId: sql,
    orderId: sql,
    requestId: sql,
  };
  const sent = await api.ask('POST', events, {
    body: { events: [{ ...event, type: 'view', occurredAt: '2026-01-15T10:00:00Z' }] },
  });
  expect(sent).toMatchObject({ status: 202, body: { accepted: 1, duplicates: 0, rejected: [] } });
  const stored = await api.database.dataSource.query<object[]>(
    'select event_id, visitor_id, user_id, session_id, item_id from events where event_id = $1',
    [sql],
  );
  expect(stored).toEqual([{ event_id: sql, visitor_id: sql, user_id: sql, session_id: sql, item_id: sql }]);
  const asked = await api.ask('POST', recommendations, {
    body: { visitorId: sql, sessionId: sql, exclude: [sql], repeat: 'all' },
  });
  expect(asked.status).toBe(200);
  const item = {
    itemId: sql,
    title: sql,
    url: `https://shop.example/${encodeURIComponent(sql)}`,
    categories: [sql],
    attributes: { [sql]: sql },
  };
  expect(await api.ask('PUT', items, { body: { items: [item] } })).toMatchObject({ status: 200 });
  const catalogue = await api.database.dataSource.query<object[]>(
    'select item_id, title, categories, attributes from items',
  );
  expect(catalogue).toEqual([{ item_id: sql, title: sql, categories: [sql], attributes: { [sql]: sql } }]);
  expect((await api.ask('DELETE', `${items}/${encodeURIComponent(sql)}`)).status).toBe(204);
});

test('good events of a request are kept, and each bad one is told with its place and field', async () => {
  const good = { eventId: 'kept', type: 'view', visitorId: 'v', itemId: 'a', occurredAt: '2026-01-15T10:00:00Z' };
  const bad: [object | string, RegExp][] = [
    [{ ...good, eventId: 'e1', itemId: longId }, /itemId/],
    [{ ...good, eventId: 'e2', visitorId: 'a\0' }, /visitorId/],
    [{ ...good, eventId: 'e3', shop: 'x' }, /shop/],
    [{ ...good, eventId: 'e4', occurredAt: 1_768_471_200 }, /occurredAt/],
    [{ ...good, eventId: 'e5', occurredAt: '2126-01-15T10:00:00Z' }, /occurredAt/],
    [{ ...good, eventId: 'e6', type: 'look' }, /type/],
    [{ ...good, eventId: 'e7', consent: false }, /consent/],
    ['text', /object/],
  ];
  const reply = await api.ask('POST', events, { body: { events: [...bad.map(([event]) => event), good] } });
  expect(reply.status).toBe(202);
  const body = reply.body as { accepted: number; rejected: { index: number; code: string; message: string }[] };
  expect(body.accepted).toBe(1);
  expect(body.rejected.map(({ index }) => index)).toEqual(bad.map((_, index) => index));
  for (const [index, [, field]] of bad.entries()) expect(body.rejected[index]?.message).toMatch(field);
  const stored = await api.database.dataSource.query<object[]>(
    `select event_id from events where event_id like 'e_' or event_id = 'kept'`,
  );
  expect(stored).toEqual([{ event_id: 'kept' }]);
});

test.each([
  ['headers of 20 kB', { 'x-long': 'x'.repeat(20_000) }, 431],
  ['a body of no length', { 'content-length': 'x' }, 400],
])('%s: %s', async (_, headers, status) => {
  const reply = await new Promise<{ status: number | undefined; type: string | undefined }>((resolve, reject) => {
    request(`${api.url}/health/live`, { headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, type: response.headers['content-type'] });
    })
      .on('error', reject)
      .end();
  });
  expect(reply).toEqual({ status, type: 'application/problem+json; charset=utf-8' });
  expect((await api.ask('GET', '/health/ready')).status).toBe(200);
});
