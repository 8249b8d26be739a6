import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type Question, type Reply, type TestApi } from '../../support/api.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

interface Case extends Omit<Question, 'key'> {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly key?: 'public' | 'none' | 'unknown' | 'misshapen';
  readonly status: number;
  /** What the problem document must tell. */
  readonly tells: RegExp;
}

const recommendations = '/v1/recommendations';
const events = '/v1/events';
const items = '/v1/items';
const longId = 'x'.repeat(10_000);
const deep = '['.repeat(200_000) + ']'.repeat(200_000);

const cases: Case[] = [
  {
    name: '10 MB of JSON',
    path: events,
    body: `{"events":["${'x'.repeat(10_000_000)}"]}`,
    status: 413,
    tells: /at most 5 MB/,
  },
  { name: 'malformed JSON', path: events, body: '{"events": [', status: 400, tells: /not valid JSON/ },
  {
    name: 'JSON cut within a string',
    path: recommendations,
    body: '{"visitorId": "a',
    status: 400,
    tells: /not valid JSON/,
  },
  { name: 'an empty body', path: recommendations, body: '', status: 400, tells: /JSON object/ },
  { name: 'no body', path: recommendations, status: 400, tells: /JSON object/ },
  { name: 'an array for a body', path: recommendations, body: [1], status: 400, tells: /must be a JSON object/ },
  { name: 'null for a body', path: recommendations, body: 'null', status: 400, tells: /must be a JSON object/ },
  { name: 'a number for a body', path: events, body: '1e999', status: 400, tells: /must be a JSON object/ },
  {
    name: 'bytes that are not UTF-8',
    path: events,
    body: Buffer.from([0xff, 0xfe, 0x7b]),
    status: 400,
    tells: /not valid UTF-8/,
  },
  {
    name: 'wrong content type',
    path: recommendations,
    body: '{}',
    type: 'text/plain',
    status: 415,
    tells: /Content-Type: application\/json/,
  },
  {
    name: 'a form',
    path: events,
    body: 'events=1',
    type: 'application/x-www-form-urlencoded',
    status: 415,
    tells: /Content-Type: application\/json/,
  },
  {
    name: 'unknown field',
    path: recommendations,
    body: { limit: 3 },
    status: 400,
    tells: /"field":"limit".*limit is not a known field/,
  },
  {
    name: 'unknown field among events',
    path: events,
    body: { events: [{}], shop: 'x' },
    status: 400,
    tells: /"field":"shop"/,
  },
  {
    name: 'a field named constructor',
    path: recommendations,
    body: '{"constructor": 1}',
    status: 400,
    tells: /constructor/,
  },
  {
    name: 'a field named __proto__',
    path: recommendations,
    body: '{"__proto__": {"count": 5}}',
    status: 400,
    tells: /"field":"__proto__"/,
  },
  { name: 'count 0', path: recommendations, body: { count: 0 }, status: 400, tells: /"field":"count".*from 1 to 100/ },
  {
    name: 'count 100,000',
    path: recommendations,
    body: { count: 100_000 },
    status: 400,
    tells: /"field":"count".*from 1 to 100/,
  },
  { name: 'count 1.5', path: recommendations, body: { count: 1.5 }, status: 400, tells: /"field":"count"/ },
  { name: 'count as text', path: recommendations, body: { count: '5' }, status: 400, tells: /"field":"count"/ },
  { name: 'count as list', path: recommendations, body: { count: [5] }, status: 400, tells: /"field":"count"/ },
  {
    name: 'an unknown repeat mode',
    path: recommendations,
    body: { repeat: "'; drop table events; --" },
    status: 400,
    tells: /"field":"repeat".*all, exceptCurrent, none/,
  },
  {
    name: 'a session without its visitor',
    path: recommendations,
    body: { sessionId: 's' },
    status: 400,
    tells: /"field":"visitorId"/,
  },
  {
    name: 'a number as an id',
    path: recommendations,
    body: { visitorId: 7 },
    status: 400,
    tells: /"field":"visitorId".*text/,
  },
  {
    name: 'an empty id',
    path: recommendations,
    body: { visitorId: '' },
    status: 400,
    tells: /"field":"visitorId".*empty/,
  },
  {
    name: 'an id of 10,000 characters',
    path: recommendations,
    body: { visitorId: longId },
    status: 400,
    tells: /"field":"visitorId".*10000 characters, at most 256/,
  },
  {
    name: 'a long id in items',
    path: recommendations,
    body: { items: ['a', longId] },
    status: 400,
    tells: /"field":"items".*items\[1\] has 10000/,
  },
  {
    name: 'a long id in exclude',
    path: recommendations,
    body: { exclude: [longId] },
    status: 400,
    tells: /"field":"exclude".*exclude\[0\]/,
  },
  {
    name: 'NUL in an id',
    path: recommendations,
    body: { visitorId: 'a\0b' },
    status: 400,
    tells: /"field":"visitorId".*control/,
  },
  { name: 'NUL in items', path: recommendations, body: { items: ['\0'] }, status: 400, tells: /items\[0\].*control/ },
  {
    name: 'a control character in exclude',
    path: recommendations,
    body: { exclude: ['a', 'b\u0007'] },
    status: 400,
    tells: /exclude\[1\].*control/,
  },
  {
    name: 'a control character in sessionId',
    path: recommendations,
    body: { visitorId: 'v', sessionId: '\u009f' },
    status: 400,
    tells: /"field":"sessionId".*control/,
  },
  {
    name: 'items that are no list',
    path: recommendations,
    body: { items: 'a' },
    status: 400,
    tells: /"field":"items".*list of ids/,
  },
  { name: 'an object among items', path: recommendations, body: { items: [{}] }, status: 400, tells: /items\[0\]/ },
  {
    name: '100,000 items',
    path: recommendations,
    body: { items: Array(100_000).fill('a') },
    status: 400,
    tells: /"field":"items".*at most 1000/,
  },
  {
    name: 'deep JSON',
    path: recommendations,
    body: `{"items": ${deep}}`,
    status: 400,
    tells: /"field":"items\[0\].*nested deeper than 16/,
  },
  {
    name: 'deep JSON in an event',
    path: events,
    body: `{"events": [{"eventId": ${deep}}]}`,
    status: 400,
    tells: /"field":"events\[0\]\.eventId.*nested deeper/,
  },
  {
    name: 'deep JSON in an item',
    path: items,
    method: 'PUT',
    body: `{"items": [{"itemId": "a", "attributes": {"x": ${deep}}}]}`,
    status: 400,
    tells: /items\[0\]\.attributes.*nested deeper/,
  },
  {
    name: 'events that are no list',
    path: events,
    body: { events: {} },
    status: 400,
    tells: /"field":"events".*list of 1 to 1000/,
  },
  { name: 'no events', path: events, body: { events: [] }, status: 400, tells: /"field":"events".*list of 1 to 1000/ },
  { name: 'the events missing', path: events, body: {}, status: 400, tells: /"field":"events"/ },
  {
    name: 'too many events',
    path: events,
    body: { events: Array(1_001).fill({}) },
    status: 400,
    tells: /"field":"events".*1 to 1000/,
  },
  {
    name: 'items of a catalogue that are no list',
    path: items,
    method: 'PUT',
    body: { items: 'a' },
    status: 400,
    tells: /"field":"items".*list/,
  },
  {
    name: 'many unknown fields with long names',
    path: recommendations,
    body: Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`${i}${'n'.repeat(200)}`, 1])),
    status: 400,
    tells: /and 4990 more/,
  },
  { name: 'no key', path: recommendations, body: {}, key: 'none', status: 401, tells: /Authorization: Bearer/ },
  { name: 'an unknown key', path: recommendations, body: {}, key: 'unknown', status: 401, tells: /key_unknown/ },
  { name: 'a misshapen key', path: recommendations, body: {}, key: 'misshapen', status: 401, tells: /key_unknown/ },
  {
    name: 'a public key on the items',
    path: items,
    method: 'PUT',
    body: { items: [] },
    key: 'public',
    status: 403,
    tells: /secret key/,
  },
  {
    name: 'a public key on an item',
    path: `${items}/a`,
    method: 'DELETE',
    key: 'public',
    status: 403,
    tells: /secret key/,
  },
  {
    name: 'a public key on the models',
    path: '/v1/models',
    method: 'GET',
    key: 'public',
    status: 403,
    tells: /secret key/,
  },
  {
    name: 'a public key on a promotion',
    path: '/v1/models/x/promote',
    key: 'public',
    status: 403,
    tells: /secret key/,
  },
  { name: 'a public key on a rollback', path: '/v1/models/rollback', key: 'public', status: 403, tells: /secret key/ },
  { name: 'an unknown route', path: '/v1/nothing', method: 'GET', status: 404, tells: /not_found/ },
  { name: 'a wrong method', path: events, method: 'GET', status: 404, tells: /not_found/ },
  { name: 'a route up the tree', path: '/v1/..%2f..%2fetc%2fpasswd', method: 'GET', status: 404, tells: /not_found/ },
  {
    name: 'a broken percent sign in the path',
    path: '/v1/items/%E0%A4%A',
    method: 'DELETE',
    status: 400,
    tells: /percent/,
  },
  { name: 'NUL in a path', path: '/v1/items/%00', method: 'DELETE', status: 400, tells: /"field":"id".*control/ },
  {
    name: 'a long id in a path',
    path: `/v1/items/${'x'.repeat(1_000)}`,
    method: 'DELETE',
    status: 400,
    tells: /"field":"id".*1000 characters/,
  },
  {
    name: 'an id of 10,000 characters in a path',
    path: `/v1/items/${longId}`,
    method: 'DELETE',
    status: 414,
    tells: /path_too_long/,
  },
  { name: 'an unknown model', path: '/v1/models/none/promote', status: 404, tells: /model_not_found/ },
  {
    name: 'SQL for a model',
    path: `/v1/models/${encodeURIComponent("' or 1=1 --")}/promote`,
    status: 404,
    tells: /model_not_found/,
  },
  { name: 'NUL in a model', path: '/v1/models/a%00/promote', status: 400, tells: /"field":"version".*control/ },
  {
    name: 'a rollback with nothing to go back to',
    path: '/v1/models/rollback',
    status: 409,
    tells: /nothing_to_roll_back/,
  },
];

test.each(cases)('$name: $status', async ({ method = 'POST', path, key, status, tells, body, type }) => {
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
});

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
